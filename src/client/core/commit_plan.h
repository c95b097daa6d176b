// What the next commit of this device does beside renewing its leaf.
#pragma once

#include <optional>
#include <vector>

#include "keys/grounds.h"
#include "keys/group_policy.h"
#include "mls/key_package.h"

namespace kith::client {

struct CommitPlan {
  struct Newcomer {
    UserId user;
    DeviceId device;
    mls::VerifiedKeyPackage package;
  };
  std::vector<mls::LeafIndex> removes{};
  std::vector<Newcomer> adds{};
  keys::Grounds grounds{};
  std::optional<keys::GroupPolicy> policy{};  // of a group, where it becomes another one
};

}  // namespace kith::client
