// Commits made by hand: everything that a member can make, with the forger's hands in it. The library makes commits
// too, but none that are wrong.
#pragma once

#include "tests/support/forger/hands.h"

namespace kith::test {

// An epoch as whoever commits in it knows it.
struct Known {
  mls::PublicGroup group;
  SecretBytes init_secret;
  SecretBytes membership_key;               // members only
  crypto::SignatureKeyPair key;             // of the committer's leaf
  std::optional<mls::LeafIndex> leaf = {};  // empty: comes from outside
};
Known known_to(const mls::Group& group, const crypto::SignatureKeyPair& key);

// What the honest commit does.
struct Plan {
  std::vector<mls::Proposal> proposals = {};
  // The leaf of whoever comes from outside, or founds; a member keeps its own.
  mls::LeafParameters leaf = {};
  Bytes authenticated_data = {};
  bool tree_in_group_info = false;
};

Request make_commit(const Known& known, const Plan& plan, const Hands& hands, Entropy& entropy);
// Comes from outside by what a GroupInfo says. The ExternalInit goes before the plan's proposals.
Request make_external_commit(const mls::PublicGroup& group, const mls::GroupInfo& info, const Plan& plan,
                             const crypto::SignatureKeyPair& key, const Hands& hands, Entropy& entropy);
// Founds a group, and commits in it at once.
Request make_first_commit(const mls::CreateOptions& founding, const Plan& plan, const crypto::SignatureKeyPair& key,
                          const Hands& hands, Entropy& entropy);

// Signed again, as its owner can.
void sign(mls::KeyPackage& package, const crypto::SignatureKeyPair& key);

}  // namespace kith::test
