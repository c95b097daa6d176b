// A new version of an account's device list: devices that come, with everything that lets others add them, and devices
// that go. The account's present generation signs it, or the next one, which may come along with it and has to where a
// device goes: whoever is revoked knows the present one's secret.
//
// The attacker is a device that was revoked, or one that would like to be in: lists of an older version, of another
// generation or user, devices without a certificate of their own, keys that change under a name, a generation that it
// begins beside the account's.
#pragma once

#include <optional>

#include "keys/device.h"
#include "server/domain/account.h"
#include "server/domain/records.h"

namespace kith::server::domain {

struct AddedDevice {
  NewDevice device;
  std::vector<Bytes> key_packages;
  Bytes last_resort;
};

// The generation that a change begins. What is sealed nobody here can open.
struct NextGeneration {
  struct Handed {
    DeviceId device;
    Bytes sealed;
  };
  DeviceId by;                 // who begins it
  Bytes certificate;           // keys::GenerationCertificate
  std::vector<Handed> handed;  // to every other device that stays
  Bytes sealed;                // for whoever has the recovery key
};

struct DeviceChange {
  Bytes device_list;  // keys::DeviceList
  std::vector<AddedDevice> added;
  std::optional<NextGeneration> next{};
};

struct CheckedDeviceChange {
  keys::DeviceList list;
  std::vector<DeviceId> removed;
};

// The list follows `present` by one version; devices that stay keep their keys; those that are new, and no others, are
// among `added`. A generation that begins is a later one by number (by more than one where this server was restored
// from a backup, or the identity key signed it), holds down from the identity key, follows the present one, and is
// handed to every device that stays but the one that begins it (which may be among `added`). Errors: stale_device_list
// (another version came first), forged_certificate, generation_needed, invalid_argument (a size or a text; nobody
// left).
Result<CheckedDeviceChange> check_device_change(const UserId& user, const AccountRecord& account,
                                                const keys::DeviceList& present, const DeviceChange& change);

}  // namespace kith::server::domain
