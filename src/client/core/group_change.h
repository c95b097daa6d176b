// What a commit did to a group that people see.
#pragma once

#include <set>
#include <vector>

#include "client/core/group_record.h"
#include "keys/group_rules.h"
#include "mls/public_group.h"

namespace kith::client {

struct GroupChange {
  std::set<UserId> came{};
  std::set<UserId> gone{};
  bool brought_devices = false;         // of anybody: new ones, or ones that come back
  std::vector<ChangeRecord> changes{};  // in the order in which they are told
  std::vector<keys::PublicKey> made{};  // links
  std::vector<keys::PublicKey> used{};  // links by which somebody came, once for each
};

// `next`: null for whoever was removed by it. `time_ms`: the server's, of the commit's entry; that a link goes which
// had expired by then is not told. The group was well before, and the commit holds.
[[nodiscard]] GroupChange change_by(const mls::PublicGroup& before, const mls::PublicGroup* next,
                                    const mls::CommitEffects& effects, std::uint64_t time_ms);

}  // namespace kith::client
