#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

namespace kith::sim {

namespace {
constexpr std::size_t kNodes = 3;
constexpr std::int64_t kFlushMs = 1000;
constexpr std::int64_t kAnswerMs = 300'000;
constexpr std::int64_t kRestMs = 180'000;     // for what waits a while by itself
constexpr std::int64_t kQuietMs = 1'800'000;  // until then everybody has to be there
constexpr std::int64_t kAfterwardsMs = 60'000;
constexpr std::int64_t kStillMs = 10'000;    // for what follows from an entry: receipts, the archive
constexpr std::int64_t kOnTheWayMs = 1'000;  // for what somebody had begun to write meanwhile
constexpr int kMostLooks = 10;

Profile profile_of(const Options& options) {
  const auto profile = profile_named(options.profile);
  KITH_CHECK(profile.has_value());
  return *profile;
}
}  // namespace

World::World(const Options& the_options)
    : options(the_options),
      chance(options.seed),
      trace(options.prints),
      faults(profile_of(options), chance.next()),
      cluster(time, faults, chance.branch()),
      network(time, faults, trace, nodes),
      people({time, faults, trace, network}, cluster, chance.branch()) {
  for (const Fault fault : options.without) faults.leave_out(fault);
  // What is to be seen after a loss can be said of each kind by itself: a run has one of them, or none.
  static constexpr Fault kLosses[] = {Fault::store_restored, Fault::client_restored, Fault::log_trimmed};
  const auto spared = chance.below(std::size(kLosses) + 1);
  for (std::size_t i = 0; i < std::size(kLosses); ++i) {
    if (i != spared) faults.leave_out(kLosses[i]);
  }
  cluster.engine.on_committed = [this](const auto& transaction, const auto& committed) {
    truth.committed(transaction, committed);
  };
  people.on_shown = [this](Device& device, const Json& event) { listen(device, event); };
  for (std::size_t i = 0; i < kNodes; ++i) {
    nodes.push_back(std::make_unique<ServerNode>(cluster, "node" + std::to_string(i + 1)));
    nodes.back()->start();
  }
  cluster.engine.flush();
  flush_later();
}

World::~World() {
  for (Device* device : people.devices()) device->client.stop();
  for (const auto& node : nodes) node->kill();
}

void World::flush_later() {
  time.after(kFlushMs, [this] {
    cluster.engine.flush();
    flush_later();
  });
}

void World::fail(std::string what) {
  trace.note(time.now_ms(), "FAILURE", what);
  failures.push_back(std::move(what));
}

// The keys that a backup has may be older than those that others have seen, and its list may have devices that were
// revoked: whoever has lost all devices begins new ones with the recovery key.
Entrance World::way_back() const { return restores > 0 ? Entrance::recovery_alone : Entrance::recovery; }

void World::throw_away(Device& device) {
  time.after(0, [this, &device] {
    if (device.client.is_retired()) return;
    device.client.retire();
    Person& person = device.person;
    if (person.ready_device() == nullptr && !person.recovery_key.empty()) people.add_device(person, way_back());
  });
}

void World::listen(Device& device, const Json& event) {
  const std::string& type = event["type"].get_ref<const std::string&>();
  // The token that a copy comes back with may have had a successor that was used.
  const bool may_be_logged_out = device.is_copy && event.value("reason", "") == "logged_out";
  if (type == "stopped" && (restores > 0 || may_be_logged_out)) throw_away(device);
  if (type == "warning") {
    const std::string text = event["code"].get<std::string>() + ": " + event["message"].get<std::string>();
    ++warnings[device.client.name + ": " + text];
    if (event["code"] == "keys_outlived" && device.is_copy) throw_away(device);
  }
  if (type != "message") return;
  const Json& message = event["message"];
  const bool is_mine = message["mine"] == true;
  if (is_mine) device.wrote.try_emplace(message["id"], time.now_ms());
  learn_text(message);
  const auto known = said.find(message["id"].get_ref<const std::string&>());
  if (!is_mine || known == said.end()) return;
  const std::string state = message["state"];
  if (state == "sent" || state == "delivered" || state == "read") {
    if (!std::exchange(known->second.is_acked, true)) known->second.acked_ms = time.now_ms();
  }
  if (state == "failed") known->second.has_failed = true;
  if (state == "pending") known->second.has_failed = false;
}

void World::learn_text(const Json& message) {
  const bool is_told_truly = message["mine"] == true || (options.profile != "hostile" && message.contains("seq"));
  if (message.contains("text") && is_told_truly) texts.emplace(message["id"], message["text"]);
}

std::string World::text_of(const std::string& message_id) const {
  const auto known = texts.find(message_id);
  return known == texts.end() ? message_id : known->second;
}

Json World::ask(Client& client, Json command) {
  for (int tries = 0; tries < 20; ++tries) {
    auto answer = std::make_shared<Json>();
    const std::int64_t life = client.lives;
    client.tell(command, [answer](const Json& given) { *answer = given; });
    time.run(kAnswerMs, [&] { return !answer->is_null() || client.lives != life; });
    if (!answer->is_null() && ((*answer)["type"] == "done" || (*answer)["error"] != "offline")) return *answer;
    time.run(1000);
  }
  return nullptr;
}

std::vector<Json> World::messages_of(Device& device, const std::string& conversation) {
  std::vector<Json> all;
  Json command = {{"type", "list_messages"}, {"conversation", conversation}, {"limit", 200}};
  while (true) {
    const Json page = ask(device.client, command);
    if (page.is_null() || page["type"] != "done") {
      fail(device.client.name + " does not list the messages of " + conversation.substr(0, 6) + ": " + page.dump());
      return all;
    }
    const auto messages = page["messages"].get<std::vector<Json>>();
    for (const Json& message : messages) learn_text(message);
    all.insert(all.begin(), messages.begin(), messages.end());
    if (page["more"] == false || messages.empty()) return all;
    command["before"] = messages.front()["order"];
  }
}

void World::look(const std::function<void()>& at) {
  const auto failed = static_cast<std::ptrdiff_t>(failures.size());
  std::size_t before = 0;
  for (int looks = 0; looks < kMostLooks; ++looks) {
    do {
      before = truth.entries();
      time.run(kStillMs);
    } while (truth.entries() != before && !time.stands_still());
    at();
    time.run(kOnTheWayMs);
    if (truth.entries() == before) return;
    if (looks + 1 < kMostLooks) failures.erase(failures.begin() + failed, failures.end());
  }
}

bool World::is_at_rest(const Device& device) const {
  return device.client.is_online() && (device.client.unanswered() == 0 || misusing.contains(device.person.name));
}

bool World::settle() {
  faults.end();
  trace.note(time.now_ms(), "world", "nothing goes wrong any more");
  for (const auto& node : nodes) {
    if (!node->is_up()) {
      node->kill();
      node->start();
    }
    node->clock_error_ms = 0;
  }
  for (Device* device : people.devices()) {
    if (device->client.is_retired() || device->is_removed) continue;
    device->client.clock_error_ms = 0;
    device->client.set_network(true);
    device->client.start();
  }
  const auto is_quiet = [&] {
    return people.all_are_in() && std::ranges::all_of(people.devices(), [&](Device* device) {
             if (device->client.is_retired() || device->is_removed) return true;
             return is_at_rest(*device);
           });
  };
  time.run(kRestMs);
  const bool is_settled = time.run(kQuietMs, is_quiet);
  // Whoever does not look at the application is told of a lost hint late.
  for (Device* device : people.devices()) {
    if (!device->client.is_retired() && !device->is_removed)
      ask(device->client, {{"type", "set_active"}, {"active", true}});
  }
  time.run(kAfterwardsMs);
  // Who was lied to of the history for a whole connection may have begun another one just now.
  return is_settled && time.run(kQuietMs, is_quiet);
}

}  // namespace kith::sim
