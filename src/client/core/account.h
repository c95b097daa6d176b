// Who this device is: its account's record, and the keys that speak for it.
#pragma once

#include <optional>

#include "client/core/json.h"
#include "client/core/record.h"
#include "crypto/crypto.h"
#include "keys/device.h"
#include "keys/followed_list.h"
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
  // There is an account, and so something to connect for.
  [[nodiscard]] bool exists() const { return record_.stage == Stage::recovery_key || record_.stage == Stage::ready; }
  // The generation that this device has the secret of. The account exists, or is being created.
  [[nodiscard]] keys::DeviceCredential credential() const;
  // The account has a newer one, which another device is to hand over.
  [[nodiscard]] bool awaits_keys() const;
  // A verified device list of our own. False where a newer one was seen before, or one beside it.
  [[nodiscard]] bool saw_device_list(const keys::FollowedList& followed);
  // A verified generation of our own, in some leaf.
  void saw_generation(const keys::GenerationCertificate& certificate);
  // From now on this device speaks under this generation, which follows the one that it had. `list`: that it began
  // with; null, where that is not known.
  void adopt(const keys::GenerationCertificate& certificate, ByteView secret, const keys::DeviceList* list);
  // The server was restored from a backup, which may know an older list, or an older generation.
  void history_changed();
  // This storage is, or may be, an old copy: keys that began since may have come to the device in another life.
  void is_old_copy();
  // The server's list was compared with what was seen; what there was to do about it is done.
  void list_compared();
  // The devices on this older list of ours, by the same keys, that are not known to have gone since; nobody, where that
  // is not known. Whoever was revoked can sign lists of before.
  [[nodiscard]] std::vector<keys::ListedDevice> still_listed(const keys::DeviceList& older) const;
  // The server says that it is none of the account's devices any more: nothing is done from now on.
  void was_removed();
  // The leaf's signature key; the account exists, or is being created.
  [[nodiscard]] const crypto::SignatureKeyPair& leaf_key() const { return *leaf_key_; }
  // What the leaves of this device say: credential, capabilities and a lifetime from now on.
  [[nodiscard]] mls::LeafParameters leaf() const;

  // Changes the record, stores it, and shows it.
  void change(AccountRecord to);
  void show() const;

 private:
  // Stores what was seen; shows it where this device awaits keys since, or no longer.
  void saw(bool awaited_before);
  Machine& machine_;
  AccountRecord record_;
  std::optional<crypto::SignatureKeyPair> leaf_key_;
};

}  // namespace kith::client
