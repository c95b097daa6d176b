// Words of schema/core.d.ts for what is kept of a group.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "client/core/json.h"
#include "client/core/record.h"

namespace kith::client {

[[nodiscard]] const char* membership_name(Membership membership);
[[nodiscard]] const char* role_name(keys::Role role);
[[nodiscard]] std::optional<keys::Role> role_of_name(const std::string& name);
[[nodiscard]] const char* who_name(keys::Who who);
[[nodiscard]] std::optional<keys::Who> who_of_name(const std::string& name);

[[nodiscard]] Json notice_of(const LossRecord& loss);
[[nodiscard]] Json notice_of(const LineRecord& line);

// The user first, then owner, admins and members, each by name.
struct MemberShown {
  bool is_self = false;
  keys::Role role = keys::Role::member;
  std::string name;
  UserId user;
  friend std::weak_ordering operator<=>(const MemberShown& a, const MemberShown& b);
  friend bool operator==(const MemberShown& a, const MemberShown& b) = default;
};

}  // namespace kith::client
