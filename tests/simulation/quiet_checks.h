// What has to be so once all is quiet, beyond what everybody shows (checks.h): nobody sends anything any more, ticks
// and counts are what they should be, a program that begins again is where it was, and what is written without a
// network arrives in its order.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace kith::sim {

class Workload;

class QuietChecks {
 public:
  QuietChecks(World& world, Workload& workload) : world_(world), workload_(workload) {}
  // Where `Checks` found nothing.
  void all();

 private:
  // What a device shows, by conversation; of one that answers nothing, nothing.
  struct View {
    std::map<std::string, Json> chats;
    std::map<std::string, std::vector<Json>> messages;
  };
  View view_of(Device& device);
  std::vector<Device*> devices_in_good_standing() const;
  void look();
  void ticks_and_counts();
  // Of a conversation's entries: those of epochs in which this device was.
  std::set<std::uint64_t> while_here(const Device& device, const std::string& conversation) const;
  // The last entry before this device was there, for the last time that it came.
  std::uint64_t came(const Device& device, const std::string& conversation) const;

  void nothing_is_sent();
  void nothing_is_kept();
  void mailboxes_are_empty();
  void ticks_are_right();
  void unread_is_right();
  void servers_have_the_receipts();
  void a_restart_changes_nothing();
  void what_is_written_alone_arrives();
  void fail(const Device& device, const std::string& what) { world_.fail(device.client.name + " " + what); }

  World& world_;
  Workload& workload_;
  std::map<Device*, View, ByName> views_;
};

}  // namespace kith::sim
