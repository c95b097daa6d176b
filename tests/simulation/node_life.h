// What a node is while it is up, in the order in which its parts may know one another. Inside server_node and
// server_socket only.
#pragma once

#include "server/adapters/memory/memory_store.h"
#include "server/edge/http/registry.h"
#include "server/edge/wire_hint_encoder.h"
#include "server/service/node.h"
#include "tests/simulation/faulty_store.h"
#include "tests/simulation/server_node.h"
#include "tests/support/quick_stretcher.h"

namespace kith::sim {

struct ServerNode::Life {
  explicit Life(ServerNode& self)
      : scheduler(self.cluster_.time, self.clock_error_ms),
        memory(self.cluster_.engine, scheduler),
        store(memory, scheduler, self.cluster_.faults),
        bus(self.cluster_.bus.attach(scheduler)),
        pins(scheduler),
        node({.store = store,
              .bus = *bus,
              .scheduler = scheduler,
              .entropy = self.cluster_.entropy,
              .hints = hints,
              .codes = *self.cluster_.sender,
              .phones = *self.cluster_.phones,
              .secrets = self.cluster_.secrets,
              .pins = pins},
             self.cluster_.limits),
        site{.node = node,
             .scheduler = scheduler,
             .tokens = self.cluster_.tokens,
             .files = self.cluster_.files,
             .log = self.cluster_.log,
             .is_ready = [] { return true; }} {}
  ~Life() {
    tasks.clear();
    sockets.clear();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  MachineScheduler scheduler;
  server::adapters::MemoryStore memory;
  FaultyStore store;
  std::unique_ptr<server::domain::Bus> bus;
  test::QuickStretcher pins;
  server::edge::WireHintEncoder hints;
  server::service::Node node;
  server::edge::Site site;
  std::map<SocketNumber, std::shared_ptr<ServerSocket>> sockets;
  TaskScope tasks;
};

}  // namespace kith::sim
