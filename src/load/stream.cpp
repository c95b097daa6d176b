#include "load/stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace kith::load {
namespace {

const sockaddr* as_sockaddr(const Address& address) { return reinterpret_cast<const sockaddr*>(&address.value); }

void set_option(int fd, int level, int name) {
  const int on = 1;
  KITH_CHECK(setsockopt(fd, level, name, &on, sizeof on) == 0);
}

}  // namespace

std::optional<Address> Address::from(const std::string& ip, std::uint16_t port) {
  Address address;
  address.value.sin_family = AF_INET;
  address.value.sin_port = htons(port);
  if (inet_pton(AF_INET, ip.c_str(), &address.value.sin_addr) != 1) return std::nullopt;
  return address;
}

Address Address::loopback(std::size_t number) {
  Address address;
  address.value.sin_family = AF_INET;
  address.value.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(number));
  return address;
}

bool Stream::connect(const Address& to, const std::optional<Address>& from) {
  KITH_CHECK(fd_ < 0);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  set_option(fd_, IPPROTO_TCP, TCP_NODELAY);
  connecting_ = true;
  reactor_.watch(fd_, EPOLLOUT, *this);
  if (from) {
    // The port is chosen at connect, when the whole four-tuple is known, so that one local address serves many
    // connections.
    set_option(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    if (bind(fd_, as_sockaddr(*from), sizeof from->value) != 0) return false;
  }
  return ::connect(fd_, as_sockaddr(to), sizeof to.value) == 0 || errno == EINPROGRESS;
}

void Stream::adopt(int fd) {
  KITH_CHECK(fd_ < 0);
  fd_ = fd;
  KITH_CHECK(fcntl(fd_, F_SETFL, O_NONBLOCK) == 0);
  set_option(fd_, IPPROTO_TCP, TCP_NODELAY);
  reactor_.watch(fd_, EPOLLIN, *this);
}

Bytes& Stream::begin_send() {
  if (!dirty_ && !connecting_ && !waits_writable_) {
    dirty_ = true;
    reactor_.flush_soon(*this);
  }
  return out_;
}

void Stream::close() {
  if (dirty_) reactor_.forget(*this);
  dirty_ = false;
  if (fd_ < 0) return;
  reactor_.unwatch(fd_);
  ::close(fd_);
  fd_ = -1;
}

void Stream::on_ready(std::uint32_t epoll_events) {
  if (connecting_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(error);
    connecting_ = false;
    reactor_.rewatch(fd_, EPOLLIN, *this);
    owner_.on_connected();
    if (!out_.empty()) flush();
    return;
  }
  if ((epoll_events & EPOLLOUT) != 0 && waits_writable_) {
    waits_writable_ = false;
    reactor_.rewatch(fd_, EPOLLIN, *this);
    flush();
  }
  if ((epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && is_open()) read();
}

void Stream::read() {
  const ByteSpan buffer = reactor_.read_buffer();
  const auto size = recv(fd_, buffer.data(), buffer.size(), 0);
  if (size > 0) return owner_.on_data(buffer.first(static_cast<std::size_t>(size)));
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  fail(size == 0 ? 0 : errno);
}

void Stream::flush() {
  dirty_ = false;
  if (!is_open()) return;
  while (sent_ < out_.size()) {
    const auto size = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return fail(errno);
      if (!waits_writable_) reactor_.rewatch(fd_, EPOLLIN | EPOLLOUT, *this);
      waits_writable_ = true;
      return;
    }
    sent_ += static_cast<std::size_t>(size);
  }
  out_.clear();
  sent_ = 0;
}

void Stream::fail(int error) {
  close();
  owner_.on_closed(error == 0 ? "the other side closed the connection" : std::strerror(error));
}

}  // namespace kith::load
