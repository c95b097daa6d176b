// How this device comes into a conversation: it creates it, is invited, or rejoins (docs/protocol.md, "A direct
// conversation" and "A group").
//
// Creating a direct conversation: the peer's devices and key packages are asked for and verified against the pinned
// identity, and those of the user's own other devices. A group begins with this device alone, and whoever is wanted is
// added by the commits that follow. The first commit is stored with everything that follows from it before it leaves,
// and the same bytes leave again after a crash. Whoever is first wins; the loser drops its group and waits for the
// winner's Welcome. Rejoining: an external commit onto the GroupInfo that the server shows; in a group of some size
// others may have lost it as well, and one commit of somebody who has not brings all back who asked for it.
#pragma once

#include <cstdint>
#include <optional>

#include "client/core/claimed_packages.h"
#include "client/core/group_reader.h"
#include "keys/grounds.h"
#include "keys/group_policy.h"
#include "mls/group.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Founding {
 public:
  explicit Founding(Chat& chat) : chat_(chat) {}

  // The group that is here cannot be followed any more, and is about to go.
  void lost();
  // It was lost, and this is what the server shows of it already.
  void was_shown(OpenedGroup shown);
  // What was tried last did not succeed; it is tried again.
  [[nodiscard]] bool has_failed() const { return failures_ > 0; }
  // The first commit of a group of this device alone, under the name that makes the chat's id. False: it cannot be
  // made.
  [[nodiscard]] bool found_group(const ClientId& first_commit, const keys::GroupPolicy& policy);

  [[nodiscard]] bool has_work() const;
  void advance();
  void disconnected();

 private:
  // Creating
  void ask_packages();
  [[nodiscard]] bool is_still_to_be_founded() const;
  void ask_own_packages(const std::vector<ClaimedPackage>& theirs);
  void build(const std::vector<ClaimedPackage>& theirs, const std::optional<OwnPackages>& own);
  [[nodiscard]] mls::Result<mls::Group> alone(mls::Extensions extensions) const;
  void refused(const ClaimFailure& why);
  void create_answered(const wire::Body& body);
  void created(const wire::Appended& appended);
  [[nodiscard]] bool enter(const wire::Appended& appended);
  // Rejoining
  void ask_for_replacement();
  void replacement_answered(const wire::Body& body);
  void ask_group();
  void come_into(OpenedGroup shown);
  void come_to_known(const OpenedGroup& shown);
  // A device that had no leaf in it says by its user's signed list that it may have one.
  void ask_own_list(const OpenedGroup& shown);
  void join_external(const OpenedGroup& shown, keys::Grounds grounds);
  void refuse(const std::string& why);
  [[nodiscard]] bool may_be_replaced(const mls::PublicGroup& group) const;
  void commit_answered(const wire::Body& body);

  void look_for_welcome();
  void look_for_leaf();
  void transmit();
  void transmit_first(const struct PendingRecord& record);
  void pause(std::int64_t at_least_ms);

  Chat& chat_;
  bool busy_ = false;
  std::uint32_t failures_ = 0;
  std::int64_t retry_at_ = 0;  // on Machine::clock_ms
  std::int64_t look_at_ = 0;   // into the mailbox, for a Welcome
  std::uint32_t looks_ = 0;
  std::optional<OpenedGroup> shown_{};
  Bytes broken_leaf_{};           // its encryption key, until somebody is asked to replace it
  bool has_asked_ = false;        // since this group was lost
  std::int64_t replaced_by_ = 0;  // that, or a Welcome, is waited for until then
  bool has_awaited_welcome_ = false;
};

}  // namespace kith::client
