// A relay of bytes between pairs of connections, and its load: no protocol, no disk, the same loop and sockets as
// everything else here. What kithd delivers is to be read as a share of this.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>

#include "base/check.h"
#include "load/busy.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {
namespace {

using PairNumber = std::uint32_t;

// ---- the relay ----

class Relay;

// One accepted connection. Its first four bytes name its pair; everything after them goes to the other half.
class Half final : private StreamOwner {
 public:
  Half(Reactor& reactor, Relay& relay, int fd) : relay_(relay), stream_(reactor, *this) { stream_.adopt(fd); }
  void link(Half& peer) { peer_ = &peer; }

 private:
  void on_connected() override {}
  void on_data(ByteSpan bytes) override;
  void on_closed(const std::string&) override {
    if (peer_ != nullptr) peer_->peer_ = nullptr;
    peer_ = nullptr;
  }
  Relay& relay_;
  Stream stream_;
  Half* peer_ = nullptr;
  bool named_ = false;
};

class Relay final : private ReadyHandler {
 public:
  explicit Relay(Reactor& reactor) : reactor_(reactor) {}
  ~Relay() override {
    if (listener_ >= 0) close(listener_);
  }
  bool listen(const Address& at) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&at.value), sizeof at.value) != 0) return false;
    if (::listen(listener_, 4096) != 0) return false;
    reactor_.watch(listener_, EPOLLIN, *this);
    return true;
  }
  void join(PairNumber pair, Half& half) {
    const auto [it, is_first] = waiting_.emplace(pair, &half);
    if (is_first) return;
    it->second->link(half);
    half.link(*it->second);
    waiting_.erase(it);
  }

 private:
  void on_ready(std::uint32_t) override {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      halves_.push_back(std::make_unique<Half>(reactor_, *this, fd));
    }
  }
  Reactor& reactor_;
  int listener_ = -1;
  std::unordered_map<PairNumber, Half*> waiting_;
  std::vector<std::unique_ptr<Half>> halves_;  // kept to the end: the relay serves one measurement
};

void Half::on_data(ByteSpan bytes) {
  if (!named_) {
    if (bytes.size() < sizeof(PairNumber)) return stream_.close();
    PairNumber pair = 0;
    std::memcpy(&pair, bytes.data(), sizeof pair);
    named_ = true;
    relay_.join(pair, *this);
    bytes = bytes.subspan(sizeof pair);
  }
  if (peer_ != nullptr && !bytes.empty()) peer_->stream_.send(bytes);
}

// ---- its load ----

struct RelayTotals {
  std::uint64_t delivered = 0;
  bool measuring = false;
  Histogram delivery;
  std::string trouble;
};

class RelayLane {
 public:
  RelayLane(Reactor& reactor, RelayTotals& totals, PairNumber pair, std::size_t bytes)
      : totals_(totals), message_(bytes, 0x5A), pair_(pair), sender_(*this, reactor), receiver_(*this, reactor) {}

  bool connect(const Address& to) { return sender_.connect(to, pair_) && receiver_.connect(to, pair_); }
  void start(std::size_t window) {
    running_ = true;
    for (std::size_t i = sent_.size(); i < window; ++i) send(Clock::now());
  }
  void hold() { running_ = false; }
  [[nodiscard]] bool is_quiet() const { return sent_.empty(); }

 private:
  class End final : private StreamOwner {
   public:
    End(RelayLane& lane, Reactor& reactor) : lane_(lane), stream_(reactor, *this) {}
    bool connect(const Address& to, PairNumber pair) {
      Bytes name(sizeof pair);
      std::memcpy(name.data(), &pair, sizeof pair);
      if (!stream_.connect(to, std::nullopt)) return false;
      stream_.send(name);
      return true;
    }
    void send(ByteView bytes) { stream_.send(bytes); }

   private:
    void on_connected() override {}
    void on_data(ByteSpan bytes) override { lane_.receive(bytes.size()); }
    void on_closed(const std::string& why) override { lane_.totals_.trouble = why; }
    RelayLane& lane_;
    Stream stream_;
  };

  void send(Clock::time_point now) {
    sent_.push_back(now);
    sender_.send(message_);
  }
  void receive(std::size_t bytes) {
    const auto now = Clock::now();
    for (received_ += bytes; received_ >= message_.size(); received_ -= message_.size()) {
      KITH_CHECK(!sent_.empty());
      if (totals_.measuring) totals_.delivery.add(std::chrono::nanoseconds(now - sent_.front()).count());
      sent_.pop_front();
      ++totals_.delivered;
      if (running_) send(now);
    }
  }

  RelayTotals& totals_;
  Bytes message_;
  PairNumber pair_;
  End sender_;
  End receiver_;
  std::deque<Clock::time_point> sent_;
  std::size_t received_ = 0;
  bool running_ = false;
};

}  // namespace

Result<void> serve_relay(Reactor& reactor, const Options& options) {
  const auto at = Address::from(options.server_ip, options.port);
  Relay relay(reactor);
  if (!at || !relay.listen(*at)) return fail(Errc::bad_state, "the relay cannot listen there");
  reactor.run([] { return false; }, std::chrono::seconds(options.limit_seconds));
  return {};
}

Task<Result<void>> run_relay(Reactor& reactor, const Options& options) {
  const auto to = Address::from(options.server_ip, options.port);
  if (!to) co_return fail(Errc::unexpected, "--ip is no IPv4 address");
  RelayTotals totals;
  std::vector<std::unique_ptr<RelayLane>> lanes;
  for (std::size_t i = 0; i < options.pairs; ++i) {
    lanes.push_back(std::make_unique<RelayLane>(reactor, totals, static_cast<PairNumber>(i),
                                                std::max<std::size_t>(options.bytes, 1)));
    if (!lanes.back()->connect(*to)) co_return fail(Errc::connection, "no connection could be made");
  }
  // Both halves must be linked before the first message, or it would have nowhere to go.
  co_await reactor.sleep_for(std::chrono::seconds(1));
  Report report("relay");
  report.add("bytes", "message", static_cast<double>(options.bytes), "bytes");
  for (const std::size_t window : {std::size_t{1}, std::size_t{64}}) {
    for (const auto& lane : lanes) lane->start(window);
    co_await reactor.sleep_for(std::chrono::seconds(1));
    totals.delivered = 0;
    totals.delivery.clear();
    totals.measuring = true;
    const Busy busy(options.pid);
    co_await reactor.sleep_for(std::chrono::seconds(options.seconds));
    totals.measuring = false;
    const auto usage = busy.usage();
    const std::string key = "window" + std::to_string(window);
    const std::string label = "window " + std::to_string(window);
    report.add(key + "_per_s", label + ": relayed", static_cast<double>(totals.delivered) / usage.seconds, "/s");
    report.add_latency(key + "_delivery", label + ": send to delivered", totals.delivery);
    usage.report(report, key, label);
    if (!totals.trouble.empty()) co_return fail(Errc::connection, totals.trouble);
    for (const auto& lane : lanes) lane->hold();
    co_await reactor.sleep_for(std::chrono::milliseconds(500));
    if (!std::ranges::all_of(lanes, &RelayLane::is_quiet)) co_return fail(Errc::unexpected, "the relay lost bytes");
  }
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
