// Where a forger lays hands on a commit and on what travels with it.
//
// Each hand is called where its thing is made, and whatever follows from that thing is made to fit afterwards: hashes,
// signatures, tags, ciphertexts. So a forgery is wrong in one place only, and whoever does not look there takes it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "mls/group.h"

namespace kith::test {

// What is sent to a server, or put into a log.
struct Request {
  std::uint64_t epoch = 0;  // that the sender says its commit leaves
  Bytes founding = {};      // of the first commit only
  Bytes commit = {};
  Bytes group_info = {};
  Bytes welcome = {};  // empty where nobody is added
};

template <class T>
using Hand = std::function<void(T&)>;

struct Hands {
  // Applied to the tree as they are then.
  Hand<std::vector<mls::ProposalOrRef>> proposals = {};
  // The path: the public keys of its nodes, from the leaf up; the leaf before and after it is signed; the context that
  // its secrets are sealed in.
  bool has_path = true;
  Hand<std::vector<Bytes>> path_keys = {};
  Hand<mls::LeafNode> leaf = {};
  Hand<mls::LeafNode> signed_leaf = {};
  Hand<mls::GroupContext> path_context = {};
  // The commit as it goes into the message: nothing is applied any more.
  Hand<mls::Commit> commit = {};
  Hand<mls::FramedContent> content = {};
  Hand<Bytes> signature = {};
  // The same one in commit and GroupInfos.
  Hand<Bytes> confirmation_tag = {};
  // Signed and tagged.
  Hand<mls::PublicMessage> message = {};
  Hand<mls::GroupInfo> group_info = {};
  Hand<mls::GroupInfo> signed_group_info = {};
  // What those who are added get.
  Hand<mls::GroupInfo> joiners_info = {};
  Hand<mls::GroupInfo> signed_joiners_info = {};
  Hand<mls::GroupSecrets> group_secrets = {};
  Hand<mls::Welcome> welcome = {};
  // The group that a first commit leaves: its one leaf, its context, its GroupInfo.
  Hand<mls::LeafNode> founder = {};
  Hand<mls::LeafNode> signed_founder = {};
  Hand<mls::GroupContext> founding_context = {};
  Hand<mls::GroupInfo> founding = {};
  Hand<mls::GroupInfo> signed_founding = {};
  // Bytes, as they leave.
  Hand<Request> request = {};

  // Keys that sign instead of the committer's: the message, the GroupInfos, and leaf and GroupInfos from then on.
  std::optional<crypto::SignatureKeyPair> content_key = {};
  std::optional<crypto::SignatureKeyPair> info_key = {};
  std::optional<crypto::SignatureKeyPair> joiners_info_key = {};
  std::optional<crypto::SignatureKeyPair> next_key = {};
};

}  // namespace kith::test
