#include <memory>

#include "load/busy.h"
#include "load/crowd.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {
namespace {

constexpr auto kWarmUp = std::chrono::seconds(1);
constexpr auto kTick = std::chrono::milliseconds(20);
constexpr int kMaxQuietTicks = 500;
constexpr double kMessagesPerSecond = 10;  // of the open loop

Task<Result<void>> wait(Reactor& reactor, const CrowdTotals& totals, std::chrono::milliseconds duration) {
  for (const auto end = Clock::now() + duration; Clock::now() < end;) {
    if (!totals.trouble.empty()) co_return fail(Errc::unexpected, totals.trouble);
    co_await reactor.sleep_for(kTick);
  }
  co_return Result<void>{};
}

// Makes messages due at an even rate for so long.
Task<void> send_evenly(Reactor& reactor, Crowd& crowd, std::chrono::seconds duration) {
  const auto gap = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / kMessagesPerSecond));
  const auto begin = Clock::now();
  for (auto due = begin; due < begin + duration; due += gap) {
    const auto now = Clock::now();
    if (due > now) co_await reactor.sleep_for(std::chrono::duration_cast<std::chrono::microseconds>(due - now));
    crowd.send(due);
  }
}

Task<Result<void>> settle(Reactor& reactor, const Crowd& crowd, const CrowdTotals& totals) {
  for (int i = 0; i < kMaxQuietTicks && totals.trouble.empty(); ++i) {
    if (crowd.is_quiet()) co_return Result<void>{};
    co_await reactor.sleep_for(kTick);
  }
  if (!totals.trouble.empty()) co_return fail(Errc::unexpected, totals.trouble);
  co_return fail(Errc::out_of_time, "messages were sent that not everybody got");
}

Task<Result<void>> measure_window(Reactor& reactor, Crowd& crowd, CrowdTotals& totals, const Options& options,
                                  std::size_t window, Report& report) {
  crowd.start(window);
  KITH_CO_TRY_VOID(co_await wait(reactor, totals, kWarmUp));
  totals.delivered = 0;
  const Busy busy(options.pid);
  KITH_CO_TRY_VOID(co_await wait(reactor, totals, std::chrono::seconds(options.seconds)));
  const auto usage = busy.usage();
  const auto delivered = static_cast<double>(totals.delivered);
  crowd.hold();
  KITH_CO_TRY_VOID(co_await settle(reactor, crowd, totals));
  const std::string key = "window" + std::to_string(window);
  const std::string label = "window " + std::to_string(window);
  report_deliveries(report, key, label, delivered, usage);
  co_return Result<void>{};
}

}  // namespace

void report_deliveries(Report& report, const std::string& key, const std::string& label, double delivered,
                       const Usage& usage) {
  report.add(key + "_per_s", label + ": delivered", delivered / usage.seconds, "/s");
  if (usage.server && delivered > 0) {
    // Unlike the rate, this hardly changes when others keep the machine busy, or when the load's core is the full one.
    report.add(key + "_per_core_s", label + ": delivered for each second of the server's time",
               delivered / (*usage.server * usage.seconds), "/s");
  }
  usage.report(report, key, label);
}

Task<Result<void>> run_group(Reactor& reactor, Population& population, const Options& options) {
  const auto begin = Clock::now();
  KITH_CO_TRY_VOID(co_await population.ensure_accounts(options.members));
  KITH_CO_TRY(const auto group, co_await population.ensure_group(options.members));
  const double made_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto before = memory_of(options.pid);
  CrowdTotals totals;
  Crowd crowd(reactor, totals);
  KITH_CO_TRY_VOID(co_await crowd.open(population, group, options.bytes, options.concurrency));

  Report report("group");
  report.add("members", "members, all online", static_cast<double>(options.members), "");
  report.add("make_seconds", "accounts and group made, where they were not there", made_seconds, "s");
  report.add("text_bytes", "text of a message", static_cast<double>(options.bytes), "bytes");
  report.add("hint_bytes", "what each member's socket gets", static_cast<double>(crowd.hint_bytes()), "bytes");
  for (const std::size_t window : {std::size_t{1}, std::size_t{16}}) {
    KITH_CO_TRY_VOID(co_await measure_window(reactor, crowd, totals, options, window, report));
  }
  totals.measuring = true;
  Histogram others;
  bool is_over = false;
  TaskScope probes;
  probes.spawn(crowd.probe(others, is_over));
  const Busy busy(options.pid);
  co_await send_evenly(reactor, crowd, std::chrono::seconds(2 * options.seconds));
  KITH_CO_TRY_VOID(co_await settle(reactor, crowd, totals));
  is_over = true;
  report.add("even_per_s", "at an even rate: messages", kMessagesPerSecond, "/s");
  report.add_latency("even_ack", "at an even rate: send to ack", totals.ack);
  report.add_latency("even_last", "at an even rate: send to the last member", totals.last);
  report.add_latency("even_others", "at an even rate: others' requests, through the busy load", others);
  busy.usage().report(report, "even", "at an even rate");
  if (const auto after = memory_of(options.pid); after && before) {
    report.add("pss_kib_each", "server memory a member online",
               (static_cast<double>(after->pss_bytes) - static_cast<double>(before->pss_bytes)) / 1024 /
                   static_cast<double>(options.members),
               "KiB");
  }
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
