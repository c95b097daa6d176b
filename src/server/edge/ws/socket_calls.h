// The system calls that live sockets make. Measurements put others in their place, to see what is ours; everything else
// uses the kernel's.
#pragma once

#include <sys/socket.h>

#include "base/bytes.h"

namespace kith::server::edge {

class SocketCalls {
 public:
  virtual ~SocketCalls() = default;
  // As sendmsg(2) and recv(2), without waiting.
  [[nodiscard]] virtual ssize_t send(int socket, const msghdr& message) const;
  [[nodiscard]] virtual ssize_t receive(int socket, ByteSpan into) const;
  // For these events, by `epoll`; again where they change. False where the system refuses.
  [[nodiscard]] virtual bool watch(int epoll, int socket, std::uint32_t events, bool again) const;
  virtual void shut_down(int socket) const;  // our half
  virtual void close(int socket) const;

  static const SocketCalls& kernel();
};

}  // namespace kith::server::edge
