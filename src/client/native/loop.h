// The process' one thread of events: time, posted turns, readable descriptors, signals. Asio is behind it and stays
// there. All callbacks run inside run(), one after another, never from inside the call that asked for them.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>

#include "base/scheduler.h"

namespace kith::client::native {

class Loop final : public Scheduler {
 public:
  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  UnixMillis now() const override;
  void post(std::function<void()> turn) override;
  void post_at(UnixMillis when, std::function<void()> turn) override;

  // Until stop(), which may be called from a callback. May run again afterwards.
  void run();
  void stop();

  // Calls when the descriptor can be read (a regular file always can), again and again until it is forgotten. One a
  // time.
  void watch(int fd, std::function<void()> readable);
  void forget(int fd);
  // Calls with the signal's number; from then on these signals do nothing else.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> received);

  struct Context;
  [[nodiscard]] Context& context() { return *context_; }

 private:
  std::unique_ptr<Context> context_;
};

// One appointment, which can be moved. Follows the wall clock, within half a minute also after a jump or a suspend.
class Alarm {
 public:
  explicit Alarm(Loop& loop);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  // Replaces the earlier appointment.
  void set(std::optional<UnixMillis> when, std::function<void()> turn);

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace kith::client::native
