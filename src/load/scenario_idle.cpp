#include <memory>

#include "load/busy.h"
#include "load/report.h"
#include "load/scenarios.h"
#include "load/workers.h"

namespace kith::load {
namespace {

constexpr auto kSettle = std::chrono::seconds(2);
constexpr std::size_t kMaxConnections = 19'000;

class IdleCrowd final : public SessionEvents {
 public:
  IdleCrowd(Reactor& reactor, const Population& population) : reactor_(reactor), population_(population) {}

  enum class Then : std::uint8_t { stay, leave };
  // Opens sessions for accounts 0 to count-1, `concurrency` at a time, each with Hello and Sync.
  Task<Result<void>> open(std::size_t count, std::size_t concurrency, Then then) {
    sessions_.clear();
    sessions_.resize(count);
    then_ = then;
    co_return co_await spread_work(reactor_, count, concurrency, [this](std::size_t index) { return open_one(index); });
  }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  Task<Result<void>> open_one(std::size_t index) {
    sessions_[index] = std::make_unique<Session>(reactor_, *this);
    Session& session = *sessions_[index];
    const auto& account = population_.account(index);
    KITH_CO_TRY([[maybe_unused]] const auto hello,
                co_await session.open(population_.server(), Address::loopback(index % 64), account.access_token));
    KITH_CO_TRY([[maybe_unused]] const auto synced, co_await session.request_for<wire::SyncOk>(wire::Sync{}));
    if (then_ == Then::leave) sessions_[index].reset();
    co_return Result<void>{};
  }
  void on_frame(Session&, const wire::Frame&) override {}
  void on_lost(Session&, const std::string& why) override {
    if (trouble_.empty()) trouble_ = why;
  }

  Reactor& reactor_;
  const Population& population_;
  std::vector<std::unique_ptr<Session>> sessions_;
  Then then_ = Then::stay;
  std::string trouble_;
};

}  // namespace

Task<Result<void>> run_idle(Reactor& reactor, Population& population, const Options& options) {
  if (options.connections > kMaxConnections)
    co_return fail(Errc::unexpected, "--connections is over what a process may open");
  KITH_CO_TRY_VOID(co_await population.ensure_accounts(options.connections));
  IdleCrowd crowd(reactor, population);
  const auto fresh = memory_of(options.pid);
  if (!fresh) co_return fail(Errc::bad_state, "--pid names no process whose memory can be read");
  // Everybody was here once: what that leaves in the server's caches, whose size is fixed, is not the connections'.
  KITH_CO_TRY_VOID(co_await crowd.open(options.connections, options.concurrency, IdleCrowd::Then::leave));
  co_await reactor.sleep_for(kSettle);

  const auto before = memory_of(options.pid);
  if (!before) co_return fail(Errc::bad_state, "kithd is gone");
  const Busy busy(options.pid);
  KITH_CO_TRY_VOID(co_await crowd.open(options.connections, options.concurrency, IdleCrowd::Then::stay));
  const auto usage = busy.usage();
  co_await reactor.sleep_for(kSettle);
  const auto after = memory_of(options.pid);
  if (!after) co_return fail(Errc::bad_state, "kithd is gone");
  if (!crowd.trouble().empty()) co_return fail(Errc::connection, crowd.trouble());

  const auto count = static_cast<double>(options.connections);
  const auto each = [&](std::uint64_t now, std::uint64_t then) {
    return (static_cast<double>(now) - static_cast<double>(then)) / count / 1024;
  };
  Report report("idle");
  report.add("connections", "connections, authenticated and synced", count, "");
  report.add("setup_per_s", "set up", count / usage.seconds, "/s");
  usage.report(report, "setup", "setting up");
  report.add("pss_kib_each", "server memory a connection (PSS)", each(after->pss_bytes, before->pss_bytes), "KiB");
  report.add("rss_kib_each", "server memory a connection (RSS)", each(after->rss_bytes, before->rss_bytes), "KiB");
  report.add("caches_kib_each", "what caches hold of an account", each(before->pss_bytes, fresh->pss_bytes), "KiB");
  report.add("pss_mib", "server memory in all (PSS)", static_cast<double>(after->pss_bytes) / 1024 / 1024, "MiB");
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
