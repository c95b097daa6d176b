#include "server/edge/asio_scheduler.h"

#include <boost/asio/post.hpp>

namespace kith::server::edge {

UnixMillis AsioScheduler::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

void AsioScheduler::post(std::function<void()> turn) { boost::asio::post(io_, std::move(turn)); }

void AsioScheduler::post_at(UnixMillis when, std::function<void()> turn) {
  const auto due = Clock::now() + (when - now());
  const bool is_first = waiting_.empty() || due < waiting_.top().due;
  waiting_.push({.due = due, .number = next_number_++, .turn = std::move(turn)});
  if (is_first) arm();
}

void AsioScheduler::arm() {
  timer_.expires_at(waiting_.top().due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) run_due();
  });
}

void AsioScheduler::run_due() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.top().due <= now) {
    // top() is const only to protect the order, which pop() is about to end.
    auto turn = std::move(const_cast<Waiting&>(waiting_.top()).turn);
    waiting_.pop();
    turn();
  }
  if (!waiting_.empty()) arm();
}

}  // namespace kith::server::edge
