#include "client/native/loop.h"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "client/native/loop_context.h"

namespace kith::client::native {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

UnixMillis wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// The monotonic clock stands still while a machine sleeps, so no wait is longer than this before looking at the wall
// clock.
constexpr std::chrono::milliseconds kLongestWait{30'000};

}  // namespace

Loop::Loop() : context_(std::make_unique<Context>()) {}
Loop::~Loop() {
  for (auto& [fd, watch] : context_->watches) watch->descriptor.release();
}

UnixMillis Loop::now() const { return wall_clock(); }
void Loop::post(std::function<void()> turn) { asio::post(context_->io, std::move(turn)); }

void Loop::post_at(UnixMillis when, std::function<void()> turn) {
  auto alarm = std::make_shared<Alarm>(*this);
  alarm->set(when, [alarm, turn = std::move(turn)] { turn(); });
}

void Loop::run() {
  const auto work = asio::make_work_guard(context_->io);
  context_->io.restart();
  context_->io.run();
}

void Loop::stop() { context_->io.stop(); }

void Loop::watch(int fd, std::function<void()> readable) {
  forget(fd);
  auto watch = std::make_shared<Context::Watch>(
      Context::Watch{asio::posix::stream_descriptor(context_->io), std::move(readable)});
  error_code error;
  watch->descriptor.assign(fd, error);
  context_->watches[fd] = watch;
  context_->wait_for(watch);
}

void Loop::forget(int fd) {
  const auto found = context_->watches.find(fd);
  if (found == context_->watches.end()) return;
  found->second->readable = nullptr;
  if (found->second->descriptor.is_open()) found->second->descriptor.release();
  context_->watches.erase(found);
}

void Loop::Context::wait_for(const std::shared_ptr<Watch>& watch) {
  const auto turn = [this, watch] {
    if (!watch->readable) return;
    // A copy, since the callback may forget itself.
    const auto readable = watch->readable;
    readable();
    if (watch->readable) wait_for(watch);
  };
  // What epoll does not take (a regular file, /dev/null) never makes anybody wait.
  if (!watch->descriptor.is_open()) {
    asio::post(io, turn);
    return;
  }
  watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [this, watch, turn](const error_code& error) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      asio::post(io, turn);
    } else {
      turn();
    }
  });
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> received) {
  context_->signals = std::make_unique<asio::signal_set>(context_->io);
  for (const int signal : signals) {
    error_code error;
    context_->signals->add(signal, error);
  }
  context_->wait_for_signal(std::make_shared<std::function<void(int)>>(std::move(received)));
}

void Loop::Context::wait_for_signal(const std::shared_ptr<std::function<void(int)>>& received) {
  signals->async_wait([this, received](const error_code& error, int signal) {
    if (error) return;
    wait_for_signal(received);
    (*received)(signal);
  });
}

struct Alarm::State {
  explicit State(asio::io_context& io) : timer(io) {}
  asio::steady_timer timer;
  std::optional<UnixMillis> when;
  std::function<void()> turn;
};

Alarm::Alarm(Loop& loop) : state_(std::make_shared<State>(loop.context().io)) {}
Alarm::~Alarm() { set(std::nullopt, nullptr); }

void Alarm::set(std::optional<UnixMillis> when, std::function<void()> turn) {
  state_->when = when;
  state_->turn = std::move(turn);
  if (when) {
    arm(state_);
  } else {
    state_->timer.cancel();
  }
}

void Alarm::arm(const std::shared_ptr<State>& state) {
  const auto wait = std::clamp(*state->when - wall_clock(), std::chrono::milliseconds(0), kLongestWait);
  state->timer.expires_after(wait);
  state->timer.async_wait([state](const error_code& error) {
    // Aborted, or replaced after this expiry was already on its way.
    if (error || !state->when || state->timer.expiry() > std::chrono::steady_clock::now()) return;
    if (wall_clock() < *state->when) return arm(state);
    state->when.reset();
    const auto turn = std::exchange(state->turn, nullptr);
    turn();
  });
}

}  // namespace kith::client::native
