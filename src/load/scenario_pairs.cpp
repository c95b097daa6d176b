#include <algorithm>
#include <cmath>
#include <memory>

#include "load/busy.h"
#include "load/lane.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {
namespace {

constexpr auto kWarmUp = std::chrono::seconds(1);
constexpr auto kTick = std::chrono::milliseconds(20);
constexpr int kMaxQuietTicks = 500;

using Lanes = std::vector<std::unique_ptr<Lane>>;

struct Figures {
  double delivered_per_s = 0;
  Usage usage;
};

// Makes messages due at an even rate, lane after lane.
class Pacer {
 public:
  Pacer(Reactor& reactor, Lanes& lanes, double rate)
      : reactor_(reactor), lanes_(lanes), gap_ns_(1e9 / rate), begin_(Clock::now()) {}
  void start() { arm(); }
  void stop() { *running_ = false; }

 private:
  Clock::time_point when(std::uint64_t number) const {
    return begin_ + std::chrono::nanoseconds(std::llround(gap_ns_ * static_cast<double>(number)));
  }
  void arm() {
    reactor_.post_at(when(next_), [this, running = running_] {
      if (!*running) return;
      for (const auto now = Clock::now(); when(next_) <= now; ++next_) lanes_[next_ % lanes_.size()]->due(when(next_));
      arm();
    });
  }
  Reactor& reactor_;
  Lanes& lanes_;
  double gap_ns_;
  Clock::time_point begin_;
  std::uint64_t next_ = 0;
  // Outlives the pacer in timers that are still set.
  std::shared_ptr<bool> running_ = std::make_shared<bool>(true);
};

Task<Result<void>> wait(Reactor& reactor, const LaneTotals& totals, std::chrono::milliseconds duration) {
  const auto end = Clock::now() + duration;
  while (Clock::now() < end) {
    if (!totals.trouble.empty()) co_return fail(Errc::unexpected, totals.trouble);
    co_await reactor.sleep_for(std::min<std::chrono::microseconds>(
        kTick, std::chrono::duration_cast<std::chrono::microseconds>(end - Clock::now())));
  }
  co_return Result<void>{};
}

Task<Result<Figures>> measure(Reactor& reactor, Lanes& lanes, LaneTotals& totals, const Options& options,
                              std::size_t window, std::optional<double> rate) {
  for (const auto& lane : lanes) lane->start(window, !rate);
  std::optional<Pacer> pacer;
  if (rate) pacer.emplace(reactor, lanes, *rate).start();
  KITH_CO_TRY_VOID(co_await wait(reactor, totals, kWarmUp));
  totals.reset_figures();
  totals.measuring = true;
  const Busy busy(options.pid);
  KITH_CO_TRY_VOID(co_await wait(reactor, totals, std::chrono::seconds(options.seconds)));
  totals.measuring = false;
  const auto usage = busy.usage();
  const Figures figures{.delivered_per_s = static_cast<double>(totals.delivered) / usage.seconds, .usage = usage};
  if (pacer) pacer->stop();
  for (const auto& lane : lanes) lane->hold();
  for (int i = 0; i < kMaxQuietTicks; ++i) {
    if (std::ranges::all_of(lanes, &Lane::is_quiet)) co_return figures;
    co_await reactor.sleep_for(kTick);
  }
  co_return fail(Errc::out_of_time, "messages were sent that were never acknowledged or delivered");
}

void report_run(Report& report, const std::string& key, const std::string& label, const Figures& figures,
                const LaneTotals& totals) {
  report.add(key + "_per_s", label + ": delivered", figures.delivered_per_s, "/s");
  report.add_latency(key + "_ack", label + ": send to ack", totals.ack);
  report.add_latency(key + "_delivery", label + ": send to delivered", totals.delivery);
  figures.usage.report(report, key, label);
  // Unlike the rate, this hardly changes when others keep the machine busy.
  if (figures.usage.server && figures.delivered_per_s > 0) {
    report.add(key + "_server_cpu_us", label + ": server's time a message",
               *figures.usage.server * 1e6 / figures.delivered_per_s, "µs");
  }
}

Task<Result<Lanes>> open_lanes(Reactor& reactor, Population& population, const Options& options, LaneTotals& totals) {
  KITH_CO_TRY_VOID(co_await population.ensure_accounts(2 * options.pairs));
  KITH_CO_TRY(const auto directs, co_await population.ensure_directs(pairs_of_lanes(options)));
  Lanes lanes;
  for (std::size_t i = 0; i < directs.size(); ++i) {
    auto& lane = lanes.emplace_back(std::make_unique<Lane>(reactor, totals));
    KITH_CO_TRY_VOID(co_await lane->open(population.server(), population.account(directs[i].a),
                                         population.account(directs[i].b), directs[i].conversation, options.bytes,
                                         Address::loopback(i % options.concurrency)));
  }
  co_return lanes;
}

}  // namespace

Task<Result<void>> run_pairs(Reactor& reactor, Population& population, const Options& options) {
  LaneTotals totals;
  KITH_CO_TRY(auto lanes, co_await open_lanes(reactor, population, options, totals));
  if (lanes.empty()) co_return fail(Errc::unexpected, "--pairs is 0");
  Report report("pairs");
  report.add("pairs", "pairs", static_cast<double>(lanes.size()), "");
  report.add("text_bytes", "text of a message", static_cast<double>(options.bytes), "bytes");
  report.add("payload_bytes", "MLS message that carries it", static_cast<double>(lanes[0]->payload_bytes()), "bytes");
  const auto windows = options.window == 0 ? std::vector<std::size_t>{1, 64} : std::vector<std::size_t>{options.window};
  for (const auto window : windows) {
    const std::string key = "window" + std::to_string(window);
    const std::string label = "window " + std::to_string(window);
    KITH_CO_TRY(const auto full, co_await measure(reactor, lanes, totals, options, window, std::nullopt));
    report_run(report, key, label, full, totals);
    if (options.window != 0) continue;
    KITH_CO_TRY(const auto half,
                co_await measure(reactor, lanes, totals, options, Lane::kMaxWindow, full.delivered_per_s / 2));
    report_run(report, key + "_half", "half of that", half, totals);
  }
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
