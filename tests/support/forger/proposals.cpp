// What a commit proposes, but for the key packages that it adds.
#include <algorithm>

#include "base/check.h"
#include "mls/profile.h"
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

Hands on_proposals(Hand<std::vector<ProposalOrRef>> hand) { return {.proposals = std::move(hand)}; }

Hands with(Proposal proposal) {
  return on_proposals([proposal = std::move(proposal)](std::vector<ProposalOrRef>& p) {
    p.emplace_back(std::in_place_type<Proposal>, proposal);
  });
}

// Writes over the type of the first proposal, which removes.
Hands with_type(std::size_t at, std::uint8_t type) {
  return {.request = [=](Request& r) {
    const Bytes remove = {1, 0, proposal_type::kRemove, 0, 0, 0, static_cast<std::uint8_t>(Scene::kRemoved.value)};
    const auto found = std::ranges::search(r.commit, remove);
    KITH_CHECK(!found.empty());
    found[at] = type;
  }};
}

PreSharedKeyId psk_id(PskType type, std::size_t nonce_size) {
  PreSharedKeyId id;
  id.type = type;
  id.psk_id = to_bytes("known to nobody");
  id.psk_group_id = to_bytes("group");
  id.psk_nonce = Bytes(nonce_size, 1);
  return id;
}

}  // namespace

Forgeries proposal_forgeries(Scene& scene) {
  Forgeries out;
  const std::string invalid = "invalid_proposal";
  out.push_back(refused("removes its own sender", with(Remove{Scene::kForger}), invalid));
  out.push_back(refused(
      "removes a blank leaf",
      on_proposals([](auto& p) { std::get<Remove>(std::get<Proposal>(p[0])).removed = Scene::kBlank; }), invalid));
  out.push_back(refused("removes a leaf beyond the tree", with(Remove{{8}}), invalid));
  out.push_back(refused("removes the last leaf that there can be", with(Remove{{~0U}}), invalid));
  out.push_back(refused("removes one leaf twice", with(Remove{Scene::kRemoved}), invalid));
  out.push_back(refused("adds one key package twice", with(Add{scene.guest.key_package}), "duplicate_key"));
  out.push_back(refused("adds who is in already", with(Add{scene.bobs_first.key_package}), "duplicate_key"));
  out.push_back(
      refused("adds its own sender", with(Add{scene.package_of(scene.anns[0]).key_package}), "duplicate_key"));
  out.push_back({.name = "removes all devices of the other user",
                 .hands = on_proposals([](auto& p) {
                   p.clear();
                   for (const LeafIndex leaf :
                        {Scene::kNeighbour, Scene::kBobsSecond, Scene::kBobsFourth, Scene::kRemoved})
                     p.emplace_back(std::in_place_type<Proposal>, Remove{leaf});
                 }),
                 .server = payload("a direct conversation keeps its two users"),
                 .reader = "a direct conversation keeps its two users",
                 .told_by = {Scene::kAnnsSecond, Scene::kAnnsThird}});
  out.push_back({.name = "adds somebody without an account",
                 .hands = with(Add{scene.package_of(Device::make(scene.stranger, scene.entropy)).key_package}),
                 .server = "a leaf that no account lists",
                 .reader = ""});
  out.push_back(refused("adds a device that its account does not list",
                        with(Add{scene.package_of(Device::make(scene.ann, scene.entropy)).key_package}),
                        "a new device that is not on its user's list"));
  out.push_back(
      {.name = "removes a device that its account lists",
       .hands = on_proposals([](auto& p) { std::get<Remove>(std::get<Proposal>(p[0])).removed = Scene::kBobsFourth; }),
       .server = payload("a device is removed that its user lists"),
       .reader = "a device is removed that its user lists"});

  const LeafNode own = scene.group->own_leaf_node();
  out.push_back(unused("updates its own sender by value", with(Update{own}), invalid));
  out.push_back(unused(
      "changes the group's extensions",
      with(GroupContextExtensions{{profile::required_capabilities(), {profile::kPolicyExtension, to_bytes("owner")}}}),
      ""));
  out.push_back(unused("drops the group's extensions", with(GroupContextExtensions{{}})));
  out.push_back(unused("asks for an extension that nobody has", with(GroupContextExtensions{{{0xF999, {}}}}),
                       "unsupported_capability"));
  out.push_back(unused(
      "has one of the group's extensions twice",
      with(GroupContextExtensions{{profile::required_capabilities(), profile::required_capabilities()}}), "bad_value"));
  out.push_back(unused("changes the group's extensions twice", on_proposals([](auto& p) {
                         p.insert(p.end(), 2,
                                  ProposalOrRef(std::in_place_type<Proposal>,
                                                GroupContextExtensions{{profile::required_capabilities()}}));
                       }),
                       invalid));
  out.push_back(unused("comes from outside, as a member", with(ExternalInit{Bytes(32, 9)}), invalid));
  out.push_back(unused("brings in a pre-shared key", with(PreSharedKey{psk_id(PskType::external, 32)}), "unknown_psk"));
  out.push_back(unused("brings in a pre-shared key with a short nonce",
                       with(PreSharedKey{psk_id(PskType::external, 31)}), invalid));
  out.push_back(
      unused("brings in a key of another epoch", with(PreSharedKey{psk_id(PskType::resumption, 32)}), "unknown_psk"));
  auto reinit_psk = psk_id(PskType::resumption, 32);
  reinit_psk.usage = ResumptionUsage::reinit;
  out.push_back(unused("says that it takes another group's place", with(PreSharedKey{reinit_psk}), invalid));
  const ReInit reinit{.group_id = to_bytes("x"), .version = kVersion, .suite = 3, .extensions = {}};
  out.push_back(unused("ends the group beside other things", with(reinit), invalid));
  out.push_back(unused(
      "ends the group",
      {.proposals = [=](auto& p) { p = {ProposalOrRef(std::in_place_type<Proposal>, reinit)}; }, .has_path = false},
      ""));
  out.push_back(unused("names a proposal that was never sent",
                       on_proposals([](auto& p) { p.emplace_back(std::in_place_type<ProposalRef>, Bytes(32)); }),
                       "unknown_proposal"));
  Group copy = scene.others.at(Scene::kNeighbour);
  const auto ref = copy.propose(Remove{Scene::kAnnsThird}, {}, scene.entropy).value().cached.ref;
  out.push_back(unused("names a proposal that somebody sent elsewhere",
                       on_proposals([=](auto& p) { p.emplace_back(std::in_place_type<ProposalRef>, ref); }),
                       "unknown_proposal"));

  out.push_back(refused("has a proposal of an unknown type", with_type(2, 8), "bad_value"));
  out.push_back(refused("has a proposal of a private type", with_type(1, 0xF0), "bad_value"));
  out.push_back(refused("has neither a proposal nor a reference", with_type(0, 3), "bad_value"));
  out.push_back({.name = "has more proposals than anybody reads",
                 .hands = on_proposals([](auto& p) {
                   p.insert(p.end(), 256, ProposalOrRef(std::in_place_type<Proposal>, Remove{Scene::kRemoved}));
                 }),
                 .server = payload("a commit of too many proposals"),
                 .reader = invalid});
  return out;
}

}  // namespace kith::test
