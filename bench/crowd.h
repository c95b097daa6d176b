// Groups of many members to measure on: natively with Google Benchmark, and in WebAssembly.
//
// "Filled" groups are those whose members have all committed once, here by joining from outside one after another, so
// that the tree has no blank nodes.
#pragma once

#include <map>

#include "keys/device.h"
#include "keys/group_policy.h"
#include "keys/recovery_key.h"
#include "mls/framing.h"
#include "mls/group.h"
#include "mls/profile.h"

namespace kith::bench {

using namespace mls;

inline constexpr std::uint64_t kNow_s = 1'700'000'000;

// A user of one device, with the credential that such a device has.
struct Person {
  Person() {
    entropy.fill(user.value);
    entropy.fill(device.value);
    identity = keys::RecoveryKey::generate(entropy).identity_key();
    const auto generation = keys::AccountGeneration::generate(0, entropy);
    const auto certificate = keys::GenerationCertificate::sign(user, generation, identity);
    leaf = {.credential = Credential::basic(keys::DeviceCredential::make(user, device, identity.public_key, certificate,
                                                                         generation, suite.id(), key.public_key)
                                                .encode()),
            .capabilities = profile::capabilities(),
            .lifetime = profile::lifetime(kNow_s),
            .extensions = {}};
  }
  crypto::Suite suite = crypto::Suite::product();
  crypto::SystemEntropy entropy;
  crypto::SignatureKeyPair key = suite.generate_signature_key(entropy);
  crypto::SignatureKeyPair identity;
  UserId user;
  DeviceId device;
  LeafParameters leaf;
};

inline KeyPackageSecrets secrets_of(Person& person) {
  return create_key_package(person.suite, person.leaf, person.key, false, person.entropy);
}
inline VerifiedKeyPackage verified(const KeyPackageSecrets& package) {
  return *VerifiedKeyPackage::verify(package.key_package, crypto::Suite::product(), std::nullopt);
}

inline Group group_of(Person& person) {
  return *Group::create(
      person.suite,
      {.group_id = Bytes(32, 1),
       .leaf = person.leaf,
       .extensions = keys::group_extensions({.founder = person.user, .first_commit = {}, .owner = person.user})},
      person.key, person.entropy);
}

inline PendingCommit commit_adding(Person& creator, const Group& group, Person& peer) {
  CommitOptions options;
  options.adds.push_back(verified(secrets_of(peer)));
  return *group.commit(options, creator.entropy);
}

inline std::vector<VerifiedKeyPackage> many_packages(std::size_t count) {
  std::vector<VerifiedKeyPackage> packages;
  for (std::size_t i = 0; i < count; ++i) {
    Person person;
    packages.push_back(verified(secrets_of(person)));
  }
  return packages;
}

// The first member's view and the last one's, and what each leaf signs with.
struct Crowd {
  Person first_person, last_person;
  std::optional<Group> first, last;
  std::vector<crypto::SignatureKeyPair> keys;
};

inline Crowd filled(std::size_t members) {
  Crowd crowd;
  crowd.first = group_of(crowd.first_person);
  crowd.keys.push_back(crowd.first_person.key);
  for (std::size_t i = 1; i < members; ++i) {
    Person joiner;
    crowd.keys.push_back(joiner.key);
    const auto info = *decoded_message<GroupInfo>(crowd.first->group_info(false));
    auto pending =
        *Group::join_external(crowd.first->public_group(), info, {.leaf = joiner.leaf}, joiner.key, joiner.entropy);
    crowd.first = *std::move(crowd.first->process(pending.commit)->next);
    if (i + 1 == members) {
      crowd.last_person = joiner;
      crowd.last = std::move(pending.next);
    }
  }
  return crowd;
}

// Made once for each size.
inline Crowd& crowd_of(std::int64_t members) {
  static std::map<std::int64_t, Crowd> crowds;
  const auto at = crowds.find(members);
  return at != crowds.end() ? at->second
                            : crowds.emplace(members, filled(static_cast<std::size_t>(members))).first->second;
}

}  // namespace kith::bench
