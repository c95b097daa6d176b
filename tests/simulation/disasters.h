// What befalls machines between two steps: nodes that die, drain and come back, stores that are restored, clocks that
// jump, logs that are trimmed, programs that end, disks that are put back, people who are away.
#pragma once

#include "tests/simulation/world.h"

namespace kith::sim {

class Disasters {
 public:
  explicit Disasters(World& world)
      : world_(world),
        chance_(world.chance.branch()),
        scheduler_(world.time, no_error_),
        store_(world.cluster.engine, scheduler_) {}

  // Whatever chance wants to happen now, or in the next seconds.
  void step();

 private:
  void kill_nodes();
  void drain_a_node();
  void restart_later(ServerNode& node);
  void move_a_clock();
  void back_up();
  void restore_the_store();
  void trim_a_log();
  void restore_a_client();
  void send_somebody_away();
  void send_everybody_away();
  Device* some_device();

  World& world_;
  Chance chance_;
  const std::int64_t no_error_ = 0;
  MachineScheduler scheduler_;
  server::adapters::MemoryStore store_;
  TaskScope tasks_;
};

}  // namespace kith::sim
