// More devices of somebody's account, and the lists that name them.
#pragma once

#include "client/core/test/people.h"
#include "mls/framing.h"
#include "mls/profile.h"
#include "mls/welcome.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client::test {

// An account as one of its devices knows it, which can certify others and sign lists.
struct DevicesOf {
  explicit DevicesOf(const Client& client)
      : record(stored_account(client)),
        generation(keys::AccountGeneration::from(record.generation, record.generation_secret).value()),
        credential(keys::DeviceCredential::decode(record.credential).value()) {}

  struct Device {
    DeviceId id;
    crypto::SignatureKeyPair key;
    mls::KeyPackageSecrets package;
  };
  Device device(std::uint8_t number) {
    const auto suite = crypto::Suite::product();
    Device device{.id = {{number}}, .key = suite.generate_signature_key(entropy), .package = {}};
    const auto its = keys::DeviceCredential::make(record.user, device.id, credential.identity_key,
                                                  credential.generation, generation, suite.id(), device.key.public_key);
    const mls::LeafParameters leaf{.credential = mls::Credential::basic(its.encode()),
                                   .capabilities = mls::profile::capabilities(),
                                   .lifetime = mls::profile::lifetime(1'700'000'000),
                                   .extensions = {}};
    device.package = mls::create_key_package(suite, leaf, device.key, false, entropy);
    return device;
  }
  keys::FollowedList list(std::uint64_t version, const std::vector<const Device*>& others) {
    keys::FollowedList followed{credential.generation, {}};
    followed.list.user = record.user;
    followed.list.version = version;
    followed.list.devices.push_back(
        {record.device, crypto::Suite::product().signature_key_from(record.leaf_key).value().public_key});
    for (const Device* device : others) followed.list.devices.push_back({device->id, device->key.public_key});
    followed.list.sign(generation);
    return followed;
  }
  // The same without the device that signs it.
  keys::FollowedList list_without_own(std::uint64_t version, const std::vector<const Device*>& others) {
    keys::FollowedList followed = list(version, others);
    std::erase_if(followed.list.devices, [&](const keys::ListedDevice& d) { return d.device == record.device; });
    followed.list.sign(generation);
    return followed;
  }
  static kith::test::ModelServer::ListedDevice listed(const Device& device) {
    return {device.id, to_base64url(mls::encoded_message(device.package.key_package))};
  }
  // The device's rows, as it has them once it is logged in and listed.
  void awake(World& world, Client& client, const Device& device) const {
    AccountRecord account = record;
    account.device = device.id;
    account.leaf_key = device.key.private_key;
    account.credential = device.package.key_package.leaf.credential.identity;
    const Json tokens = world.server.tokens_for({record.user, device.id});
    const TokenRecord token{.access = tokens["access_token"],
                            .access_until_ms = world.now() + tokens["expires_in_ms"].get<std::int64_t>(),
                            .refresh = to_secret(*from_base64url(tokens["refresh_token"].get<std::string>()))};
    const auto keep = [&](const Bytes& key, const SecretBytes& value) { client.rows[key] = to_bytes(value); };
    keep(row_key::account(), mls::encoded_secret(account));
    keep(row_key::tokens(), mls::encoded_secret(token));
    keep(row_key::key_package_mark(device.package.ref), mls::encoded_secret(KeyPackageMark{}));
    keep(row_key::key_package(device.package.ref), mls::encoded_secret(device.package));
    client.start();
  }

  kith::test::SeededEntropy entropy{99};
  AccountRecord record;
  keys::AccountGeneration generation;
  keys::DeviceCredential credential;
};

}  // namespace kith::client::test
