// The server as others see it: a port that speaks HTTP/1.1 and WebSocket, and a way to stop it gracefully.
//
// One thread accepts and hands sockets to the I/O threads in turn. drain(): accepting ends, live clients are told to
// come back later (each at another time), what is unanswered is finished for at most Timing::drain, then every thread
// ends and with it every store instance; the engines behind them are the caller's to close.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "server/edge/io_thread.h"
#include "server/edge/parts.h"

namespace kith::server::edge {

class Server {
 public:
  // Listens before it returns. The error is a sentence for the operator.
  static std::expected<std::unique_ptr<Server>, std::string> start(Parts parts, Options options);
  // Stops at once where drain() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Thread-safe; returns at once.
  void drain();
  // Until every thread has ended.
  void wait();

 private:
  Server(Parts parts, Options options);
  [[nodiscard]] std::expected<void, std::string> listen();
  void accept();
  void accept_later();
  void stop_accepting();
  [[nodiscard]] std::size_t connections() const;

  Parts parts_;
  Options options_;
  std::atomic<bool> is_draining_ = false;
  std::vector<std::unique_ptr<IoThread>> threads_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer pause_{io_};
  std::size_t next_ = 0;
  std::uint16_t port_ = 0;
  std::thread accepting_;
};

}  // namespace kith::server::edge
