// Key packages that a server hands out: whose they are, and whose they are not.
#include "client/core/claimed_packages.h"

#include <gtest/gtest.h>

#include "keys/device.h"
#include "keys/recovery_key.h"
#include "mls/framing.h"
#include "mls/profile.h"
#include "mls/welcome.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client {
namespace {

constexpr std::uint64_t kNow = 1'700'000'000;

// A person with an identity and a generation, who can certify devices.
struct Person {
  explicit Person(std::uint8_t number, Entropy& randomness) : entropy(randomness), user{{number}} {}

  struct Device {
    DeviceId id;
    crypto::SignatureKeyPair key;
    Bytes package;
  };
  Device device(std::uint8_t number) {
    Device d{.id = {{number}}, .key = suite.generate_signature_key(entropy), .package = {}};
    const auto credential = keys::DeviceCredential::make(user, d.id, identity.public_key, certificate, generation,
                                                         suite.id(), d.key.public_key);
    const mls::LeafParameters leaf{.credential = mls::Credential::basic(credential.encode()),
                                   .capabilities = mls::profile::capabilities(),
                                   .lifetime = mls::profile::lifetime(kNow),
                                   .extensions = {}};
    d.package = mls::encoded_message(mls::create_key_package(suite, leaf, d.key, false, entropy).key_package);
    return d;
  }
  Json directory(const std::vector<Device>& listed) {
    keys::DeviceList list{.user = user, .version = 1, .generation = 0, .devices = {}};
    for (const Device& d : listed) list.devices.push_back({d.id, d.key.public_key});
    list.sign(generation);
    return {{"generation", to_base64url(certificate.encode())}, {"device_list", to_base64url(list.encode())}};
  }
  static Json claimed(const std::vector<Device>& devices) {
    Json packages = Json::array();
    for (const Device& d : devices)
      packages.push_back({{"device", d.id.text()}, {"key_package", to_base64url(d.package)}});
    return {{"key_packages", packages}};
  }

  Entropy& entropy;
  crypto::Suite suite = crypto::Suite::product();
  UserId user;
  crypto::SignatureKeyPair identity = keys::RecoveryKey::generate(entropy).identity_key();
  keys::AccountGeneration generation = keys::AccountGeneration::generate(0, entropy);
  keys::GenerationCertificate certificate = keys::GenerationCertificate::sign(user, generation, identity);
};

class ClaimedPackages : public ::testing::Test {
 protected:
  using Claim = std::expected<std::vector<ClaimedPackage>, std::string>;
  Claim claim(const Json& directory, const Json& claimed, std::uint64_t now = kNow) const {
    return claim_under(bob.identity.public_key, directory, claimed, now);
  }
  Claim claim_under(ByteView identity, const Json& directory, const Json& claimed, std::uint64_t now = kNow) const {
    const auto list = verified_list(bob.user, identity, directory);
    return list ? verified_claim(bob.user, identity, list->list, claimed, now) : Claim(std::unexpected(list.error()));
  }
  kith::test::SeededEntropy entropy{7};
  Person bob{1, entropy};
  Person mallory{2, entropy};
  Person::Device phone = bob.device(1);
  Person::Device laptop = bob.device(2);
};

TEST_F(ClaimedPackages, of_listed_devices_are_taken) {
  const auto taken = claim(bob.directory({phone, laptop}), Person::claimed({laptop, phone}));
  ASSERT_TRUE(taken.has_value()) << taken.error();
  EXPECT_EQ(taken->size(), 2U);
}

TEST_F(ClaimedPackages, of_a_certified_device_that_is_not_listed_are_refused) {
  EXPECT_FALSE(claim(bob.directory({phone}), Person::claimed({phone, laptop})).has_value());
}

TEST_F(ClaimedPackages, of_somebody_else_are_refused) {
  Person::Device other = mallory.device(1);
  EXPECT_FALSE(claim(bob.directory({phone}), Person::claimed({other})).has_value());
  EXPECT_FALSE(claim(mallory.directory({other}), Person::claimed({other})).has_value());
}

TEST_F(ClaimedPackages, under_another_identity_than_the_pinned_one_are_refused) {
  EXPECT_FALSE(claim_under(mallory.identity.public_key, bob.directory({phone}), Person::claimed({phone})).has_value());
}

TEST_F(ClaimedPackages, that_come_twice_or_too_late_are_refused) {
  EXPECT_FALSE(claim(bob.directory({phone}), Person::claimed({phone, phone})).has_value());
  EXPECT_FALSE(claim(bob.directory({phone}), Person::claimed({phone}), kNow + 86'400 * 365).has_value());
}

TEST_F(ClaimedPackages, of_any_other_shape_are_refused) {
  for (const Json& shape :
       {Json(), Json::object(), Json{{"key_packages", 1}}, Json{{"key_packages", {1, "x", nullptr}}}}) {
    EXPECT_FALSE(claim(bob.directory({phone}), shape).has_value());
    EXPECT_FALSE(claim(shape, Person::claimed({phone})).has_value());
  }
}

}  // namespace
}  // namespace kith::client
