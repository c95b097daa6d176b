#include "tests/simulation/simulation.h"

#include "tests/simulation/checks.h"
#include "tests/simulation/disasters.h"
#include "tests/simulation/hostile_checks.h"
#include "tests/simulation/order.h"
#include "tests/simulation/pace.h"
#include "tests/simulation/quiet_checks.h"
#include "tests/simulation/secrecy.h"
#include "tests/simulation/workload.h"

namespace kith::sim {

Outcome simulate(const Options& options) {
  World world(options);
  const Pace pace(world);
  const Order order(world);
  Workload workload(world);
  Disasters disasters(world);
  std::optional<HostileChecks> hostile;
  const Secrecy secrecy(world);
  if (options.profile == "hostile") hostile.emplace(world);
  workload.begin();
  for (std::uint64_t i = 0; i < options.steps && !world.time.stands_still(); ++i) {
    disasters.step();
    workload.step(options.left_out.contains(i));
  }
  if (!world.settle()) {
    for (Device* device : world.people.devices()) {
      if (device->client.is_retired() || device->is_removed) continue;
      if (device->was_ready && world.is_at_rest(*device)) continue;
      world.fail(device->client.name + " does not come to rest: " + device->client.stage() +
                 (device->client.is_online() ? ", online, " : ", not online, ") +
                 std::to_string(device->client.unanswered()) + " commands unanswered");
    }
  }
  // Every conversation still works.
  workload.say_last_words();
  world.time.run(90'000);
  world.trace.note(world.time.now_ms(), "world", kLooking);
  if (hostile) {
    hostile->all();
  } else {
    Checks(world).all();
    secrecy.check();
  }
  if (!hostile && world.failures.empty()) {
    if (options.profile == "calm") pace.check();
    QuietChecks(world, workload).all();
    order.check();
  }

  return {.failures = world.failures,
          .trace_hash = world.trace.hash(),
          .virtual_ms = world.time.now_ms() - VirtualTime::kStartMs,
          .clients = world.people.devices().size(),
          .entries = world.truth.entries(),
          .messages = world.said.size(),
          .events = world.time.events(),
          .happened = world.faults.happened(),
          .points = world.faults.points()};
}

}  // namespace kith::sim
