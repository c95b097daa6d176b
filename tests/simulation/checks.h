// What has to be so when all is quiet again: what was committed is what everybody shows, and nobody hangs.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace kith::sim {

class Checks {
 public:
  explicit Checks(World& world) : world_(world) {}
  void all();

 private:
  void look();
  // What a device shows of one conversation.
  struct Shown {
    std::vector<std::pair<std::uint64_t, std::string>> messages;  // seq and text, in the order of the chat
    std::set<std::uint64_t> lines;                                // where something in the group changed
    std::set<std::uint64_t> left;                                 // where it says that its user left
    std::vector<Json> waiting;                                    // not in the log
    bool misses_something = false;                                // and says so
    Json chat;
  };

  bool is_in_good_standing(const Device& device) const;
  std::map<std::string, Shown> shown_at(Device& device);
  void is_complete(Device& device, const std::string& conversation, const Shown& shown);
  bool is_shut_out(const Device& device, const std::string& conversation, const Shown& shown) const;
  void nothing_hangs(Device& device, const std::string& conversation, const Shown& shown);
  void membership_is_right(Device& device, const std::string& conversation, const Shown& shown);
  bool is_away(const LoggedConversation& conversation, const UserId& user, const LoggedEntry& entry,
               const Shown& shown) const;
  bool is_needed(Device& device, const std::string& conversation, const LoggedConversation& logged,
                 const LoggedEntry& entry) const;
  void members_agree();
  void reads_agree();
  void acked_is_there();
  void nobody_was_overheard();
  void nobody_was_warned();
  void nothing_is_left_over();
  void fail(const Device& device, const std::string& what) { world_.fail(device.client.name + " " + what); }

  World& world_;
  std::map<Device*, std::map<std::string, Shown>, ByName> shown_;
};

}  // namespace kith::sim
