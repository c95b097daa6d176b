// What holds though servers lie or a member means it no good: nothing is believed that its author did not say, nobody
// is let in whom nobody made, what was of consequence was noticed and named, and once the lies end all is as it should
// be.
//
// A run has either a hostile server or a hostile member. What is lost by a member's own acts is that member's affair.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/hostile_member.h"
#include "tests/simulation/hostile_server.h"

namespace kith::sim {

class HostileChecks {
 public:
  explicit HostileChecks(World& world);
  ~HostileChecks();
  HostileChecks(const HostileChecks&) = delete;
  HostileChecks& operator=(const HostileChecks&) = delete;
  // Once the lies are over: everybody speaks once more, everywhere, and then all of it is looked at.
  void all();

 private:
  struct Warning {
    std::string code;
    std::string conversation;  // empty: of none
    std::int64_t at_ms = 0;
  };
  struct Row {
    std::uint64_t seq = 0;  // 0: not in the log
    std::string id;
    std::string sender;
    std::string text;
    bool is_known_kind = true;
  };
  struct Shown {
    std::vector<Row> rows;
    Json chat;
    bool says_that_some_are_lost = false;
    std::set<std::string> texts;
    std::set<std::uint64_t> lines;  // where the group changed
    std::set<std::uint64_t> left;   // where it says that its user left
  };
  struct LastWord {
    Device* by = nullptr;
    std::string conversation;
  };

  void listen(Device& device, const Json& event);
  void nobody_invented_is_let_in(const std::string& who, const wire::Body& body);

  [[nodiscard]] bool is_honest(const Person& person) const { return !member_ || !member_->is(person); }
  [[nodiscard]] bool is_in_good_standing(const Device& device) const;
  void make_sure_of_contacts();
  void everybody_speaks(int round);
  Shown shown_at(Device& device, const Json& chat);

  void nothing_is_invented(Device& device, const std::string& conversation, const Shown& shown);
  void all_are_heard(Device& device, const std::string& conversation, const Shown& shown);
  void nothing_is_lost_silently(Device& device, const std::string& conversation, const Shown& shown);
  void forks_are_named();
  void is_where_the_log_is(Device& device, const std::string& conversation, const Shown& shown);
  void acts_are_noticed();
  bool was_away(const LoggedConversation& conversation, const UserId& user, const LoggedEntry& entry,
                const Shown& shown) const;
  [[nodiscard]] bool was_warned(const Device& device, const std::string& conversation, std::int64_t since_ms = 0) const;
  [[nodiscard]] bool was_told_of_another_history(const Person& person) const;
  [[nodiscard]] bool others_were_warned(const Device& device, const std::string& conversation) const;
  [[nodiscard]] bool others_show(const Device& device, const std::string& conversation, const std::string& text) const;
  // One of the last words of the other is shown there.
  [[nodiscard]] bool has_heard(Device& device, const Device& other, const std::string& conversation) const;
  [[nodiscard]] bool is_driven_out(const Device& device, const std::string& conversation, const Shown& shown) const;
  [[nodiscard]] bool waits_for(const Device& device, const std::string& conversation, Seq seq) const;
  [[nodiscard]] bool can_be_sent_again(const LoggedConversation& logged, const LoggedEntry& entry, const Said& said,
                                       const UserId& to) const;
  [[nodiscard]] Device* device_named(const std::string& name) const;
  void fail(const Device& device, const std::string& what) { world_.fail(device.client.name + " " + what); }

  World& world_;
  std::optional<HostileServer> server_;
  std::optional<HostileMember> member_;
  std::map<const Device*, std::vector<Warning>> warnings_;
  std::map<std::string, LastWord> last_words_;  // by text
  std::map<Device*, std::map<std::string, Shown>> shown_;
};

}  // namespace kith::sim
