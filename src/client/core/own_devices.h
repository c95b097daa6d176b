// The account's own devices, for people. Which ones there are is the account's word: its signed list, checked down from
// the identity key, so that a server can neither hide a device that reads along nor show one that does not. What they
// are called, since when they are there and when they were last seen is the server's.
#pragma once

#include "client/core/commands.h"
#include "keys/device.h"

namespace kith::client {

class OwnDevices {
 public:
  explicit OwnDevices(Machine& machine) : machine_(machine) {}

  // The command list_devices.
  void list(const Reply& reply);
  // The command rename_device.
  void rename(const Reply& reply, const Json& command);
  // The command forget_device, once this one is none of the account's: deletes all that is stored here. The account's
  // row goes with the last of it: whoever is interrupted is asked again.
  void forget(const Reply& reply);

 private:
  void list_with(const Reply& reply, const Json& named, bool is_again = false);
  void show(const Reply& reply, const Json& named, const keys::DeviceList& list) const;
  void forget_some(const Reply& reply);

  Machine& machine_;
  bool has_warned_ = false;  // of the list as it is now: people's screens ask again and again
};

}  // namespace kith::client
