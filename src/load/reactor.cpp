#include "load/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "load/stream.h"

namespace kith::load {
namespace {

constexpr std::size_t kReadBufferBytes = 256 * 1024;
constexpr int kEventsATurn = 512;

}  // namespace

Reactor::Reactor() : epoll_(epoll_create1(EPOLL_CLOEXEC)), read_buffer_(kReadBufferBytes) { KITH_CHECK(epoll_ >= 0); }

Reactor::~Reactor() { ::close(epoll_); }

void Reactor::watch(int fd, std::uint32_t epoll_events, ReadyHandler& handler) {
  epoll_event event{.events = epoll_events, .data = {.ptr = &handler}};
  KITH_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void Reactor::rewatch(int fd, std::uint32_t epoll_events, ReadyHandler& handler) {
  epoll_event event{.events = epoll_events, .data = {.ptr = &handler}};
  KITH_CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void Reactor::unwatch(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

bool Reactor::later(const Timer& a, const Timer& b) {
  return std::pair(a.when, a.number) > std::pair(b.when, b.number);
}

void Reactor::post_at(Clock::time_point when, std::function<void()> turn) {
  timers_.push_back({when, ++timer_number_, std::move(turn)});
  std::ranges::push_heap(timers_, later);
}

Task<void> Reactor::sleep_for(std::chrono::microseconds duration) {
  const OneShot<bool> over;
  post_at(Clock::now() + duration, [over] { over.set(true); });
  co_await over;
}

bool Reactor::run(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!done()) {
    if (stopped_ || Clock::now() >= deadline) return false;
    turn(deadline);
  }
  return true;
}

bool Reactor::run(Task<void> task, std::chrono::milliseconds limit) {
  TaskScope scope;
  scope.spawn(std::move(task));
  return run([&scope] { return scope.size() == 0; }, limit);
}

void Reactor::turn(Clock::time_point limit) {
  auto until = limit;
  if (!posted_.empty() || !dirty_.empty()) {
    until = Clock::now();
  } else if (!timers_.empty()) {
    until = std::min(until, timers_.front().when);
  }
  const auto wait = std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - Clock::now()));
  const timespec timeout{.tv_sec = wait.count() / 1'000'000'000, .tv_nsec = wait.count() % 1'000'000'000};
  std::array<epoll_event, kEventsATurn> events;
  const int ready = epoll_pwait2(epoll_, events.data(), kEventsATurn, &timeout, nullptr);
  for (int i = 0; i < ready; ++i) {
    static_cast<ReadyHandler*>(events[static_cast<std::size_t>(i)].data.ptr)
        ->on_ready(events[static_cast<std::size_t>(i)].events);
  }
  run_timers();
  run_posted();
  flush();
}

void Reactor::run_timers() {
  if (timers_.empty()) return;
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.front().when <= now) {
    std::ranges::pop_heap(timers_, later);
    auto turn = std::move(timers_.back().turn);
    timers_.pop_back();
    turn();
  }
}

void Reactor::run_posted() {
  // What these turns post in their own right waits for the next turn, after the sockets.
  for (auto& turn : std::exchange(posted_, {})) turn();
}

void Reactor::flush() {
  for (Stream* stream : std::exchange(dirty_, {})) {
    if (stream != nullptr) stream->flush();
  }
}

void Reactor::forget(Stream& stream) { std::ranges::replace(dirty_, &stream, static_cast<Stream*>(nullptr)); }

}  // namespace kith::load
