#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {

Task<Result<void>> run_prepare(Reactor& reactor, Population& population, const Options& options) {
  static_cast<void>(reactor);
  const auto begin = Clock::now();
  const std::size_t count = std::max(options.accounts, accounts_needed(options));
  const std::size_t before = population.size();
  KITH_CO_TRY_VOID(co_await population.ensure_accounts(count));
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto made = static_cast<double>(population.size() - std::min(before, population.size()));
  const auto conversations_begin = Clock::now();
  KITH_CO_TRY([[maybe_unused]] const auto pairs, co_await population.ensure_directs(pairs_of_lanes(options)));
  KITH_CO_TRY([[maybe_unused]] const auto drained, co_await population.ensure_directs(pairs_of_drain(options)));
  const double conversation_seconds = std::chrono::duration<double>(Clock::now() - conversations_begin).count();

  Report report("prepare");
  report.add("accounts", "accounts registered", made, "");
  report.add("accounts_per_s", "registrations", made / seconds, "/s");
  report.add("conversations", "direct conversations asked for", static_cast<double>(pairs.size() + drained.size()), "");
  report.add("conversation_seconds", "time for them", conversation_seconds, "s");
  report.print();
  co_return Result<void>{};
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_of_lanes(const Options& options) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < options.pairs; ++i) pairs.emplace_back(2 * i, 2 * i + 1);
  return pairs;
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_of_drain(const Options& options) {
  const std::size_t first_sender = 2 * options.pairs;
  const std::size_t senders = (options.users + kReadersASender - 1) / kReadersASender;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < options.users; ++i) {
    pairs.emplace_back(first_sender + i / kReadersASender, first_sender + senders + i);
  }
  return pairs;
}

std::size_t accounts_needed(const Options& options) {
  std::size_t needed = 2 * options.pairs;
  for (const auto& [a, b] : pairs_of_drain(options)) needed = std::max(needed, b + 1);
  return needed;
}

}  // namespace kith::load
