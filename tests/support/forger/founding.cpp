// How a direct conversation begins: the GroupInfo of epoch 0 that CreateDirect brings, and its first commit.
#include "mls/profile.h"
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

// Members never see how a group was founded.
Forgery unfounded(std::string name, Hands hands, const std::string& why) {
  return {.name = std::move(name), .hands = std::move(hands), .server = "founding: " + why, .reader = ""};
}

Bytes& tree_in(GroupInfo& info) { return info.extensions[1].data; }

}  // namespace

Forgeries founding_forgeries(Scene& scene) {
  Forgeries out;
  const auto context = [&](const std::string& name, Hand<GroupContext> change, const std::string& why) {
    out.push_back(unfounded(name, {.founding_context = std::move(change)}, why));
  };
  const auto info = [&](const std::string& name, Hand<GroupInfo> change, const std::string& why) {
    out.push_back(unfounded(name, {.founding = std::move(change)}, why));
  };
  const auto request = [&](const std::string& name, Hand<Request> change, const std::string& why) {
    out.push_back(unfounded(name, {.request = std::move(change)}, why));
  };
  context("version is 2", [](GroupContext& c) { c.version = 2; }, "unsupported_version");
  info("cipher_suite is another one", [](GroupInfo& i) { i.group_context.suite = 1; }, "another suite");
  context(
      "group_id is another conversation's",
      [](GroupContext& c) { c.group_id = keys::group_id(ConversationId{{7}}, 0); }, "of another group or epoch");
  context(
      "group_id is that of another incarnation", [&](GroupContext& c) { c.group_id = keys::group_id(scene.id, 1); },
      "of another group or epoch");
  context("epoch is 1", [](GroupContext& c) { c.epoch = 1; }, "of another group or epoch");
  context("tree_hash is changed", [](GroupContext& c) { c.tree_hash = flipped(c.tree_hash); }, "bad_tree");
  context(
      "confirmed_transcript_hash is not empty", [](GroupContext& c) { c.confirmed_transcript_hash = Bytes(32, 1); },
      "with a past");
  const std::string extensions = "other extensions than a direct conversation has";
  context("group extensions are missing", [](GroupContext& c) { c.extensions.clear(); }, extensions);
  context(
      "group extensions are more",
      [](GroupContext& c) { c.extensions.push_back({profile::kPolicyExtension, to_bytes("x")}); }, extensions);
  context(
      "group extensions have one twice", [](GroupContext& c) { c.extensions.push_back(c.extensions[0]); }, extensions);

  info("ratchet_tree is missing", [](GroupInfo& i) { i.extensions.pop_back(); }, "missing_tree");
  info("ratchet_tree is there twice", [](GroupInfo& i) { i.extensions.push_back(i.extensions[1]); }, "bad_value");
  info("ratchet_tree is empty", [](GroupInfo& i) { tree_in(i).clear(); }, "truncated");
  info("ratchet_tree has bytes behind it", [](GroupInfo& i) { tree_in(i).push_back(0); }, "trailing_bytes");
  info(
      "ratchet_tree is another one",
      [&](GroupInfo& i) {
        RatchetTree tree(crypto::Suite::product());
        tree.place({0}, scene.bobs_first.key_package.leaf);
        tree_in(i) = tree.encode();
      },
      "bad_tree");
  info(
      "ratchet_tree has two leaves",
      [&](GroupInfo& i) {
        RatchetTree tree = RatchetTree::decode(crypto::Suite::product(), tree_in(i)).value();
        tree.place({1}, scene.bobs_first.key_package.leaf);
        tree_in(i) = tree.encode();
        i.group_context.tree_hash = tree.hash();
      },
      "too_long");
  info("confirmation_tag is empty", [](GroupInfo& i) { i.confirmation_tag.clear(); }, "bad_group_info");
  info("signer is nobody", [](GroupInfo& i) { i.signer = {1}; }, "unknown_sender");
  out.push_back(unfounded("signature is changed",
                          {.signed_founding = [](GroupInfo& i) { i.signature = flipped(i.signature); }},
                          "bad_signature"));
  out.push_back(unfounded(
      "signature is by another device of the same user",
      {.signed_founding = [key = scene.anns[1].key](GroupInfo& i) { mls::sign(crypto::Suite::product(), i, key); }},
      "bad_signature"));
  request("is missing", [](Request& r) { r.founding.clear(); }, "truncated");
  request("holds the commit", [](Request& r) { r.founding = r.commit; }, "wrong_message");
  request("message version is 2", [](Request& r) { r.founding[1] = 2; }, "unsupported_version");
  request("is that of the first epoch", [](Request& r) { r.founding = r.group_info; }, "of another group or epoch");
  out.push_back(
      {.name = "is larger than any may be",
       .hands = {.founding = [](GroupInfo& i) { i.extensions.push_back({0x0A0A, Bytes(std::size_t{1} << 20)}); }},
       .server = "too_large",
       .reader = ""});
  // Nobody comes from outside into an epoch that was never anybody's, and nobody has its keys but its founder.
  for (auto& [name, hand] : std::vector<std::pair<std::string, Hand<GroupInfo>>>{
           {"external_pub is missing", [](GroupInfo& i) { i.extensions.erase(i.extensions.begin()); }},
           {"confirmation_tag is changed", [](GroupInfo& i) { i.confirmation_tag = flipped(i.confirmation_tag); }}}) {
    out.push_back({.name = name, .hands = {.founding = hand}, .server = "", .reader = ""});
  }
  return out;
}

