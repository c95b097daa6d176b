#include <gtest/gtest.h>

#include <random>

#include "keys/conversation.h"
#include "keys/device.h"
#include "keys/recovery_key.h"

namespace kith::keys {
namespace {

class SeededEntropy final : public Entropy {
 public:
  void fill(ByteSpan out) override {
    for (auto& b : out) b = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_{7};
};

template <class Id>
Id id(std::uint8_t v) {
  Id out;
  out.value.fill(v);
  return out;
}

template <class T>
::testing::AssertionResult fails(const Result<T>& result, Errc code) {
  if (result) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name(result.error().code) << ": " << result.error().detail;
}

TEST(RecoveryKey, its_text_is_seven_groups_of_four_and_reads_back) {
  SeededEntropy entropy;
  for (int i = 0; i < 50; ++i) {
    const auto key = RecoveryKey::generate(entropy);
    const std::string text = key.text();
    ASSERT_EQ(text.size(), 34U);
    for (std::size_t at = 4; at < text.size(); at += 5) EXPECT_EQ(text[at], '-');
    const auto again = RecoveryKey::parse(text);
    ASSERT_TRUE(again);
    EXPECT_TRUE(same_bytes(again->view(), key.view()));
  }
}

TEST(RecoveryKey, is_read_the_way_people_write) {
  SeededEntropy entropy;
  for (int i = 0; i < 50; ++i) {
    const auto key = RecoveryKey::generate(entropy);
    std::string text = " ";
    for (char c : key.text()) {
      if (c == '0') c = 'o';
      if (c == '1') c = i % 2 == 0 ? 'I' : 'l';
      text += static_cast<char>(std::tolower(c));
      if (c == '-') text += ' ';
    }
    const auto again = RecoveryKey::parse(text);
    ASSERT_TRUE(again) << text;
    EXPECT_TRUE(same_bytes(again->view(), key.view()));
  }
}

TEST(RecoveryKey, mistakes_are_named) {
  SeededEntropy entropy;
  const std::string text = RecoveryKey::generate(entropy).text();
  EXPECT_TRUE(fails(RecoveryKey::parse(""), Errc::recovery_key_length));
  EXPECT_TRUE(fails(RecoveryKey::parse(text.substr(1)), Errc::recovery_key_length));
  EXPECT_TRUE(fails(RecoveryKey::parse(text + "0"), Errc::recovery_key_length));
  EXPECT_TRUE(fails(RecoveryKey::parse("U" + text.substr(1)), Errc::recovery_key_character));
  EXPECT_TRUE(fails(RecoveryKey::parse(text + "!"), Errc::recovery_key_character));
  int caught = 0;
  int tried = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    std::string typo = text;
    typo[i] = typo[i] == '7' ? '8' : '7';
    ++tried;
    if (fails(RecoveryKey::parse(typo), Errc::recovery_key_checksum)) ++caught;
  }
  EXPECT_EQ(tried, 28);
  EXPECT_EQ(caught, tried);
}

// Computed by an independent program; these bytes are on people's paper and in their logs.
TEST(Formats, are_pinned) {
  const auto key = RecoveryKey::parse("000G-40R4-0M30-E209-185G-R38E-1WCF");
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->view()), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(to_hex(key->identity_key().public_key), "843bdeba262d39b67a1c503fbe5946a9660d80338df001562b9b68c0127dc49d");
  EXPECT_EQ(to_hex(key->box_key().public_key), "66e7d3dcd36c9c8a4b1367bd0091edea1c7ed5f53e89c0f982f69c39dee31921");
  const auto generation = AccountGeneration::from(0, Bytes(32, 7));
  ASSERT_TRUE(generation);
  EXPECT_EQ(to_hex(generation->device_signing_key().public_key),
            "e52f719fae7270e0835e8756aab776cc8ac7da0edde4b8de2ac31ea0a3afcd34");
  EXPECT_EQ(to_hex(generation->archive_key()), "ea9c2465d8e9de67fe31f572f03b0286f0a694bbbc39656b93c14a74e1e16685");
  const auto direct = direct_conversation(id<UserId>(2), id<UserId>(1));
  EXPECT_EQ(direct.text(), "276918b2990fb91f665d8b60bf5bc60bc388c0fab1be03ddee045dab6935d370");
  EXPECT_EQ(to_hex(group_id(direct, 3)), "8e9ac41e84d23b3dbc111f270a18dd2fe35b80c25242d2c762c285bc208e3260");
  const EntryFacts entry{{1}, 1000, id<UserId>(1), id<DeviceId>(2), id<ClientId>(3), 1, {4}};
  EXPECT_EQ(to_hex(next_log_hash(kEmptyLog, entry, as_view("payload"))),
            "82d8431331e63a2e4a0112e18314072095980489b396ff4536370bb85aa82060");
}

struct Account {
  SeededEntropy entropy;
  UserId user = id<UserId>(1);
  DeviceId device = id<DeviceId>(2);
  crypto::Suite suite = crypto::Suite::product();
  crypto::SignatureKeyPair identity = RecoveryKey::generate(entropy).identity_key();
  AccountGeneration generation = AccountGeneration::generate(0, entropy);
  crypto::SignatureKeyPair leaf = suite.generate_signature_key(entropy);
  GenerationCertificate certificate = GenerationCertificate::sign(user, generation, identity);
  DeviceCredential credential =
      DeviceCredential::make(user, device, identity.public_key, certificate, generation, suite.id(), leaf.public_key);
  DeviceList list;
  Account() {
    list.user = user;
    list.version = 3;
    list.devices = {{id<DeviceId>(9), Bytes(32, 9)}, {device, leaf.public_key}};
    list.sign(generation);
  }
};

TEST(DeviceCredential, a_whole_chain_verifies_to_user_device_and_identity) {
  const Account a;
  const auto verified = verify_credential(a.credential.encode(), a.leaf.public_key, a.suite.id());
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->user, a.user);
  EXPECT_EQ(verified->device, a.device);
  EXPECT_EQ(verified->generation, a.certificate);
  EXPECT_TRUE(same_bytes(verified->identity_key, a.identity.public_key));
}

