// A WebSocket to the server (RFC 6455, subprotocol kith.v1): the codec of src/ws over a Stream. Answers pings, and ends
// a connection on which nothing came for 75 seconds: the server pings every 30.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/entropy.h"
#include "client/native/loop.h"
#include "client/native/result.h"
#include "client/native/server_url.h"

namespace kith::client::native {

struct WebSocketEvents {
  std::function<void()> opened;
  std::function<void(ByteView)> message;             // one binary message
  std::function<void(const Failure<Errc>&)> closed;  // once, and then nothing more
};

class WebSocket {
 public:
  // Begins to connect. `loop` and `entropy` outlive it. Callbacks come from the loop and may destroy it.
  WebSocket(Loop& loop, const ServerUrl& server, Entropy& entropy, WebSocketEvents events);
  // Closes without a word, and calls nothing any more.
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // Queues one binary message. Only once `opened`.
  void send(ByteView message);
  // Sends what is queued, says goodbye with this code, then calls `done` (where there is one) and nothing else any
  // more. The object may be destroyed at once.
  void close(std::uint16_t code, std::function<void()> done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kith::client::native
