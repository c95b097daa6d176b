// The other end of a connection in tests: listens on a free loopback port, in the same loop as what is tested, and says
// what a test tells it to.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <string>

#include "client/native/file.h"
#include "client/native/loop.h"
#include "client/native/server_url.h"

namespace kith::client::native {

class Peer {
 public:
  explicit Peer(Loop& loop) : loop_(loop), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    KITH_CHECK(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    KITH_CHECK(::listen(listener_.get(), 8) == 0);
    socklen_t size = sizeof address;
    KITH_CHECK(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    loop_.watch(listener_.get(), [this] {
      hang_up();
      connection_ = File(::accept(listener_.get(), nullptr, nullptr));
      received_.clear();
      loop_.watch(connection_.get(), [this] { read(); });
    });
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    hang_up();
    loop_.forget(listener_.get());
  }

  // Called with everything received so far, each time that more has come.
  void on_received(std::function<void(const std::string&)> f) { on_received_ = std::move(f); }
  void on_hang_up(std::function<void()> f) { on_hang_up_ = std::move(f); }
  void say(std::string_view text) { KITH_CHECK(write_all(connection_.get(), as_view(text))); }
  void hang_up() {
    if (!connection_) return;
    loop_.forget(connection_.get());
    connection_ = File();
  }
  void forget_received() { received_.clear(); }

  [[nodiscard]] ServerUrl url() const { return {.tls = false, .host = "127.0.0.1", .port = port_}; }

 private:
  void read() {
    char buffer[65536];
    const ssize_t n = ::read(connection_.get(), buffer, sizeof buffer);
    if (n <= 0) {
      hang_up();
      if (on_hang_up_) on_hang_up_();
      return;
    }
    received_.append(buffer, static_cast<std::size_t>(n));
    if (on_received_) on_received_(received_);
  }

  Loop& loop_;
  File listener_;
  File connection_;
  std::uint16_t port_ = 0;
  std::string received_;
  std::function<void(const std::string&)> on_received_;
  std::function<void()> on_hang_up_;
};

// Runs the loop until stop(); false if that takes a minute.
inline bool runs_to_its_end(Loop& loop) {
  bool is_in_time = true;
  Alarm alarm(loop);
  alarm.set(loop.now() + std::chrono::minutes(1), [&] {
    is_in_time = false;
    loop.stop();
  });
  loop.run();
  return is_in_time;
}

}  // namespace kith::client::native
