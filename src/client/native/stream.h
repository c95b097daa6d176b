// A connection to the server as a stream of bytes, plain or in TLS (the certificate verified against the system's
// authorities and the host's name; never without). Knows nothing of what travels in it.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "client/native/loop.h"
#include "client/native/result.h"
#include "client/native/server_url.h"

namespace kith::client::native {

// Called from the loop. After `closed` nothing more is called; it is also called when no connection came about.
struct StreamEvents {
  std::function<void()> opened;
  std::function<void(ByteSpan)> received;
  std::function<void(const Failure<Errc>&)> closed;
};

class Stream {
 public:
  // Begins to connect; gives up after 15 seconds.
  static std::unique_ptr<Stream> connect(Loop& loop, const ServerUrl& server, StreamEvents events);
  // Closes, and calls nothing any more.
  virtual ~Stream() = default;
  // Queues bytes. Only once `opened`.
  virtual void write(Bytes bytes) = 0;
  // Sends what is queued, waits until the peer closes too (two seconds at most: closing earlier could make the network
  // throw away what is under way), then calls `done` where there is one, and nothing else any more. The object may be
  // destroyed at once.
  virtual void finish(std::function<void()> done) = 0;
};

}  // namespace kith::client::native
