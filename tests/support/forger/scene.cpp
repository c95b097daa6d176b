#include "tests/support/forger/scene.h"

#include "keys/recovery_key.h"
#include "mls/profile.h"

namespace kith::test {
namespace {

using namespace mls;

VerifiedKeyPackage verified(KeyPackage package) {
  return VerifiedKeyPackage::verify(std::move(package), crypto::Suite::product(), std::nullopt).value();
}

}  // namespace

Owner Owner::make(std::uint8_t number, Entropy& entropy) {
  return {.user = UserId{{number}},
          .identity = keys::RecoveryKey::generate(entropy).identity_key(),
          .generation = keys::AccountGeneration::generate(0, entropy)};
}

keys::DeviceCredential Owner::credential(const DeviceId& device, ByteView leaf_key) const {
  return keys::DeviceCredential::make(user, device, identity.public_key, certificate(), generation,
                                      crypto::Suite::product().id(), leaf_key);
}

Device Device::make(const Owner& owner, Entropy& entropy) {
  Device device;
  entropy.fill(device.id.value);
  device.key = crypto::Suite::product().generate_signature_key(entropy);
  device.credential = owner.credential(device.id, device.key.public_key).encode();
  return device;
}

keys::FollowedList Owner::list(std::uint64_t version, const std::vector<const Device*>& devices) const {
  keys::FollowedList followed{certificate(), {}};
  followed.list.user = user;
  followed.list.version = version;
  for (const Device* device : devices) followed.list.devices.push_back({device->id, device->key.public_key});
  followed.list.sign(generation);
  return followed;
}

Scene::Scene(Owner anns_self, Device anns_first, Owner bobs_self, Device bobs_first_device, std::uint64_t now)
    : now_s(now),
      entropy(4711),
      ann(std::move(anns_self)),
      bob(std::move(bobs_self)),
      stranger(Owner::make(99, entropy)),
      anns{std::move(anns_first)},
      bobs{std::move(bobs_first_device)},
      id(keys::direct_conversation(ann.user, bob.user)) {
  while (anns.size() < 4) anns.push_back(Device::make(ann, entropy));
  while (bobs.size() < 5) bobs.push_back(Device::make(bob, entropy));
  guest = package_of(anns[3]);
  anns_list = ann.list(2, {&anns[0], &anns[1], &anns[2], &anns[3]});
  bobs_list = bob.list(2, {&bobs[0], &bobs[1], &bobs[2], &bobs[3], &bobs[4]});
  found();
  // Keys on B2's path, and on A2's; then B3 goes, and with it what is above.
  commit_by(kBobsSecond, bob, bobs[1], {});
  bobs_list = bob.list(3, {&bobs[0], &bobs[1], &bobs[3], &bobs[4]});
  commit_by(kAnnsSecond, ann, anns[1], {.removes = {kBlank}, .authenticated_data = authenticated_data({bobs_list})});
  bobs_list = bob.list(4, {&bobs[0], &bobs[1], &bobs[3]});
}

Scene Scene::of_nobody_known() {
  SeededEntropy entropy(42);
  Owner ann = Owner::make(1, entropy);
  Owner bob = Owner::make(2, entropy);
  Device anns = Device::make(ann, entropy);
  Device bobs = Device::make(bob, entropy);
  return {std::move(ann), std::move(anns), std::move(bob), std::move(bobs), 1'800'000'000};
}

LeafParameters Scene::leaf_of(const Device& device) const {
  return {.credential = Credential::basic(device.credential),
          .capabilities = profile::capabilities(),
          .lifetime = profile::lifetime(now_s),
          .extensions = {}};
}

KeyPackageSecrets Scene::package_of(const Device& device) {
  return create_key_package(crypto::Suite::product(), leaf_of(device), device.key, false, entropy);
}

CreateOptions Scene::founding() const {
  return {
      .group_id = keys::group_id(id, 0), .leaf = leaf_of(anns[0]), .extensions = {profile::required_capabilities()}};
}

void Scene::found() {
  const Group alone = Group::create(crypto::Suite::product(), founding(), anns[0].key, entropy).value();
  CommitOptions options{.authenticated_data = authenticated_data({anns_list}), .tree_in_welcome = false};
  std::vector<KeyPackageSecrets> packages;
  std::vector<std::pair<UserId, DeviceId>> welcomed;
  for (const auto& [owner, device] : {std::pair{&bob, &bobs[0]},
                                      {&bob, &bobs[1]},
                                      {&bob, &bobs[2]},
                                      {&ann, &anns[1]},
                                      {&bob, &bobs[3]},
                                      {&bob, &bobs[4]},
                                      {&ann, &anns[2]}}) {
    packages.push_back(package_of(*device));
    options.adds.push_back(verified(packages.back().key_package));
    welcomed.emplace_back(owner->user, device->id);
  }
  bobs_first = packages[0];
  PendingCommit pending = alone.commit(options, entropy).value();
  const Bytes tree = pending.next.public_group().tree().encode();
  const auto join = [&](LeafIndex leaf, const Device& device) {
    others.emplace(leaf, Group::join(pending.welcome, packages[leaf.value - 1], device.key, {.tree = tree}).value());
  };
  join(kNeighbour, bobs[0]);
  join(kBobsSecond, bobs[1]);
  join(kAnnsSecond, anns[1]);
  join(kAnnsThird, anns[2]);
  group = std::move(pending.next);
  history.push_back({.by = ann,
                     .device = anns[0].id,
                     .request = {.epoch = 0,
                                 .founding = alone.group_info(true),
                                 .commit = std::move(pending.commit),
                                 .group_info = std::move(pending.group_info),
                                 .welcome = std::move(pending.welcome)},
                     .welcomed = std::move(welcomed),
                     .lists = {anns_list, bobs_list}});
}

void Scene::commit_by(LeafIndex who, const Owner& owner, const Device& device, const CommitOptions& options) {
  PendingCommit pending = others.at(who).commit(options, entropy).value();
  for (auto& [leaf, other] : others) {
    other = leaf == who ? pending.next : std::move(*other.process(pending.commit).value().next);
  }
  group = std::move(*group->process(pending.commit).value().next);
  history.push_back({.by = owner,
                     .device = device.id,
                     .request = {.epoch = pending.effects.epoch - 1,
                                 .commit = std::move(pending.commit),
                                 .group_info = std::move(pending.group_info)},
                     .welcomed = {},
                     .lists = {anns_list, bobs_list}});
}

Bytes Scene::authenticated_data(const std::vector<keys::FollowedList>& lists) const {
  return keys::AuthenticatedData{.conversation = id,
                                 .history_id = {},
                                 .client_id = {},
                                 .kind = 2,
                                 .last_seq = {},
                                 .extra = keys::Grounds{.lists = lists}.encode()}
      .encode();
}

GroupInfo Scene::group_info() const { return decoded_message<GroupInfo>(group->group_info(false)).value(); }

Request Scene::commit(const Hands& hands) {
  return make_commit(known_to(*group, anns[0].key),
                     {.proposals = {Remove{kRemoved}, Add{guest.key_package}},
                      .authenticated_data = authenticated_data({anns_list, bobs_list})},
                     hands, entropy);
}

Request Scene::from_outside(const Device& device, Plan plan, const Hands& hands) {
  plan.leaf = leaf_of(device);
  return make_external_commit(group->public_group(), group_info(), plan, device.key, hands, entropy);
}

// A device may always be replaced by itself; a new one must be on its user's list.
Request Scene::come_back(const Hands& hands) {
  return from_outside(anns[2], {.proposals = {Remove{kAnnsThird}}, .authenticated_data = authenticated_data({})},
                      hands);
}
Request Scene::come_in(const Hands& hands) {
  return from_outside(anns[3], {.authenticated_data = authenticated_data({anns_list})}, hands);
}

Request Scene::begin(const Hands& hands) {
  return make_first_commit(founding(),
                           {.proposals = {Add{package_of(bobs[0]).key_package}, Add{package_of(anns[1]).key_package}},
                            .authenticated_data = authenticated_data({anns_list})},
                           anns[0].key, hands, entropy);
}

Bytes Scene::forged_package(const Hands& hands) const {
  std::vector<ProposalOrRef> proposals;
  proposals.emplace_back(std::in_place_type<Proposal>, Remove{kRemoved});
  proposals.emplace_back(std::in_place_type<Proposal>, Add{guest.key_package});
  if (hands.proposals) hands.proposals(proposals);
  return encoded_message(std::get<Add>(std::get<Proposal>(proposals[1])).key_package);
}

Bytes Scene::confirm(const Hands& hands) const {
  GroupInfo info = group_info();
  if (hands.group_info) hands.group_info(info);
  mls::sign(crypto::Suite::product(), info, hands.info_key ? *hands.info_key : anns[0].key);
  if (hands.signed_group_info) hands.signed_group_info(info);
  Request request{.group_info = encoded_message(std::move(info))};
  if (hands.request) hands.request(request);
  return std::move(request.group_info);
}

}  // namespace kith::test
