// The account's own devices, for people: what they are called, since when they are there and when they were last seen.
// The server's word, but for which of them is this one.
#pragma once

#include "client/core/commands.h"

namespace kith::client {

class OwnDevices {
 public:
  explicit OwnDevices(Machine& machine) : machine_(machine) {}

  // The command list_devices.
  void list(const Reply& reply);
  // The command rename_device.
  void rename(const Reply& reply, const Json& command);
  // The command forget_device, once this one is none of the account's: deletes all that is stored here.
  void forget(const Reply& reply);

 private:
  void forget_some(const Reply& reply);

  Machine& machine_;
};

}  // namespace kith::client
