// Task<T>: a lazy coroutine that belongs to whoever awaits it. Destroying a task destroys everything that it waits for,
// so that killing a node is destroying its task tree. Runs on one thread, that of its Scheduler; knows no clock and no
// socket.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kith {

template <class T>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  // Exceptions do not leave a room; one that gets here is a bug of ours.
  void unhandled_exception() noexcept { check_failed("an exception left a task", __FILE__, __LINE__); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        handle.promise().continuation = awaiting;
        return handle;
      }
      T await_resume() {
        if constexpr (!std::is_void_v<T>) return *std::move(handle.promise().value);
      }
    };
    return Awaiter{handle_};
  }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
}  // namespace detail

// A value that arrives once, from a callback. Both ends share it; a task that was destroyed while it waited is simply
// not resumed. Not thread-safe: set it on the waiting task's own thread (Scheduler::post gets you there).
template <class T>
class OneShot {
 public:
  OneShot() : state_(std::make_shared<State>()) {}

  void set(T value) const {
    KITH_CHECK(!state_->value.has_value());
    state_->value.emplace(std::move(value));
    if (state_->waiting) std::exchange(state_->waiting, nullptr).resume();
  }

  auto operator co_await() const noexcept {
    struct Awaiter {
      std::shared_ptr<State> state;
      explicit Awaiter(std::shared_ptr<State> s) : state(std::move(s)) {}
      Awaiter(Awaiter&&) = default;
      Awaiter(const Awaiter&) = delete;
      Awaiter& operator=(const Awaiter&) = delete;
      Awaiter& operator=(Awaiter&&) = delete;
      ~Awaiter() {
        if (state) state->waiting = nullptr;
      }
      bool await_ready() noexcept { return state->value.has_value(); }
      void await_suspend(std::coroutine_handle<> h) noexcept { state->waiting = h; }
      T await_resume() { return *std::move(state->value); }
    };
    return Awaiter{state_};
  }

 private:
  struct State {
    std::optional<T> value;
    std::coroutine_handle<> waiting = nullptr;
  };
  std::shared_ptr<State> state_;
};

// Owns tasks that nobody awaits. They start at once; those unfinished when the scope ends are destroyed with it.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { clear(); }

  void spawn(Task<void> task);
  // Destroys every unfinished task. Must not be called from inside one of them.
  void clear();
  [[nodiscard]] std::size_t size() const { return running_; }

 private:
  struct Root;
  struct Node {
    Node* next = nullptr;
    Node* previous = nullptr;
    std::coroutine_handle<> handle;
  };
  static Root run(TaskScope& scope, Task<void> task);
  void link(Node& node);
  void unlink(Node& node);

  Node* first_ = nullptr;
  std::size_t running_ = 0;
};

}  // namespace kith
