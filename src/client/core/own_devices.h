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

 private:
  Machine& machine_;
};

}  // namespace kith::client
