#include "server/edge/ws/socket_calls.h"

#include <sys/epoll.h>
#include <unistd.h>

namespace kith::server::edge {

ssize_t SocketCalls::send(int socket, const msghdr& message) const {
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t SocketCalls::receive(int socket, ByteSpan into) const {
  return ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
}

bool SocketCalls::watch(int epoll, int socket, std::uint32_t events, bool again) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  return ::epoll_ctl(epoll, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) == 0;
}

void SocketCalls::shut_down(int socket) const { ::shutdown(socket, SHUT_WR); }

void SocketCalls::close(int socket) const { ::close(socket); }

const SocketCalls& SocketCalls::kernel() {
  static const SocketCalls calls;
  return calls;
}

}  // namespace kith::server::edge
