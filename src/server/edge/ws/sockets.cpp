#include "server/edge/ws/sockets.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/check.h"

namespace kith::server::edge {

namespace asio = boost::asio;

namespace {

constexpr int kEventsAtOnce = 256;

int new_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  KITH_CHECK(fd >= 0);
  return fd;
}

}  // namespace

Sockets::Sockets(Surroundings surroundings)
    : around_(surroundings),
      epoll_(around_.io, new_epoll()),
      ticker_(around_.io),
      wheel_(around_.timing.tick),
      read_buffer_(kReadBytes) {
  wait();
  tick();
}

Sockets::~Sockets() {
  for (const auto& session : std::vector(by_socket_)) {
    if (session) session->close();
  }
}

void Sockets::adopt(int socket, Bytes greeting, ByteView received) {
  const auto at = static_cast<std::size_t>(socket);
  if (by_socket_.size() <= at) by_socket_.resize(at + 1);
  auto session = std::make_shared<Session>(*this, socket, std::move(greeting));
  by_socket_[at] = session;
  ++size_;
  session->watch();
  session->schedule();
  Bytes first = to_bytes(received);
  session->receive(first);
  flush_later(*session);
}

void Sockets::drain() {
  // A larger crowd is spread over a longer time, so that it does not come back as one wave.
  const auto spread = static_cast<std::uint32_t>(std::max<std::size_t>(around_.timing.reconnect.count(), size_ / 2));
  for (const auto& session : std::vector(by_socket_)) {
    if (!session) continue;
    std::array<std::uint8_t, 4> random{};
    around_.entropy.fill(random);
    std::uint32_t jitter = 0;
    std::memcpy(&jitter, random.data(), sizeof jitter);
    session->say_goodbye(500 + jitter % spread);
  }
}

bool Sockets::watch(Session& session, std::uint32_t events) {
  const bool again = std::exchange(session.is_watched_, true);
  return around_.calls.watch(epoll_.native_handle(), session.socket(), events, again);
}

void Sockets::forget(Session& session) {
  auto& place = by_socket_[static_cast<std::size_t>(session.socket())];
  KITH_CHECK(place.get() == &session);
  account(session);  // what its requests under way hold stays
  --size_;
  place.reset();  // whoever called holds a reference
}

void Sockets::enter(Session& session) {
  auto& live = around_.node.live;
  session.place_ = live.enter(session);
  std::size_t of_device = 0;
  Session* oldest = nullptr;
  for (const auto place : live.of(session.caller_.user)) {
    auto& other = static_cast<Session&>(*live.at(place));
    if (other.caller_.device != session.caller_.device) continue;
    if (oldest == nullptr) oldest = &other;
    ++of_device;
  }
  if (of_device <= kMaxOfDevice) return;
  oldest->refuse(wire::ErrorCode::overloaded, "newer sockets of this device have taken its place", 0,
                 kith::ws::CloseCode::try_again_later);
}

void Sockets::leave(Session& session) { around_.node.live.leave(session.place_); }

void Sockets::account(Session& session) {
  const std::size_t bytes = session.buffered_bytes();
  buffered_bytes_ += bytes - session.accounted_bytes_;
  session.accounted_bytes_ = bytes;
}

void Sockets::flush_later(Session& session) {
  if (session.is_queued_) return;
  session.is_queued_ = true;
  to_flush_.push_back(session.shared_from_this());
  if (to_flush_.size() == 1 && !is_polling_) asio::post(around_.io, [this] { flush_all(); });
}

void Sockets::flush_all() {
  auto sessions = std::exchange(to_flush_, {});
  const auto count = static_cast<std::ptrdiff_t>(std::min(sessions.size(), kFlushedAtOnce));
  for (const auto& session : std::span(sessions).first(static_cast<std::size_t>(count))) {
    session->is_queued_ = false;
    session->flush();
  }
  sessions.erase(sessions.begin(), sessions.begin() + count);
  // Others have their turn before the rest, which goes before what was queued meanwhile.
  if (!sessions.empty()) asio::post(around_.io, [this] { flush_all(); });
  std::ranges::move(to_flush_, std::back_inserter(sessions));
  to_flush_ = std::move(sessions);
}

void Sockets::wait() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    poll();
    wait();
  });
}

void Sockets::poll() {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = ::epoll_wait(epoll_.native_handle(), events.data(), kEventsAtOnce, 0);
  // What is answered within this turn leaves at its end, without another round of the io_context.
  is_polling_ = to_flush_.empty();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const std::shared_ptr<Session> session = by_socket_[static_cast<std::size_t>(event.data.fd)];
    if (!session) continue;
    if ((event.events & EPOLLOUT) != 0) session->flush();
    if ((event.events & EPOLLIN) != 0) {
      session->on_readable();
    } else if ((event.events & (EPOLLHUP | EPOLLERR)) != 0) {
      session->on_hangup();
    }
  }
  if (std::exchange(is_polling_, false)) flush_all();
}

void Sockets::tick() {
  ticker_.expires_after(around_.timing.tick);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    ++now_tick_;
    wheel_.turn([](TimingWheel::Entry& entry) {
      const auto session = static_cast<Session&>(entry).shared_from_this();
      session->on_deadline();
    });
    tick();
  });
}

}  // namespace kith::server::edge
