// The Bus between the nodes of a cluster: at most once, after a while, and worse where the faults say so. Without
// faults what one node publishes is heard in its order; across nodes there is none.
//
// Doubling is more than the port allows a bus, and costs services nothing that the log does not repair.
#pragma once

#include <memory>

#include "base/scheduler.h"
#include "server/domain/ports/bus.h"
#include "tests/simulation/faults.h"

namespace kith::sim {

class BusHub {
 public:
  explicit BusHub(Faults& faults);
  ~BusHub();
  BusHub(const BusHub&) = delete;
  BusHub& operator=(const BusHub&) = delete;

  // A node's instance; what is on its way to it is dropped when it is destroyed, and no handler of it is called again.
  // It may outlive the hub, and be outlived by its subscriptions; not outlive its scheduler or the faults.
  std::unique_ptr<server::domain::Bus> attach(Scheduler& scheduler);

  [[nodiscard]] std::size_t instances() const;
  // Those that have not ended, of instances that are gone too.
  [[nodiscard]] std::size_t subscriptions() const;

 private:
  struct State;
  class Instance;
  std::shared_ptr<State> state_;
};

}  // namespace kith::sim
