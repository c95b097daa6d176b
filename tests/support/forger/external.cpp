// Commits by which somebody comes from outside: the rules of section 12.4.3.2, and Kith's own.
#include <algorithm>

#include <algorithm>

#include "mls/profile.h"
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

using Proposals = std::vector<ProposalOrRef>;

Hands with(Proposal proposal) {
  return {.proposals = [proposal = std::move(proposal)](Proposals& p) {
    p.emplace_back(std::in_place_type<Proposal>, proposal);
  }};
}
Hands with_kem_output(Bytes value) {
  return {.proposals = [value = std::move(value)](Proposals& p) {
    std::get<ExternalInit>(std::get<Proposal>(p[0])).kem_output = value;
  }};
}

}  // namespace

Forgeries external_forgeries(Scene& scene) {
  Forgeries out;
  const std::string invalid = "invalid_proposal";
  out.push_back(refused("there is no path", {.has_path = false}, "missing_path"));
  out.push_back(refused("there is no ExternalInit", {.proposals = [](Proposals& p) { p.erase(p.begin()); }}, invalid));
  out.push_back(refused("there are no proposals", {.proposals = [](Proposals& p) { p.clear(); }}, invalid));
  out.push_back(refused("there are two ExternalInits", with(ExternalInit{Bytes(32, 9)}), invalid));
  for (const WrongKey& wrong : wrong_kem_keys(scene))
    out.push_back(refused("kem_output " + wrong.name, with_kem_output(wrong.key), "bad_key"));
  out.push_back({.name = "kem_output is another point",
                 .hands = with_kem_output(crypto::Suite::product().generate_kem_key(scene.entropy).public_key),
                 .server = "",
                 .reader = "bad_confirmation_tag"});
  out.push_back(refused("removes nobody, and is there twice", {.proposals = [](Proposals& p) { p.pop_back(); }},
                        "duplicate_key"));
  out.push_back(refused("removes two leaves", with(Remove{Scene::kAnnsSecond}), invalid));
  out.push_back(refused("removes one leaf twice", with(Remove{Scene::kAnnsThird}), invalid));
  out.push_back(
      refused("removes a blank leaf",
              {.proposals = [](Proposals& p) { std::get<Remove>(std::get<Proposal>(p[1])).removed = Scene::kBlank; }},
              invalid));
  out.push_back(refused("removes a leaf beyond the tree",
                        {.proposals = [](Proposals& p) { std::get<Remove>(std::get<Proposal>(p[1])).removed = {8}; }},
                        invalid));
  out.push_back(unused("adds somebody", with(Add{scene.guest.key_package}), invalid));
  out.push_back(unused("updates a leaf", with(Update{scene.group->own_leaf_node()}), invalid));
  out.push_back(unused("changes the group's extensions",
                       with(GroupContextExtensions{{profile::required_capabilities()}}), invalid));
  out.push_back(unused("ends the group",
                       with(ReInit{.group_id = to_bytes("x"), .version = kVersion, .suite = 3, .extensions = {}}),
                       invalid));
  out.push_back(unused("brings in a pre-shared key",
                       with(PreSharedKey{{.psk_id = to_bytes("x"), .psk_nonce = Bytes(32)}}), "unknown_psk"));
  out.push_back(unused("names a proposal by reference",
                       {.proposals = [](Proposals& p) { p.emplace_back(std::in_place_type<ProposalRef>, Bytes(32)); }},
                       "unknown_proposal"));
  out.push_back(refused("has a membership tag",
                        {.request =
                             [](Request& r) {
                               const Bytes tag = encoded(Bytes(32));
                               kith::append(r.commit, tag);
                             }},
                        "trailing_bytes"));
  out.push_back(refused("sender is the leaf that it takes",
                        {.content = [](FramedContent& c) { c.sender = Sender::member(Scene::kAnnsThird); }}, ""));
  out.back().server = payload("a proposal that is not used here");
  out.back().reader = "bad_membership_tag";
  out.push_back({.name = "group_id is another conversation's",
                 .hands = {.content = [](FramedContent& c) { c.group_id = flipped(c.group_id); }},
                 .server = payload("of another group"),
                 .reader = "wrong_group"});
  out.push_back({.name = "epoch is the next one",
                 .hands = {.content = [](FramedContent& c) { ++c.epoch; }},
                 .server = payload("of another epoch than the request says"),
                 .reader = "wrong_epoch"});
  out.push_back(refused("signature is changed", {.signature = flip()}, "bad_signature"));
  out.push_back(
      refused("signature is by another device of the same user", {.content_key = scene.anns[1].key}, "bad_signature"));
  out.push_back({.name = "confirmation_tag is changed",
                 .hands = {.confirmation_tag = flip()},
                 .server = "",
                 .reader = "bad_confirmation_tag"});
  out.push_back(refused("confirmation_tag is empty", {.confirmation_tag = becomes({})}, "bad_confirmation_tag"));
  out.push_back(
      {.name = "GroupInfo is signed by another device",
       .hands = {.group_info = [](GroupInfo& i) { i.signer = Scene::kAnnsSecond; }, .info_key = scene.anns[1].key},
       .server = "group_info: not signed by who sends it",
       .reader = ""});
  return out;
}

