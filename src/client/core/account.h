// Who this device is: its account's record, and the keys that speak for it.
#pragma once

#include <optional>

#include "client/core/json.h"
#include "client/core/record.h"
#include "crypto/crypto.h"
#include "mls/welcome.h"

namespace kith::client {

class Machine;

class Account {
 public:
  explicit Account(Machine& machine) : machine_(machine) {}

  // The row as stored; false where it cannot be read.
  [[nodiscard]] bool restore(ByteView record);
  [[nodiscard]] const AccountRecord& record() const { return record_; }
  [[nodiscard]] const UserId& user() const { return record_.user; }
  [[nodiscard]] const DeviceId& device() const { return record_.device; }
  [[nodiscard]] Stage stage() const { return record_.stage; }
  // A verified device list of our own. False where a newer one was seen before.
  [[nodiscard]] bool saw_device_list(const ListAge& age);
  // There is an account, and so something to connect for.
  [[nodiscard]] bool exists() const { return record_.stage >= Stage::recovery_key; }
  // The leaf's signature key; the account exists, or is being created.
  [[nodiscard]] const crypto::SignatureKeyPair& leaf_key() const { return *leaf_key_; }
  // What the leaves of this device say: credential, capabilities and a lifetime from now on.
  [[nodiscard]] mls::LeafParameters leaf() const;

  // Changes the record, stores it, and shows it.
  void change(AccountRecord to);
  void show() const;

 private:
  Machine& machine_;
  AccountRecord record_;
  std::optional<crypto::SignatureKeyPair> leaf_key_;
};

}  // namespace kith::client
