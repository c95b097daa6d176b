// What people do, one step after the other: they write, found groups, bring people in and send them away, use links,
// read, link devices and lose them. Several at once, before anything has arrived.
#pragma once

#include "tests/simulation/world.h"

namespace kith::sim {

class Workload {
 public:
  explicit Workload(World& world) : world_(world), all_(world.chance.branch()), chance_(all_.branch()) {}

  // Some people come, and get to know one another.
  void begin();
  // One more of the things that people do, by a chance of its own: leaving it out moves no other.
  void step(bool is_left_out);
  // In every conversation somebody who is in says one more thing. Answers how many.
  std::size_t say_last_words();

 private:
  static constexpr std::size_t kMaxDevices = 3;  // of one person

  // Nulls where nobody is that could.
  Device* anybody();
  Device* anybody_in_a_group(std::string& conversation);
  Person& any_person() { return *chance_.of(world_.people.all()); }
  void tell(Device& device, Json command);
  void say(Device& device, Json to);
  void write_to_somebody();
  void write_to_a_group();
  void begin_together();
  void found_group();
  void change_people();
  void change_policy();
  void use_links();
  void duel();
  void read();
  void set_something();
  void add_a_device();
  void take_a_device_away();
  void lose_everything();
  // The user ids that this device knows.
  Json contacts_of(const Device& device, std::size_t most);
  void meet(Device& device, const Person& other);

  World& world_;
  Chance all_;
  Chance chance_;  // of this step
  std::vector<std::string> links_;
  std::vector<std::pair<std::string, std::string>> invites_;  // conversation and invite
  std::uint64_t said_ = 0;
};

}  // namespace kith::sim
