// One I/O thread: an io_context with a node of services on it, its HTTP connections and its live sockets. Store, bus
// and services are made and destroyed on the thread itself.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>

#include "server/edge/asio_scheduler.h"
#include "server/edge/parts.h"

namespace kith::server::edge {

class IoThread {
 public:
  // Starts the thread. `parts` and `options` outlive it; `is_ready` is thread-safe.
  IoThread(const Parts& parts, const Options& options, std::function<bool()> is_ready);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  boost::asio::io_context& io() { return io_; }
  // Thread-safe. The socket belongs to io().
  void adopt(boost::asio::ip::tcp::socket socket);
  // Thread-safe: begins the end; the thread ends when nothing is left to do, or after Timing::drain.
  void drain();
  void join();

  // Connections, HTTP and live, as of the last look; for the limit at the door.
  [[nodiscard]] std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

 private:
  struct Life;
  void take_census();
  void begin_drain();
  void run(const Parts& parts, const Options& options, const std::function<bool()>& is_ready);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  AsioScheduler scheduler_{io_};
  Timing timing_;
  Life* life_ = nullptr;  // of the thread: set while it runs
  bool is_draining_ = false;
  std::atomic<std::size_t> connections_ = 0;
  std::thread thread_;
};

}  // namespace kith::server::edge
