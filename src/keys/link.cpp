#include "keys/link.h"

#include "keys/fields.h"
#include "keys/spelling.h"

namespace kith::keys {
namespace {

constexpr std::size_t kCharacters = 24;
constexpr std::string_view kQrPrefix = "KITH-LINK:";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kAccountVersion = 3;  // 2: with the archive; 3: with the server's history
constexpr std::size_t kMaxTextBytes = 512;

std::unexpected<Failure<Errc>> forged(const char* what) { return fail(Errc::link_forged, what); }

std::string as_string(ByteView v) { return std::string(as_text(v)); }

}  // namespace

LinkCode LinkCode::make(ByteView key, std::string_view address, std::int64_t expires_at_ms) {
  mls::Writer w;
  w.opaque(as_view("KithLinkCodeV1"));
  w.opaque(key);
  w.opaque(as_view(address));
  w.u64(static_cast<std::uint64_t>(expires_at_ms));
  const auto hash = crypto::sha256(w.bytes());
  return LinkCode(to_secret(ByteView(hash).first(kSizeBytes)));
}

Result<LinkCode> LinkCode::parse(std::string_view text) {
  if (text.starts_with(kQrPrefix)) text.remove_prefix(kQrPrefix.size());
  auto bits = read_spelled(text, kCharacters);
  if (bits) return LinkCode(*std::move(bits));
  if (bits.error() == Misspelled::character)
    return fail(Errc::link_code_character, "a code has only digits and the letters A to Z without U");
  return fail(Errc::link_code_length, "a code has 24 characters");
}

std::string LinkCode::text() const { return spell(bits_, kCharacters); }

std::string LinkCode::qr_text() const { return std::string(kQrPrefix) + text(); }

SecretBytes LinkCode::derive(std::string_view label) const {
  const auto suite = crypto::Suite::product();
  return suite.expand(suite.extract({}, bits_), as_view(label), 32);
}

LinkCode::Name LinkCode::name() const { return to_array<16>(derive("kith link name v1")); }

std::string LinkCode::confirmation() const {
  const SecretBytes bytes = derive("kith link confirmation v1");
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  const std::string digits = std::to_string(number % 10'000);
  return std::string(4 - digits.size(), '0') + digits;
}

Bytes LinkOffer::seal(const LinkCode& code, Entropy& entropy) const {
  const auto suite = crypto::Suite::product();
  mls::Writer w;
  w.u8(kVersion);
  w.raw(key);
  w.u64(static_cast<std::uint64_t>(expires_at_ms));
  w.opaque(as_view(device_name));
  Bytes out(suite.nonce_size());
  entropy.fill(out);
  append(out, suite.seal(code.derive("kith link offer v1"), Bytes(out), {}, w.view()));
  return out;
}

Result<LinkOffer> LinkOffer::open(const LinkCode& code, ByteView sealed) {
  const auto suite = crypto::Suite::product();
  if (sealed.size() < suite.nonce_size()) return forged("an offer that is too short");
  const auto plain = suite.open(code.derive("kith link offer v1"), sealed.first(suite.nonce_size()), {},
                                sealed.subspan(suite.nonce_size()));
  if (!plain) return forged("an offer that was not sealed under this code");
  mls::Reader r(*plain);
  LinkOffer offer;
  if (r.u8() != kVersion) return fail(Errc::malformed, "an offer of another version");
  read_array(r, offer.key);
  offer.expires_at_ms = static_cast<std::int64_t>(r.u64());
  offer.device_name = as_string(r.opaque(kMaxDeviceNameBytes));
  KITH_TRY_VOID(finish(r, "an offer"));
  return offer;
}

Result<void> LinkOffer::check(const LinkCode& code, std::string_view address, std::int64_t now_ms) const {
  if (code != LinkCode::make(key, address, expires_at_ms))
    return fail(Errc::link_foreign, "the code is for another account");
  if (now_ms >= expires_at_ms) return fail(Errc::link_expired, "the code has expired, or a clock is wrong");
  if (expires_at_ms - now_ms > kMaxLifeMs) return fail(Errc::link_expired, "the code is of a clock that is wrong");
  return {};
}

namespace {

// Only who knows the code can seal to the key or open: it is part of HPKE's key schedule.
SecretBytes info_of(const LinkCode& code) {
  mls::Writer w;
  w.opaque(as_view("KithLinkedAccountV1"));
  w.opaque(code.derive("kith link account v1"));
  return std::move(w).take_secret();
}

std::vector<KnownPerson> read_people(mls::Reader& r) {
  std::vector<KnownPerson> people;
  const std::uint32_t count = r.u32();
  if (count > LinkedAccount::kMaxPeople) r.refuse(mls::Errc::too_long, "too many people");
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    KnownPerson& person = people.emplace_back();
    person.user = read_id<UserId>(r);
    read_array(r, person.identity_key);
    person.is_verified = r.u8() == 1;
    person.name = as_string(r.opaque(KnownPerson::kMaxTextBytes));
    person.address = as_string(r.opaque(KnownPerson::kMaxTextBytes));
  }
  return people;
}

std::vector<KnownGroup> read_groups(mls::Reader& r) {
  std::vector<KnownGroup> groups;
  const std::uint32_t count = r.u32();
  if (count > LinkedAccount::kMaxGroups) r.refuse(mls::Errc::too_long, "too many groups");
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    KnownGroup& group = groups.emplace_back();
    group.conversation = read_id<ConversationId>(r);
    group.name = as_string(r.opaque(KnownGroup::kMaxNameBytes));
  }
  return groups;
}

}  // namespace

