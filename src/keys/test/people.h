// Users and their devices, who may sit in any group.
#pragma once

#include "keys/conversation.h"
#include "keys/grounds.h"
#include "keys/recovery_key.h"
#include "mls/group.h"
#include "mls/profile.h"

namespace kith::keys::test {

// A user with one identity and any number of devices.
struct User {
  User(std::uint8_t number, Entropy& entropy)
      : id{{number}},
        identity(RecoveryKey::generate(entropy).identity_key()),
        generation(AccountGeneration::generate(0, entropy)) {}
  [[nodiscard]] FollowedList followed() const {
    FollowedList followed{GenerationCertificate::sign(id, generation, identity), {}};
    followed.list.user = id;
    followed.list.version = version;
    followed.list.devices = devices;
    followed.list.sign(generation);
    return followed;
  }
  void lists(const std::vector<const struct Device*>& now);
  UserId id;
  crypto::SignatureKeyPair identity;
  AccountGeneration generation;
  std::uint64_t version = 0;
  std::vector<ListedDevice> devices{};
};

struct Device {
  Device(const User& user, std::uint8_t number, Entropy& entropy)
      : id{{number}}, key(crypto::Suite::product().generate_signature_key(entropy)) {
    const auto certificate = GenerationCertificate::sign(user.id, user.generation, user.identity);
    leaf = {.credential = mls::Credential::basic(DeviceCredential::make(user.id, id, user.identity.public_key,
                                                                        certificate, user.generation,
                                                                        crypto::Suite::product().id(), key.public_key)
                                                     .encode()),
            .capabilities = mls::profile::capabilities(),
            .lifetime = mls::profile::lifetime(1'800'000'000),
            .extensions = {}};
  }
  DeviceId id;
  crypto::SignatureKeyPair key;
  mls::LeafParameters leaf;
};

inline void User::lists(const std::vector<const Device*>& now) {
  ++version;
  devices.clear();
  for (const Device* device : now) devices.push_back({device->id, device->key.public_key});
}

}  // namespace kith::keys::test
