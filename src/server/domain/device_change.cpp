#include "server/domain/device_change.h"

#include <algorithm>

namespace kith::server::domain {
namespace {

std::unexpected<Error> forged(std::string why) { return fail(Errc::forged_certificate, std::move(why)); }

Result<void> check_added(const std::vector<AddedDevice>& added, const keys::DeviceList& list,
                         const keys::DeviceList& present) {
  for (const AddedDevice& one : added) {
    const auto* listed = list.find(one.device.device);
    if (listed == nullptr || listed->leaf_signature_key != one.device.leaf_key ||
        present.find(one.device.device) != nullptr)
      return forged("added: a device that is not new on the list");
  }
  const auto is_added = [&](const keys::ListedDevice& device) {
    return std::ranges::any_of(added, [&](const AddedDevice& one) { return one.device.device == device.device; });
  };
  for (const keys::ListedDevice& device : list.devices) {
    const auto* before = present.find(device.device);
    if (before == nullptr && !is_added(device)) return forged("device_list: a device that comes with nothing");
    if (before != nullptr && before->leaf_signature_key != device.leaf_signature_key)
      return forged("device_list: another key for a device that stays");
  }
  return {};
}

Result<keys::GenerationCertificate> check_next(const UserId& user, const AccountRecord& account,
                                               const keys::GenerationCertificate& present, const NextGeneration& next) {
  auto certificate = keys::GenerationCertificate::decode(next.certificate);
  if (!certificate) return forged(std::string("generation: ") + keys::name(certificate.error().code));
  if (certificate->user != user) return forged("generation: another user's");
  if (certificate->generation <= present.generation) return forged("generation: not a later one");
  if (const auto verified = certificate->verify(account.identity_key); !verified)
    return forged(std::string("generation: ") + keys::name(verified.error().code));
  if (!certificate->follows(present)) return forged("generation: it does not follow the present one");
  return *std::move(certificate);
}

bool is_sealed(const Bytes& sealed) { return !sealed.empty() && sealed.size() <= kMaxSealedGenerationBytes; }

// Nobody who stays is left without the keys of the others.
Result<void> check_handed(const NextGeneration& next, const keys::DeviceList& list, const keys::DeviceList& present) {
  if (!is_sealed(next.sealed)) return fail(Errc::invalid_argument, "sealed_generation: 1 to 4096 bytes");
  std::vector<DeviceId> to;
  for (const auto& [device, sealed] : next.handed) {
    if (!is_sealed(sealed)) return fail(Errc::invalid_argument, "handed: 1 to 4096 bytes for each device");
    to.push_back(device);
  }
  if (list.find(next.by) == nullptr) return fail(Errc::invalid_argument, "device_list: who begins a generation stays");
  if (present.find(next.by) != nullptr) to.push_back(next.by);
  std::ranges::sort(to);
  std::vector<DeviceId> stay;
  for (const keys::ListedDevice& device : list.devices) {
    if (present.find(device.device) != nullptr) stay.push_back(device.device);
  }
  if (to != stay) return fail(Errc::invalid_argument, "handed: to every other device that stays, once");
  return {};
}

}  // namespace

Result<CheckedDeviceChange> check_device_change(const UserId& user, const AccountRecord& account,
                                                const keys::DeviceList& present, const DeviceChange& change) {
  const auto certificate = keys::GenerationCertificate::decode(account.generation);
  if (!certificate) return fail(Errc::internal, "a generation that cannot be read");
  auto list = keys::DeviceList::decode(change.device_list);
  if (!list) return forged(std::string("device_list: ") + keys::name(list.error().code));
  if (list->user != user) return forged("device_list: another user's");
  if (list->version != present.version + 1)
    return fail(Errc::stale_device_list, "device_list: another version came first");
  auto generation = *certificate;
  if (change.next) {
    KITH_TRY(generation, check_next(user, account, *certificate, *change.next));
  }
  if (const auto verified = list->verify(generation); !verified)
    return forged(std::string("device_list: ") + keys::name(verified.error().code));
  if (list->devices.empty()) return fail(Errc::invalid_argument, "device_list: nobody left");
  KITH_TRY_VOID(check_added(change.added, *list, present));
  if (list->devices == present.devices && !change.next)
    return fail(Errc::invalid_argument, "device_list: nothing changes");
  for (const AddedDevice& one : change.added)
    KITH_TRY_VOID(check_new_device(user, account.identity_key, generation, one.device));
  CheckedDeviceChange checked{*std::move(list), {}};
  for (const keys::ListedDevice& device : present.devices) {
    if (checked.list.find(device.device) == nullptr) checked.removed.push_back(device.device);
  }
  if (!checked.removed.empty() && !change.next)
    return fail(Errc::generation_needed, "device_list: it takes a device away and begins no generation");
  if (change.next) KITH_TRY_VOID(check_handed(*change.next, checked.list, present));
  return checked;
}

}  // namespace kith::server::domain