TEST(DeviceCredential, each_forged_field_is_refused) {
  const Account a;
  const auto verify = [&](const DeviceCredential& c) { return c.verify(a.leaf.public_key, a.suite.id()); };
  auto c = a.credential;
  c.user = id<UserId>(3);
  EXPECT_TRUE(fails(verify(c), Errc::wrong_user));
  c.generation.user = id<UserId>(3);
  EXPECT_TRUE(fails(verify(c), Errc::bad_generation_certificate));
  c = a.credential;
  c.device = id<DeviceId>(3);
  EXPECT_TRUE(fails(verify(c), Errc::bad_device_certificate));
  c = a.credential;
  c.identity_key[0] ^= 1;
  EXPECT_TRUE(fails(verify(c), Errc::bad_generation_certificate));
  c = a.credential;
  ++c.generation.generation;
  EXPECT_TRUE(fails(verify(c), Errc::bad_generation_certificate));
  c = a.credential;
  c.generation.device_signing_key[0] ^= 1;
  EXPECT_TRUE(fails(verify(c), Errc::bad_generation_certificate));
  c = a.credential;
  c.generation.signature[0] ^= 1;
  EXPECT_TRUE(fails(verify(c), Errc::bad_generation_certificate));
  c = a.credential;
  c.device_signature[0] ^= 1;
  EXPECT_TRUE(fails(verify(c), Errc::bad_device_certificate));
  EXPECT_TRUE(fails(a.credential.verify(Bytes(32, 1), a.suite.id()), Errc::bad_device_certificate));
  EXPECT_TRUE(fails(a.credential.verify(a.leaf.public_key, 1), Errc::bad_device_certificate));
}

TEST(DeviceCredential, another_accounts_generation_does_not_certify) {
  const Account a;
  SeededEntropy entropy;
  const auto other = AccountGeneration::generate(0, entropy);
  const auto c = DeviceCredential::make(a.user, a.device, a.identity.public_key, a.certificate, other, a.suite.id(),
                                        a.leaf.public_key);
  EXPECT_TRUE(fails(c.verify(a.leaf.public_key, a.suite.id()), Errc::bad_device_certificate));
}

TEST(DeviceList, is_sorted_signed_and_found_in) {
  const Account a;
  EXPECT_TRUE(a.list.verify(a.certificate));
  EXPECT_EQ(a.list.devices[0].device, a.device);
  ASSERT_NE(a.list.find(a.device), nullptr);
  EXPECT_EQ(a.list.find(id<DeviceId>(5)), nullptr);
  EXPECT_EQ(DeviceList::decode(a.list.encode()).value(), a.list);
}

