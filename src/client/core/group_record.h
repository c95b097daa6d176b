// What is kept of a group beside its MLS state: how it calls itself, what a list of chats shows of it without loading
// it, and the lines in its log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "keys/group_policy.h"
#include "wire/content.h"

namespace kith::client {

enum class ChangeKind : std::uint8_t {
  created = 1,
  added,        // users
  removed,      // users
  left,         // users
  role,         // users (one), value: keys::Role
  name,         // text
  description,  // that it is another; not what
  may_send,     // value: keys::Who; as below
  may_edit,
  may_add,
};

struct ChangeRecord {
  ChangeKind kind{};
  std::vector<UserId> users{};
  std::uint8_t value = 0;
  std::string text{};
  friend bool operator==(const ChangeRecord&, const ChangeRecord&) = default;
};

// What one entry changed, for all to see in its place.
struct LineRecord {
  UserId by{};
  std::vector<ChangeRecord> changes{};
  friend bool operator==(const LineRecord&, const LineRecord&) = default;
};

struct GroupFacts {
  wire::GroupProfile profile{};          // no name: not told yet
  std::uint32_t members = 0;             // people
  keys::Role role = keys::Role::member;  // this account's
  keys::Who may_send = keys::Who::everyone;
  std::vector<UserId> to_add{};  // whom the user wants in
  std::int64_t profile_due_ms =
      0;  // when those who are new are told how the group calls itself; 0: by others, or never
};

}  // namespace kith::client
