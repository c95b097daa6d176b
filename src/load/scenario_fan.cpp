// Bare socket writes to many, the ceiling of `group`: whatever one connection sends goes to all others, one write each,
// with no protocol, disk or queue in between.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "load/busy.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {
namespace {

// ---- the server ----

class Fan final : private ReadyHandler {
 public:
  explicit Fan(Reactor& reactor) : reactor_(reactor) {}
  ~Fan() override {
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

 private:
  class End final : private ReadyHandler {
   public:
    End(Fan& fan, int fd) : fan_(fan), fd_(fd) { fan_.reactor_.watch(fd_, EPOLLIN, *this); }
    ~End() override { close(fd_); }
    // False: it does not take all, which one message at a time to a reader that keeps up never does.
    [[nodiscard]] bool write(ByteView bytes) const {
      return is_over_ ||
             ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size());
    }

   private:
    void on_ready(std::uint32_t) override {
      const ByteSpan buffer = fan_.reactor_.read_buffer();
      const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size > 0) return fan_.pass_on(*this, buffer.first(static_cast<std::size_t>(size)));
      fan_.reactor_.unwatch(fd_);
      is_over_ = true;
    }
    Fan& fan_;
    int fd_;
    bool is_over_ = false;
  };

  void on_ready(std::uint32_t) override {
    for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
      ends_.push_back(std::make_unique<End>(*this, fd));
  }
  void pass_on(const End& from, ByteView bytes) {
    for (const auto& end : ends_) {
      if (end.get() != &from && !end->write(bytes)) reactor_.stop();
    }
  }

  Reactor& reactor_;
  int listener_ = -1;
  std::vector<std::unique_ptr<End>> ends_;  // kept to the end: it serves one measurement
};

// ---- its load ----

class Fanned final {
 public:
  Fanned(Reactor& reactor, std::size_t members, std::size_t bytes) : reactor_(reactor), message_(bytes, 0x5A) {
    for (std::size_t i = 0; i < members; ++i) ends_.push_back(std::make_unique<End>(*this));
  }
  Task<Result<void>> connect(Address to) {
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      if (!ends_[i]->connect(to, Address::loopback(i % 64)))
        co_return fail(Errc::connection, "no connection could be made");
      if (i % 64 == 63) co_await reactor_.sleep_for(std::chrono::milliseconds(2));
    }
    co_await reactor_.sleep_for(std::chrono::seconds(1));
    co_return Result<void>{};
  }
  void start() {
    running_ = true;
    send();
  }
  void hold() { running_ = false; }
  std::uint64_t delivered_bytes = 0;
  std::string trouble;
  [[nodiscard]] std::size_t message_bytes() const { return message_.size(); }

 private:
  class End final : private StreamOwner {
   public:
    explicit End(Fanned& all) : all_(all), stream_(all.reactor_, *this) {}
    bool connect(const Address& to, const Address& from) { return stream_.connect(to, from); }
    void send(ByteView bytes) { stream_.send(bytes); }

   private:
    void on_connected() override {}
    void on_data(ByteSpan bytes) override { all_.receive(bytes.size()); }
    void on_closed(const std::string& why) override { all_.trouble = why; }
    Fanned& all_;
    Stream stream_;
  };
  void send() {
    missing_ = (ends_.size() - 1) * message_.size();
    ends_[0]->send(message_);
  }
  void receive(std::size_t bytes) {
    delivered_bytes += bytes;
    missing_ -= std::min(missing_, bytes);
    if (missing_ == 0 && running_) send();
  }

  Reactor& reactor_;
  Bytes message_;
  std::vector<std::unique_ptr<End>> ends_;  // the sender first
  std::size_t missing_ = 0;
  bool running_ = false;
};

}  // namespace

Result<void> serve_fan(Reactor& reactor, const Options& options) {
  const auto at = Address::from(options.server_ip, options.port);
  Fan fan(reactor);
  if (!at || !fan.listen(*at)) return fail(Errc::bad_state, "the fan cannot listen there");
  reactor.run([] { return false; }, std::chrono::seconds(options.limit_seconds));
  return {};
}

Task<Result<void>> run_fan(Reactor& reactor, const Options& options) {
  const auto to = Address::from(options.server_ip, options.port);
  if (!to) co_return fail(Errc::unexpected, "--ip is no IPv4 address");
  if (options.members < 2 || options.bytes == 0) co_return fail(Errc::unexpected, "--members or --bytes is too small");
  Fanned fanned(reactor, options.members, options.bytes);
  KITH_CO_TRY_VOID(co_await fanned.connect(*to));
  fanned.start();
  co_await reactor.sleep_for(std::chrono::seconds(1));
  fanned.delivered_bytes = 0;
  const Busy busy(options.pid);
  co_await reactor.sleep_for(std::chrono::seconds(options.seconds));
  const auto usage = busy.usage();
  const auto delivered = static_cast<double>(fanned.delivered_bytes) / static_cast<double>(fanned.message_bytes());
  if (!fanned.trouble.empty()) co_return fail(Errc::connection, fanned.trouble);
  Report report("fan");
  report.add("members", "sockets", static_cast<double>(options.members), "");
  report.add("bytes", "message", static_cast<double>(options.bytes), "bytes");
  report_deliveries(report, "fan", "bare writes", delivered, usage);
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