TEST(DeviceList, each_forged_field_is_refused) {
  const Account a;
  auto l = a.list;
  l.user = id<UserId>(3);
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::wrong_user));
  l = a.list;
  ++l.generation;
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::wrong_generation));
  l = a.list;
  ++l.version;
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
  l = a.list;
  l.devices.pop_back();
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
  l = a.list;
  l.devices[0].leaf_signature_key[0] ^= 1;
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
  l = a.list;
  std::swap(l.devices[0], l.devices[1]);
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
  l = a.list;
  l.devices[1].device = l.devices[0].device;
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
  l = a.list;
  l.signature[5] ^= 1;
  EXPECT_TRUE(fails(l.verify(a.certificate), Errc::bad_device_list));
}

TEST(AccountGeneration, comes_back_from_its_secret_and_separates_its_keys) {
  const Account a;
  const auto again = AccountGeneration::from(0, a.generation.secret());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->device_signing_key().public_key, a.generation.device_signing_key().public_key);
  EXPECT_EQ(again->archive_key(), a.generation.archive_key());
  EXPECT_NE(again->archive_key(), again->device_signing_key().private_key);
  EXPECT_TRUE(fails(AccountGeneration::from(0, Bytes(31)), Errc::malformed));
}

template <class T>
void refuses_every_other_length(const Bytes& good) {
  ASSERT_TRUE(T::decode(good));
  EXPECT_EQ(T::decode(good)->encode(), good);
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_TRUE(fails(T::decode(ByteView(good).first(n)), Errc::malformed)) << n;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_TRUE(fails(T::decode(longer), Errc::malformed));
}

TEST(Decoding, every_truncation_and_every_trailing_byte_is_refused) {
  const Account a;
  refuses_every_other_length<GenerationCertificate>(a.certificate.encode());
  refuses_every_other_length<DeviceCredential>(a.credential.encode());
  refuses_every_other_length<DeviceList>(a.list.encode());
  AuthenticatedData d{id<ConversationId>(1), id<HistoryId>(2), id<ClientId>(3), 4, {5}, {}, to_bytes("more")};
  refuses_every_other_length<AuthenticatedData>(d.encode());
}

TEST(Decoding, unknown_versions_and_oversized_lists_are_refused) {
  const Account a;
  Bytes credential = a.credential.encode();
  credential[0] = 2;
  EXPECT_TRUE(fails(DeviceCredential::decode(credential), Errc::malformed));
  Bytes data = AuthenticatedData{}.encode();
  data[0] = 2;
  EXPECT_TRUE(fails(AuthenticatedData::decode(data), Errc::malformed));
  DeviceList list = a.list;
  list.devices.resize(DeviceList::kMaxDevices + 1);
  EXPECT_TRUE(fails(DeviceList::decode(list.encode()), Errc::malformed));
}

TEST(Conversation, a_pair_has_one_direct_conversation_whoever_asks) {
  const auto a = id<UserId>(1);
  const auto b = id<UserId>(2);
  EXPECT_EQ(direct_conversation(a, b), direct_conversation(b, a));
  EXPECT_NE(direct_conversation(a, b), direct_conversation(a, id<UserId>(3)));
  EXPECT_NE(group_id(direct_conversation(a, b), 0), group_id(direct_conversation(a, b), 1));
  EXPECT_EQ(group_id(direct_conversation(a, b), 0).size(), 32U);
}

TEST(Conversation, the_log_hash_depends_on_every_fact) {
  EntryFacts entry{{1}, 1000, id<UserId>(1), id<DeviceId>(2), id<ClientId>(3), 1, {4}};
  const auto hash = next_log_hash(kEmptyLog, entry, as_view("payload"));
  EXPECT_EQ(hash, next_log_hash(kEmptyLog, entry, as_view("payload")));
  EXPECT_NE(hash, next_log_hash(kEmptyLog, entry, as_view("other")));
  EXPECT_NE(hash, next_log_hash(hash, entry, as_view("payload")));
  const auto differs = [&](auto change) {
    EntryFacts other = entry;
    change(other);
    return next_log_hash(kEmptyLog, other, as_view("payload")) != hash;
  };
  EXPECT_TRUE(differs([](EntryFacts& e) { ++e.seq.value; }));
  EXPECT_TRUE(differs([](EntryFacts& e) { ++e.time_ms; }));
  EXPECT_TRUE(differs([](EntryFacts& e) { e.sender_user = id<UserId>(9); }));
  EXPECT_TRUE(differs([](EntryFacts& e) { e.sender_device = id<DeviceId>(9); }));
  EXPECT_TRUE(differs([](EntryFacts& e) { e.client_id = id<ClientId>(9); }));
  EXPECT_TRUE(differs([](EntryFacts& e) { ++e.kind; }));
  EXPECT_TRUE(differs([](EntryFacts& e) { ++e.epoch.value; }));
}

}  // namespace
}  // namespace kith::keys
