#include "server/domain/secrets.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/crypto.h"

namespace kith::server::domain {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::uint8_t kKeyNumber = 1;  // which field key sealed; rotation adds numbers

}  // namespace

AddressHash address_of(const RegistrationId& id) { return *AddressHash::from(id.view().first(AddressHash::kSize)); }

ServerSecrets::ServerSecrets(ByteView master) {
  KITH_CHECK(master.size() == kMasterBytes);
  const auto suite = crypto::Suite::product();
  const SecretBytes secret = suite.extract(as_view("kith server v1"), master);
  const auto derive = [&](std::string_view label) { return suite.expand(secret, as_view(label), kKeyBytes); };
  address_key_ = derive("address");
  code_key_ = derive("code");
  token_key_ = derive("token");
  successor_key_ = derive("successor");
  field_key_ = derive("field");
  pin_key_ = derive("pin");
}

Digest ServerSecrets::mac(ByteView key, ByteView data) const {
  const SecretBytes tag = crypto::Suite::product().hmac(key, data);
  Digest digest;
  std::ranges::copy(tag, digest.begin());
  return digest;
}

AddressHash ServerSecrets::hash_address(const Address& address) const {
  Bytes data{static_cast<std::uint8_t>(address.kind)};
  append(data, as_view(address.text));
  return AddressHash{mac(address_key_, data)};
}

Digest ServerSecrets::hash_code(const RegistrationId& registration, std::string_view code) const {
  Bytes data = to_bytes(registration.view());
  append(data, as_view(code));
  return mac(code_key_, data);
}

Digest ServerSecrets::hash_token(ByteView token) const { return mac(token_key_, token); }

Digest ServerSecrets::hash_pin(const UserId& user, ByteView stretched) const {
  const SecretBytes tag = crypto::Suite::product().hmac(pin_key_, user.view(), stretched);
  Digest digest;
  std::ranges::copy(tag, digest.begin());
  return digest;
}

SecretBytes ServerSecrets::successor(const UserId& user, const DeviceId& device, ByteView token) const {
  Bytes data = to_bytes(user.view());
  append(data, device.view());
  return crypto::Suite::product().hmac(successor_key_, data, token);
}

Bytes ServerSecrets::seal(ByteView place, ByteView plaintext, Entropy& entropy) const {
  const auto suite = crypto::Suite::product();
  Bytes sealed(1 + suite.nonce_size());
  sealed[0] = kKeyNumber;
  const auto nonce = ByteSpan(sealed).subspan(1);
  entropy.fill(nonce);
  const Bytes ciphertext = suite.seal(field_key_, nonce, place, plaintext);
  append(sealed, ciphertext);
  return sealed;
}

std::optional<SecretBytes> ServerSecrets::open(ByteView place, ByteView sealed) const {
  const auto suite = crypto::Suite::product();
  const auto head = 1 + suite.nonce_size();
  if (sealed.size() < head + suite.tag_size() || sealed[0] != kKeyNumber) return std::nullopt;
  auto plaintext = suite.open(field_key_, sealed.subspan(1, suite.nonce_size()), place, sealed.subspan(head));
  if (!plaintext) return std::nullopt;
  return std::move(*plaintext);
}

}  // namespace kith::server::domain