Forgeries returning_leaf_forgeries(Scene& scene) {
  Forgeries out = path_leaf_forgeries(scene);
  // The server has no other leaf at hand to compare with, and Kith's own rule is enough.
  const auto other = std::ranges::find(out, "credential has a type that others do not list", &Forgery::name);
  other->server = payload("a leaf without a basic credential");
  const LeafNode before = *scene.group->public_group().tree().leaf(Scene::kAnnsThird);
  out.push_back(refused("encryption_key is that of the leaf that it removes",
                        {.leaf = [=](LeafNode& l) { l.encryption_key = before.encryption_key; }}, "bad_leaf_node"));
  out.push_back(refused("leaf_node is the one that it removes", {.signed_leaf = [=](LeafNode& l) { l = before; }},
                        "bad_leaf_node"));
  for (const WrongCredential& wrong : wrong_credentials(scene, scene.anns[2])) {
    // Under another's name it takes a place that is not its own.
    const auto decoded = keys::DeviceCredential::decode(wrong.credential);
    const bool is_other = decoded && decoded->user != scene.ann.user;
    out.push_back(refused(wrong.name,
                          {.leaf = [c = wrong.credential](LeafNode& l) { l.credential = Credential::basic(c); }},
                          is_other ? "an external commit that removes somebody else" : wrong.why));
  }
  return out;
}

Forgeries intrusion_forgeries(Scene& scene) {
  Forgeries out;
  const auto removes = [&](const std::string& name, LeafIndex leaf, const std::string& server,
                           const std::string& reader) {
    out.push_back({.name = name, .hands = with(Remove{leaf}), .server = server, .reader = reader});
  };
  const std::string somebody = "an external commit that removes somebody else";
  removes("removes a device of the other user", Scene::kBobsSecond, payload(somebody), somebody);
  // That device itself only sees that it is out.
  out.back().told_by = {Scene::kNeighbour, Scene::kAnnsSecond, Scene::kAnnsThird};
  const std::string listed = "a device is removed that its user lists";
  removes("removes another device of its own user", Scene::kAnnsSecond, payload(listed), listed);
  out.back().told_by = {Scene::kNeighbour, Scene::kBobsSecond, Scene::kAnnsThird};
  const auto as = [&](const std::string& name, const Bytes& credential, const std::string& server,
                      const std::string& reader) {
    out.push_back({.name = name,
                   .hands = {.leaf = [=](LeafNode& l) { l.credential = Credential::basic(credential); }},
                   .server = server,
                   .reader = reader});
  };
  const auto credential = [&](const Owner& owner, const DeviceId& id) {
    return owner.credential(id, scene.anns[3].key.public_key).encode();
  };
  Owner anns_as_bob = scene.ann;
  anns_as_bob.user = scene.bob.user;
  const std::string two = "a device of one user hangs on another identity";
  as("comes in under the other user's name, by the forger's identity", credential(anns_as_bob, scene.anns[3].id),
     payload(two), two);
  as("comes in under the name of a device that is in", credential(scene.ann, scene.anns[1].id),
     payload("one device with two leaves"), "one device with two leaves");
  as("comes in as a stranger", credential(scene.stranger, scene.anns[3].id), "a leaf that no account lists", "");
  const std::string unlisted = "a new device that is not on its user's list";
  as("comes in as another device of the same user", credential(scene.ann, DeviceId{{77}}), payload(unlisted), unlisted);
  const std::string none = "a change of devices without a list that says so";
  out.push_back(
      refused("comes in without a list", {.content = [](FramedContent& c) { c.authenticated_data.clear(); }}, none));
  return out;
}

}  // namespace kith::test
