// Steps that may have to wait for the store, one after the other in the order in which they came.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace kith::client {

class InTurn {
 public:
  // Calls what it is given once, when it is over.
  using Step = std::function<void(std::function<void()> over)>;

  void add(Step step) {
    steps_.push_back(std::move(step));
    run();
  }

 private:
  // A loop, not a step within a step: many may have waited.
  void run() {
    if (std::exchange(is_running_, true)) return;
    while (!steps_.empty() && !is_waiting_) {
      const Step step = std::move(steps_.front());
      steps_.pop_front();
      is_waiting_ = true;
      step([this] {
        is_waiting_ = false;
        run();
      });
    }
    is_running_ = false;
  }

  std::deque<Step> steps_;
  bool is_running_ = false;
  bool is_waiting_ = false;  // for the step that was begun last
};

}  // namespace kith::client
