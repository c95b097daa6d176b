#include "server/domain/account.h"

#include <algorithm>

#include "keys/device.h"

namespace kith::server::domain {
namespace {

constexpr std::uint16_t kSuite = 0x0003;
constexpr std::size_t kKeyBytes = 32;

template <class T>
Result<T> or_forged(keys::Result<T> result, const char* what) {
  if (result) return std::move(*result);
  return fail(Errc::forged_certificate, std::string(what) + ": " + keys::name(result.error().code));
}

Result<void> check_list(const keys::DeviceList& list, const UserId& user, const NewDevice& device) {
  if (list.user != user) return fail(Errc::forged_certificate, "device_list: another user's");
  const auto* listed = list.find(device.device);
  if (listed == nullptr || list.devices.size() != 1) {
    return fail(Errc::forged_certificate, "device_list: it must name this device and no other");
  }
  if (listed->leaf_signature_key != device.leaf_key)
    return fail(Errc::forged_certificate, "device_list: another leaf key");
  return {};
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t first = byte(i);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    if (length == 3 && ((first == 0xe0 && byte(i + 1) < 0xa0) || (first == 0xed && byte(i + 1) > 0x9f))) return false;
    if (length == 4 && ((first == 0xf0 && byte(i + 1) < 0x90) || (first == 0xf4 && byte(i + 1) > 0x8f))) return false;
    i += length;
  }
  return true;
}

}  // namespace

UnixMillis to_the_hour(UnixMillis time) {
  constexpr std::chrono::milliseconds kHour = std::chrono::hours(1);
  return {time.value - time.value % kHour.count()};
}

Result<void> check_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return fail(Errc::invalid_argument, "name: 1 to 128 bytes");
  if (!is_utf8(name)) return fail(Errc::invalid_argument, "name: not UTF-8");
  if (std::ranges::any_of(name, [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; })) {
    return fail(Errc::invalid_argument, "name: a control character");
  }
  return {};
}

Result<void> check_sealed_generation(ByteView sealed) {
  if (sealed.empty() || sealed.size() > kMaxSealedGenerationBytes)
    return fail(Errc::invalid_argument, "sealed_generation: 1 to 4096 bytes");
  return {};
}

Result<void> check_new_device(const UserId& user, ByteView identity_key, const keys::GenerationCertificate& generation,
                              const NewDevice& new_device) {
  KITH_TRY_VOID(check_name(new_device.name));
  if (new_device.leaf_key.size() != kKeyBytes) return fail(Errc::invalid_argument, "leaf_key: 32 bytes");
  KITH_TRY(const auto credential, or_forged(keys::DeviceCredential::decode(new_device.credential), "credential"));
  KITH_TRY(const auto device, or_forged(credential.verify(new_device.leaf_key, kSuite), "credential"));
  if (device.user != user || device.device != new_device.device)
    return fail(Errc::forged_certificate, "credential: another device's");
  if (!same_bytes(device.identity_key, identity_key))
    return fail(Errc::forged_certificate, "credential: another identity");
  if (credential.generation != generation) return fail(Errc::forged_certificate, "credential: another generation");
  return {};
}

Result<void> check_new_account(const UserId& user, const NewAccount& account) {
  KITH_TRY_VOID(check_name(account.name));
  KITH_TRY_VOID(check_sealed_generation(account.sealed_generation));
  if (account.identity_key.size() != kKeyBytes) return fail(Errc::invalid_argument, "identity_key: 32 bytes");
  KITH_TRY(const auto generation, or_forged(keys::GenerationCertificate::decode(account.generation), "generation"));
  if (generation.user != user) return fail(Errc::forged_certificate, "generation: another user's");
  if (generation.generation != 0) return fail(Errc::forged_certificate, "generation: the first one is 0");
  if (!generation.verify(account.identity_key))
    return fail(Errc::forged_certificate, "generation: not signed by the identity key");

  KITH_TRY_VOID(check_new_device(user, account.identity_key, generation, account.device));

  KITH_TRY(const auto list, or_forged(keys::DeviceList::decode(account.device_list), "device_list"));
  if (!list.verify(generation)) return fail(Errc::forged_certificate, "device_list: not signed by the generation");
  return check_list(list, user, account.device);
}

}  // namespace kith::server::domain
