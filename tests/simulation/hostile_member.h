// A member that means it no good, at an honest server: a person whose programs have been changed. What they send up is
// changed or joined by what the forger makes, with the keys that the device really has.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/core/record.h"
#include "tests/simulation/world.h"
#include "tests/support/forger/workshop.h"
#include "wire/frame.h"

namespace kith::sim {

class HostileMember {
 public:
  explicit HostileMember(World& world);

  [[nodiscard]] bool is(const Person& person) const { return world_.misusing.contains(person.name); }
  struct Act {
    Fault kind{};
    std::string by;  // a device's name
    ConversationId conversation;
    ClientId client_id;  // of the entry, where it makes one
    std::int64_t at_ms = 0;
  };
  [[nodiscard]] const std::vector<Act>& acts() const { return acts_; }

 private:
  std::vector<Bytes> instead_of(const std::string& who, Bytes bytes);
  bool hears(const std::string& who, const Bytes& bytes);
  std::optional<mls::Group> group_of(const Device& device, const ConversationId& conversation) const;
  std::optional<crypto::SignatureKeyPair> key_of(const Device& device) const;
  Bytes bound(const Device& device, const ConversationId& conversation, wire::EntryKind kind, const ClientId& client,
              const std::function<void(keys::AuthenticatedData&)>& change = {}) const;
  Bytes content(const Device& device, std::int64_t sent_ms);
  void did(Fault kind, const Device& device, const ConversationId& conversation, const ClientId& client = {});

  void forge(Device& device, wire::Append& append, std::vector<wire::Body>& more);
  void forge(Device& device, wire::Commit& commit);
  void act_up(Device& device, const ConversationId& conversation, std::vector<wire::Body>& more);
  std::optional<wire::Body> forged_note(const Device& device, const ConversationId& conversation);
  std::optional<wire::Body> overstep(const Device& device, const ConversationId& conversation);
  std::optional<wire::Body> poisoned_confirmation(const Device& device, const ConversationId& conversation);
  ByteView keep(Bytes bytes) { return made_.emplace_back(std::move(bytes)); }

  World& world_;
  Chance chance_;
  std::vector<Act> acts_;
  std::deque<Bytes> made_;  // what the frames that are being made point to
  // Requests that the program itself knows nothing of.
  struct Asked {
    Fault kind{};
    bool must_be_refused = false;
    UserId by;
    ConversationId conversation;
  };
  std::uint32_t next_request_ = kFirstRequest;
  std::map<std::uint32_t, Asked> asked_;
  std::uint64_t forged_ = 0;
  static constexpr std::uint32_t kFirstRequest = 0x80000000;
};

}  // namespace kith::sim
