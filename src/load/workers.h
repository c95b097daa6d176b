// Work that is done some at a time: work(0) to work(count-1), by `workers` tasks. Ends when all is done, or with the
// first failure when what was begun is.
#pragma once

#include <algorithm>
#include <functional>

#include "load/reactor.h"
#include "load/result.h"

namespace kith::load {

inline Task<Result<void>> spread_work(Reactor& reactor, std::size_t count, std::size_t workers,
                                      std::function<Task<Result<void>>(std::size_t index)> work) {
  struct Shared {
    std::size_t next = 0;
    std::size_t running = 0;
    Result<void> outcome{};
    OneShot<bool> done{};
  };
  Shared shared{.next = 0, .running = std::min(count, workers)};
  if (shared.running == 0) co_return Result<void>{};
  const auto run_worker = [&]() -> Task<void> {
    while (shared.next < count && shared.outcome) {
      auto result = co_await work(shared.next++);
      if (!result && shared.outcome) shared.outcome = std::move(result);
    }
    if (--shared.running == 0) reactor.post([done = shared.done] { done.set(true); });
  };
  TaskScope scope;
  for (std::size_t i = shared.running; i > 0; --i) scope.spawn(run_worker());
  co_await shared.done;
  co_return shared.outcome;
}

}  // namespace kith::load
