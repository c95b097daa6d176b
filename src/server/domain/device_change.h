// A new version of an account's device list: devices that come, with everything that lets others add them, and devices
// that go. The account's present generation signs it.
//
// The attacker is a device that was revoked, or one that would like to be in: lists of an older version, of another
// generation or user, devices without a certificate of their own, keys that change under a name.
#pragma once

#include "keys/device.h"
#include "server/domain/account.h"
#include "server/domain/records.h"

namespace kith::server::domain {

struct AddedDevice {
  NewDevice device;
  std::vector<Bytes> key_packages;
  Bytes last_resort;
};

struct DeviceChange {
  Bytes device_list;  // keys::DeviceList
  std::vector<AddedDevice> added;
};

struct CheckedDeviceChange {
  keys::DeviceList list;
  std::vector<DeviceId> removed;
};

// The list follows `present` by one version; devices that stay keep their keys; those that are new, and no others, are
// among `added`. Errors: stale_device_list (another version came first), forged_certificate, invalid_argument (a size
// or a text; nobody left).
Result<CheckedDeviceChange> check_device_change(const UserId& user, const AccountRecord& account,
                                                const keys::DeviceList& present, const DeviceChange& change);

}  // namespace kith::server::domain
