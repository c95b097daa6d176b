#include "tests/simulation/disasters.h"

#include <algorithm>

namespace kith::sim {

namespace {
constexpr std::int64_t kDayMs = std::int64_t{24} * 3'600'000;
constexpr std::int64_t kLastDeedsMs = 30'000;  // of nodes whose clients are gone
constexpr std::size_t kMostBackups = 4;        // of one client
}  // namespace

void Disasters::step() {
  Faults& faults = world_.faults;
  if (faults.happens(Fault::node_killed)) kill_nodes();
  if (faults.happens(Fault::node_drained)) drain_a_node();
  if (faults.happens(Fault::clock_jumped)) move_a_clock();
  back_up();
  if (world_.backup && faults.happens(Fault::store_restored)) restore_the_store();
  if (faults.happens(Fault::log_trimmed)) trim_a_log();
  if (faults.happens(Fault::client_restored)) restore_a_client();
  if (faults.happens(Fault::client_away)) send_somebody_away();
}

Device* Disasters::some_device() {
  std::vector<Device*> able;
  for (Device* device : world_.people.devices()) {
    if (!device->client.is_retired() && !device->is_removed) able.push_back(device);
  }
  return able.empty() ? nullptr : chance_.of(able);
}

void Disasters::restart_later(ServerNode& node) {
  world_.time.after(chance_.skewed(100, 9), [this, &node] {
    if (node.is_up()) return;
    world_.trace.note(world_.time.now_ms(), node.name, "starts");
    node.kill();
    node.start();
  });
}

// One of several; or the one machine that there is, and with it what it had not synced.
void Disasters::kill_nodes() {
  const bool all = chance_.below(3) == 0;
  ServerNode& chosen = *world_.nodes[chance_.below(world_.nodes.size())];
  world_.time.after(chance_.between(0, 2000), [this, all, &chosen] {
    for (const auto& node : world_.nodes) {
      if (!all && node.get() != &chosen) continue;
      world_.trace.note(world_.time.now_ms(), node->name, "dies");
      node->kill();
      restart_later(*node);
    }
    if (all && world_.faults.happens(Fault::cursors_lost)) world_.cluster.engine.lose_unflushed();
  });
}

void Disasters::drain_a_node() {
  ServerNode& node = *world_.nodes[chance_.below(world_.nodes.size())];
  world_.trace.note(world_.time.now_ms(), node.name, "drains");
  node.drain();
  world_.time.after(6000, [this, &node] { restart_later(node); });
}

void Disasters::move_a_clock() {
  Device* device = some_device();
  std::int64_t& error_ms = device != nullptr && chance_.below(2) == 0
                               ? device->client.clock_error_ms
                               : world_.nodes[chance_.below(world_.nodes.size())]->clock_error_ms;
  const std::int64_t by_ms = chance_.skewed(1000, 9);
  error_ms = chance_.below(3) == 0 ? 0 : chance_.below(2) == 0 ? by_ms : -by_ms;
}

void Disasters::back_up() {
  if (world_.faults.is_over()) return;
  if (chance_.below(30) == 0) {
    world_.backup.emplace(World::Backup{.engine = world_.cluster.engine.backup(), .truth = world_.truth});
  }
  if (chance_.below(10) != 0) return;
  Device* device = some_device();
  if (device == nullptr || !device->was_ready) return;
  device->backups.emplace_back(world_.time.now_ms(), device->client.rows());
  if (device->backups.size() > kMostBackups) device->backups.erase(device->backups.begin());
}

void Disasters::restore_the_store() {
  world_.trace.note(world_.time.now_ms(), "world", "the store is restored from a backup");
  for (const auto& node : world_.nodes) node->kill();
  HistoryId id;
  chance_.fill(id.value);
  world_.cluster.engine.restore(world_.backup->engine, id);
  world_.truth = world_.backup->truth;
  ++world_.restores;
  world_.restored_ms = world_.time.now_ms();
  // Whoever is still on the way in with the recovery key is shown keys of before as well.
  for (Device* device : world_.people.devices()) {
    if (device->entrance == Entrance::recovery && !device->was_ready) device->entrance = world_.way_back();
  }
  for (const auto& node : world_.nodes) restart_later(*node);
}

// Up to where everybody has it who is there now. Those who are not find a part of it gone.
void Disasters::trim_a_log() {
  if (world_.truth.conversations().empty()) return;
  auto at = world_.truth.conversations().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(chance_.below(world_.truth.conversations().size())));
  const std::string id = at->first.text();
  Seq upto{at->second.log.size()};
  std::vector<Device*> behind;
  for (Device* device : world_.people.devices()) {
    const auto chat = device->client.chats.find(id);
    if (device->client.is_running() && chat != device->client.chats.end() && device->client.is_online()) {
      upto = std::min(upto, Seq{chat->second["head_seq"].get<std::uint64_t>()});
    } else {
      behind.push_back(device);
    }
  }
  if (upto == Seq{}) return;
  for (Device* device : behind) device->missed.insert(id);
  const auto partition = server::domain::partition_of(at->first);
  tasks_.spawn([](server::adapters::MemoryStore& store, server::domain::Partition of, Seq last) -> Task<void> {
    (void)co_await store.trim(of, {}, last);
  }(store_, partition, upto));
}

void Disasters::restore_a_client() {
  Device* device = some_device();
  if (device == nullptr || device->backups.empty()) return;
  const auto& [made_ms, rows] = chance_.of(device->backups);
  device->client.stop();
  device->client.restore(rows);
  device->is_copy = true;
  for (const auto& [id, shown_ms] : device->wrote) {
    if (shown_ms >= made_ms) device->forgotten.insert(id);
  }
  // What its program took and sent, and died each time before it showed it.
  for (const auto& [conversation, logged] : world_.truth.conversations()) {
    for (const LoggedEntry& entry : logged.log) {
      const std::string id = entry.client_id.text();
      if (entry.sender.device.text() == device->id() && !device->wrote.contains(id)) device->forgotten.insert(id);
    }
  }
  world_.time.after(chance_.skewed(50, 6), [device] { device->client.start(); });
}

void Disasters::send_somebody_away() {
  if (chance_.below(40) == 0) return send_everybody_away();
  Device* device = some_device();
  if (device == nullptr) return;
  const std::int64_t for_ms = chance_.skewed(1000, 10);
  if (chance_.below(2) == 0) {
    device->client.set_network(false);
    world_.time.after(for_ms, [device] { device->client.set_network(true); });
  } else {
    device->client.stop();
    world_.time.after(for_ms, [device] { device->client.start(); });
  }
}

// For longer than a leaf keeps its keys, and sometimes than the log keeps its entries. Nodes do not run meanwhile: they
// would only look whether there is something to do. A device that is not in yet is a computer with its lid closed.
void Disasters::send_everybody_away() {
  std::vector<Device*> gone;
  for (Device* device : world_.people.devices()) {
    if (!device->client.is_running() || !device->was_ready) continue;
    device->client.stop();
    gone.push_back(device);
  }
  world_.time.run(kLastDeedsMs);
  for (const auto& node : world_.nodes) node->kill();
  world_.time.pass(chance_.between(1, 20) * kDayMs);
  for (const auto& node : world_.nodes) {
    if (!node->is_up()) node->start();
  }
  for (Device* device : gone) device->client.start();
}

}  // namespace kith::sim
