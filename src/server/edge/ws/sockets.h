// All live sockets of one I/O thread: who is readable, who has something to send, whose time is up.
//
// An epoll of its own (level-triggered, inside the io_context's) spares each socket Asio's state and each read an
// allocation and a system call. There is one read buffer for the thread; a socket keeps bytes of its own only while a
// message is incomplete. What gathers in one turn is sent at its end, each socket's in one system call. Belongs to its
// thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "base/entropy.h"
#include "base/task.h"
#include "server/edge/access_tokens.h"
#include "server/edge/log.h"
#include "server/edge/parts.h"
#include "server/edge/ws/session.h"
#include "server/service/node.h"

namespace kith::server::edge {

class Sockets {
 public:
  struct Surroundings {
    boost::asio::io_context& io;
    Scheduler& scheduler;
    service::Node& node;
    domain::Bus& bus;
    const AccessTokens& tokens;
    Entropy& entropy;
    Log& log;
    TaskScope& tasks;  // runs requests; cleared before this goes
    const Timing& timing;
    std::size_t max_buffered_bytes;
    const SocketCalls& calls = SocketCalls::kernel();
  };

  explicit Sockets(Surroundings surroundings);
  ~Sockets();
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // Takes a connected socket: `greeting` is sent first; `received` came behind the handshake.
  void adopt(int socket, Bytes greeting, ByteView received);

  // Says goodbye to all: each is closed when what it asked is answered.
  void drain();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }

 private:
  friend class Session;
  static constexpr std::size_t kReadBytes = 128 * 1024;
  static constexpr std::size_t kMaxOfDevice = 8;      // live ones on this thread
  static constexpr std::size_t kFlushedAtOnce = 256;  // in one turn

  // For sessions:
  // False where the system refuses.
  [[nodiscard]] bool watch(Session& session, std::uint32_t events);
  void flush_later(Session& session);
  void forget(Session& session);
  // Of sessions that become live and that end: the oldest beyond kMaxOfDevice is sent away.
  void enter(Session& session);
  void leave(Session& session);
  void account(Session& session);
  [[nodiscard]] bool is_over_budget() const { return buffered_bytes_ > around_.max_buffered_bytes; }
  [[nodiscard]] std::uint32_t ticks(std::chrono::milliseconds duration) const {
    return static_cast<std::uint32_t>(duration / around_.timing.tick);
  }

  void wait();
  void poll();
  void tick();
  void flush_all();

  Surroundings around_;
  boost::asio::posix::stream_descriptor epoll_;
  boost::asio::steady_timer ticker_;
  TimingWheel wheel_;
  std::uint32_t now_tick_ = 0;
  std::vector<std::shared_ptr<Session>> by_socket_;  // by file descriptor
  std::size_t size_ = 0;
  std::size_t buffered_bytes_ = 0;
  std::vector<std::shared_ptr<Session>> to_flush_;
  bool is_polling_ = false;  // a flush will follow
  Bytes read_buffer_;
};

}  // namespace kith::server::edge
