#include "base/task.h"

namespace kith {

// The frame that holds a spawned task. It links itself into the scope and frees itself when the task ends.
struct TaskScope::Root {
  struct promise_type {
    TaskScope& scope;
    Node node;

    promise_type(TaskScope& owner, const Task<void>&) : scope(owner) {
      node.handle = std::coroutine_handle<promise_type>::from_promise(*this);
      scope.link(node);
    }
    ~promise_type() { scope.unlink(node); }
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;

    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { check_failed("an exception left a spawned task", __FILE__, __LINE__); }
  };
};

TaskScope::Root TaskScope::run(TaskScope&, Task<void> task) { co_await std::move(task); }

void TaskScope::spawn(Task<void> task) { run(*this, std::move(task)); }

void TaskScope::clear() {
  while (first_ != nullptr) first_->handle.destroy();
}

void TaskScope::link(Node& node) {
  node.next = first_;
  if (first_ != nullptr) first_->previous = &node;
  first_ = &node;
  ++running_;
}

void TaskScope::unlink(Node& node) {
  if (node.previous != nullptr) node.previous->next = node.next;
  if (node.next != nullptr) node.next->previous = node.previous;
  if (first_ == &node) first_ = node.next;
  --running_;
}

}  // namespace kith
