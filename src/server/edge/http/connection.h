// One HTTP/1.1 connection: reads a request, has it answered, writes the response, and again while the client wants; or
// hands the socket over when a WebSocket handshake asks for it. Beast reads, what is written is put together here.
//
// The attacker sends slowly, without end, or nonsense: heads are at most 16 KiB; a body of more than kSmallBodyBytes is
// read only where its head tells of a request that may have one, by somebody with a good token where one is needed, and
// while all of them together leave room; a request and the pause before it together take at most Timing::http, as may
// each piece of a response; and what is not HTTP gets one named error and a closed connection.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <unordered_set>

#include "base/bytes.h"
#include "base/task.h"
#include "server/edge/http/registry.h"

namespace kith::server::edge {

class HttpConnection;

// All HTTP connections of one I/O thread.
class HttpDoor {
 public:
  struct Settings {
    std::chrono::milliseconds time_limit;
    bool trust_forwarded_for = false;
    std::size_t max_large_body_bytes;  // of all bodies over kSmallBodyBytes that are being read or answered
  };
  // Takes a connected socket whose client asked for a WebSocket: the answer still to be sent, and what came behind the
  // request.
  using Upgrade = std::function<void(int socket, std::string answer, ByteView received)>;

  // `tasks` runs the handlers and is cleared before this and the site go.
  HttpDoor(const Site& site, TaskScope& tasks, Settings settings, Upgrade upgrade)
      : site_(site), tasks_(tasks), settings_(settings), upgrade_(std::move(upgrade)) {}

  void adopt(boost::asio::ip::tcp::socket socket);
  // Closes what is idle now and everything else after its response.
  void drain();
  [[nodiscard]] std::size_t size() const { return open_->size(); }

 private:
  friend class HttpConnection;
  // Shared with the connections, since the io_context may destroy some of them after the door.
  using Open = std::unordered_set<HttpConnection*>;

  const Site& site_;
  TaskScope& tasks_;
  Settings settings_;
  Upgrade upgrade_;
  bool is_draining_ = false;
  // Shared like open_.
  std::shared_ptr<std::size_t> large_body_bytes_ = std::make_shared<std::size_t>(0);
  std::shared_ptr<Open> open_ = std::make_shared<Open>();
};

}  // namespace kith::server::edge