Forgeries founder_forgeries(Scene& scene) {
  Forgeries out;
  // Without a path, the founder's leaf would stay as it is.
  const auto leaf = [&](const std::string& name, Hand<LeafNode> change, const std::string& why) {
    out.push_back(unfounded(name, {.has_path = false, .founder = std::move(change)}, why));
  };
  for (WrongLeaf& wrong : wrong_leaves(scene)) leaf(wrong.name, std::move(wrong.change), wrong.why);
  const std::string source = "a leaf of another source";
  leaf("leaf_node_source is update", [](LeafNode& l) { l.source = LeafNodeSource::update; }, source);
  leaf("leaf_node_source is commit", [](LeafNode& l) { l.source = LeafNodeSource::commit; }, source);
  leaf(
      "credential is of no basic type",
      [](LeafNode& l) {
        l.capabilities.credentials.push_back(credential_type::kX509);
        l.credential = {.type = credential_type::kX509, .identity = {}, .certificates = {}};
      },
      "a leaf without a basic credential");
  for (const WrongCredential& wrong : wrong_credentials(scene, scene.anns[0]))
    leaf(wrong.name, [c = wrong.credential](LeafNode& l) { l.credential = Credential::basic(c); }, wrong.why);
  leaf(
      "credential is of another device of the same user",
      [c = scene.ann.credential(scene.anns[1].id, scene.anns[0].key.public_key).encode()](LeafNode& l) {
        l.credential = Credential::basic(c);
      },
      "the first leaf is not the sender's");
  const auto signature = [&](const std::string& name, Hand<LeafNode> change) {
    out.push_back(unfounded(name, {.signed_founder = std::move(change)}, "bad_signature"));
  };
  signature("leaf_node.signature is changed", [](LeafNode& l) { l.signature = flipped(l.signature); });
  signature("leaf_node.signature is by another device of the same user",
            [key = scene.anns[1].key](LeafNode& l) { mls::sign(crypto::Suite::product(), l, {}, key); });
  // The first commit's path takes its place, and nobody asks how old a member's leaf is.
  out.push_back({.name = "lifetime is over",
                 .hands = {.founder = [&](LeafNode& l) { l.lifetime = {0, 1}; }},
                 .server = "",
                 .reader = ""});
  return out;
}

Forgeries first_commit_forgeries(Scene& scene) {
  Forgeries out;
  std::vector<ProposalOrRef> crowd;
  for (int i = 0; i < 128; ++i) {
    crowd.emplace_back(std::in_place_type<Proposal>,
                       Add{scene.package_of(Device::make(scene.bob, scene.entropy)).key_package});
  }
  out.push_back({.name = "adds more devices than two users may have",
                 .hands = {.proposals = [=](std::vector<ProposalOrRef>& p) { p = crowd; }},
                 .server = payload("a tree of too many leaves"),
                 .reader = ""});
  out.push_back({.name = "is larger than a message may be",
                 .hands = {.content = [](FramedContent& c) { c.authenticated_data = Bytes(std::size_t{5} << 17); }},
                 .server = "too_large",
                 .reader = ""});
  out.push_back({.name = "signature is changed",
                 .hands = {.signature = flip()},
                 .server = payload("bad_signature"),
                 .reader = ""});
  out.push_back({.name = "epoch is the next one",
                 .hands = {.content = [](FramedContent& c) { c.epoch = 1; }},
                 .server = payload("of another epoch than the request says"),
                 .reader = ""});
  out.push_back({.name = "a device is added whose key package is not signed",
                 .hands = {.proposals =
                               [](std::vector<ProposalOrRef>& p) {
                                 auto& added = std::get<Add>(std::get<Proposal>(p[0])).key_package;
                                 added.signature = flipped(added.signature);
                               }},
                 .server = payload("bad_signature"),
                 .reader = ""});
  out.push_back(
      {.name = "GroupInfo's tree_hash is changed",
       .hands = {.group_info = [](GroupInfo& i) { i.group_context.tree_hash = flipped(i.group_context.tree_hash); }},
       .server = "group_info: bad_group_info",
       .reader = ""});
  return out;
}

}  // namespace kith::test
