// Ann and Bob in a direct conversation of several devices each, with everything that a forgery wants to have around it:
// a blank leaf, nodes above two leaves, leaves that are still unmerged. Ann's first device means it no good. It has the
// keys of all of Ann's devices, and Ann's identity.
//
//   leaf    0       1    2    3       4    5    6    7
//   device  A1      B1   B2   blank   A2   B4   B5   A3        and A4, which is not in yet
#pragma once

#include <map>

#include "keys/conversation.h"
#include "keys/grounds.h"
#include "tests/support/forger/workshop.h"
#include "tests/support/seeded_entropy.h"

namespace kith::test {

struct Device;

struct Owner {
  UserId user;
  crypto::SignatureKeyPair identity;
  keys::AccountGeneration generation;
  static Owner make(std::uint8_t number, Entropy& entropy);
  [[nodiscard]] keys::GenerationCertificate certificate() const {
    return keys::GenerationCertificate::sign(user, generation, identity);
  }
  [[nodiscard]] keys::DeviceCredential credential(const DeviceId& device, ByteView leaf_key) const;
  [[nodiscard]] keys::FollowedList list(std::uint64_t version, const std::vector<const Device*>& devices) const;
};

struct Device {
  DeviceId id;
  crypto::SignatureKeyPair key;
  Bytes credential;
  static Device make(const Owner& owner, Entropy& entropy);
};

// A commit of the past, with who is to be told, and what accounts said of their devices then.
struct Sent {
  const Owner& by;
  DeviceId device;
  Request request;
  std::vector<std::pair<UserId, DeviceId>> welcomed;
  std::vector<keys::FollowedList> lists;
};

class Scene {
 public:
  static constexpr mls::LeafIndex kForger{0}, kNeighbour{1}, kBobsSecond{2}, kBlank{3}, kAnnsSecond{4}, kBobsFourth{5},
      kRemoved{6}, kAnnsThird{7};

  Scene(Owner anns, Device anns_first, Owner bobs, Device bobs_first, std::uint64_t now_s);
  static Scene of_nobody_known();
  // The history points at the owners.
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // What the forger sends: a commit that removes B5, which Bob's list has no more, and adds A4, which Ann's list has;
  // the one by which A3 comes back from outside after it lost its group; and one by which A4 comes in by itself.
  Request commit(const Hands& hands = {});
  Request come_back(const Hands& hands = {});
  Request come_in(const Hands& hands = {});
  // The beginning of such a conversation, where there is none yet: with A2 and B1 in it.
  Request begin(const Hands& hands = {});

  // A4's key package as the commit would bring it, by itself.
  [[nodiscard]] Bytes forged_package(const Hands& hands) const;
  // The GroupInfo of the present epoch as the forger confirms it.
  Bytes confirm(const Hands& hands = {}) const;

  [[nodiscard]] Bytes authenticated_data(const std::vector<keys::FollowedList>& lists) const;
  [[nodiscard]] mls::LeafParameters leaf_of(const Device& device) const;
  [[nodiscard]] mls::KeyPackageSecrets package_of(const Device& device);
  // A GroupInfo of the present epoch, as it lies at the server.
  [[nodiscard]] mls::GroupInfo group_info() const;

  std::uint64_t now_s;
  SeededEntropy entropy;
  Owner ann, bob, stranger;
  std::vector<Device> anns, bobs;
  ConversationId id;
  keys::FollowedList anns_list, bobs_list;  // as of now
  std::vector<Sent> history;
  // The forger's group, and those of the others: B1, B2, A2, A3.
  std::optional<mls::Group> group;
  std::map<mls::LeafIndex, mls::Group> others;
  mls::KeyPackageSecrets guest;       // A4's, which the forger made
  mls::KeyPackageSecrets bobs_first;  // that B1 was added with

 private:
  void found();
  void commit_by(mls::LeafIndex who, const Owner& owner, const Device& device, const mls::CommitOptions& options);
  mls::CreateOptions founding() const;
  Request from_outside(const Device& device, Plan plan, const Hands& hands);
};

}  // namespace kith::test
