// People and their devices: who registers with which number, links another device or comes back with the recovery key,
// trying again as people do until it is done.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/client.h"
#include "tests/simulation/server_node.h"

namespace kith::sim {

struct Person;

enum class Entrance : std::uint8_t {
  registration,
  linking,
  recovery,
  recovery_alone,  // in the place of all other devices
};

// A client, with what it is to become and what it has shown.
struct Device {
  Device(Person& of, Entrance how, Client::Surroundings around, std::string name, Chance entropy)
      : person(of), entrance(how), client(around, std::move(name), entropy) {}
  Person& person;
  Entrance entrance;
  Client client;
  bool is_asking = false;          // a command of its entrance has no answer yet, ...
  std::int64_t asked_in_life = 0;  // ... in this life
  bool was_ready = false;
  bool is_removed = false;  // by another device
  bool is_copy = false;     // was restored from a backup once
  std::vector<std::pair<std::int64_t, std::map<Bytes, Bytes>>> backups;
  std::set<std::string> missed;               // conversations of which something was trimmed while it was not there
  std::map<std::string, std::int64_t> wrote;  // when it first showed a message of its user's, by id
  std::set<std::string> forgotten;            // what it had said that the backup that it went back to may not know
  std::set<std::string> contacts;             // user ids it has found
  // Own device id as text; empty before it has one.
  [[nodiscard]] std::string id() const { return client.account.value("device", ""); }
};

struct Person {
  std::string name;
  std::string address;
  std::vector<std::unique_ptr<Device>> devices;
  std::string recovery_key;
  // Some of what its other devices had may have gone with them before it was in the archive.
  [[nodiscard]] bool has_lost_devices() const;
  // User id as text; empty before there is an account.
  [[nodiscard]] std::string user() const;
  // One that is ready; null where none is.
  [[nodiscard]] Device* ready_device() const;
};

// The order of maps of devices: where they lie in memory is another thing in each process.
struct ByName {
  bool operator()(const Device* a, const Device* b) const { return a->client.name < b->client.name; }
};

class People {
 public:
  People(Client::Surroundings around, Cluster& cluster, Chance chance)
      : around_(around), cluster_(cluster), chance_(chance) {}

  Person& add();
  // It starts and goes its way.
  Device& add_device(Person& person, Entrance entrance);
  [[nodiscard]] std::vector<std::unique_ptr<Person>>& all() { return people_; }
  [[nodiscard]] std::vector<Device*> devices() const;
  // Everybody who wants in is in. Devices that were taken away or thrown away want nothing.
  [[nodiscard]] bool all_are_in() const;

  // Called for everything that any device shows.
  std::function<void(Device&, const Json&)> on_shown;

 private:
  void nudge_later(Device& device);
  void nudge(Device& device);
  void ask(Device& device, Json command);
  void enter(Device& device);
  void take_up_link(Device& device);

  Client::Surroundings around_;
  Cluster& cluster_;
  Chance chance_;
  std::vector<std::unique_ptr<Person>> people_;
};

}  // namespace kith::sim