Result<Bytes> LinkedAccount::seal(const LinkCode& code, const LinkOffer& offer, Entropy& entropy) const {
  mls::Writer w;
  w.u8(kAccountVersion);
  w.raw(user.view());
  w.raw(identity_key);
  w.raw(recovery_box);
  w.opaque(certificate.encode());
  w.opaque(generation_secret);
  w.opaque(as_view(address));
  w.opaque(as_view(name));
  w.raw(by.view());
  w.u64(list_version);
  w.u32(static_cast<std::uint32_t>(people.size()));
  for (const KnownPerson& person : people) {
    w.raw(person.user.view());
    w.raw(person.identity_key);
    w.u8(person.is_verified ? 1 : 0);
    w.opaque(as_view(person.name));
    w.opaque(as_view(person.address));
  }
  w.u32(static_cast<std::uint32_t>(groups.size()));
  for (const KnownGroup& group : groups) {
    w.raw(group.conversation.view());
    w.opaque(as_view(group.name));
  }
  w.raw(history.view());
  w.u64(archive_seq.value);
  w.raw(archive_chain);
  const auto sealed = crypto::Suite::product().hpke_seal(offer.key, ByteView(info_of(code)), {}, w.view(), entropy);
  if (!sealed) return forged("an offer with a key that nobody can have");
  mls::Writer out;
  out.opaque(sealed->kem_output);
  out.opaque(sealed->ciphertext);
  return out.bytes();
}

Result<LinkedAccount> LinkedAccount::open(const LinkCode& code, const crypto::KemKeyPair& key, ByteView sealed) {
  mls::Reader outer(sealed);
  const ByteView kem_output = outer.opaque();
  const ByteView ciphertext = outer.opaque();
  KITH_TRY_VOID(finish(outer, "a linked account"));
  const auto plain =
      crypto::Suite::product().hpke_open(key.private_key, key.public_key, kem_output, info_of(code), {}, ciphertext);
  if (!plain) return forged("an account that was not sealed for this code");
  mls::Reader r(*plain);
  LinkedAccount account;
  if (r.u8() != kAccountVersion) return fail(Errc::malformed, "a linked account of another version");
  account.user = read_id<UserId>(r);
  read_array(r, account.identity_key);
  read_array(r, account.recovery_box);
  const ByteView certificate = r.opaque();
  account.generation_secret = to_secret(r.opaque(AccountGeneration::kSecretBytes));
  account.address = as_string(r.opaque(kMaxTextBytes));
  account.name = as_string(r.opaque(kMaxTextBytes));
  account.by = read_id<DeviceId>(r);
  account.list_version = r.u64();
  account.people = read_people(r);
  account.groups = read_groups(r);
  account.history = read_id<HistoryId>(r);
  account.archive_seq = {r.u64()};
  read_array(r, account.archive_chain);
  KITH_TRY_VOID(finish(r, "a linked account"));
  KITH_TRY(account.certificate, GenerationCertificate::decode(certificate));
  KITH_TRY(const auto generation, AccountGeneration::from(account.certificate.generation, account.generation_secret));
  if (!account.certificate.verify(account.identity_key) || account.certificate.user != account.user ||
      !generation.is_of(account.certificate))
    return forged("an account whose keys do not hang together");
  return account;
}

}  // namespace kith::keys
