// A group of many, made as its founder's client makes it: a first commit, and then commits that add up to 256 devices
// each. Only the founder's half of the group is kept: its members exchange opaque messages.
#pragma once

#include "load/account.h"
#include "mls/group.h"
#include "wire/frame.h"

namespace kith::load {

// What a commit carries, with the bytes that its frame views.
struct Filling {
  wire::Commit frame;
  Bytes commit;
  Bytes group_info;
  std::vector<Bytes> welcomes;
};

class GroupFounder {
 public:
  static constexpr std::size_t kMostAdded = 256;  // by one commit

  static Result<GroupFounder> found(const Account& founder, const HistoryId& history);

  [[nodiscard]] const ConversationId& conversation() const { return conversation_; }
  [[nodiscard]] Epoch epoch() const { return {group_.epoch()}; }
  // Valid as long as this is.
  [[nodiscard]] wire::FoundGroup founding() const;
  // The commit that adds these devices by their key packages (MLSMessages); the group is then in the epoch behind it.
  Result<std::unique_ptr<Filling>> add(const std::vector<std::pair<const Account*, Bytes>>& devices);

 private:
  GroupFounder(const HistoryId& history, mls::Group group) : history_(history), group_(std::move(group)) {}
  [[nodiscard]] Bytes bound_to(const ClientId& client_id) const;

  HistoryId history_;
  ConversationId conversation_;
  ClientId first_commit_;
  mls::Group group_;  // as of the last commit
  Bytes founding_;
  Bytes commit_;
  Bytes group_info_;
};

}  // namespace kith::load
