// Recovery: somebody with the address of an account and its recovery key, and no device of it any more, lets a new
// device into it.
//
// The attacker has the number (it was given away, or taken over) and not the key: of the account behind it nothing is
// shown or changed without the signature of its identity key, made for this registration and this device.
#pragma once

#include "server/domain/account.h"

namespace kith::server::domain {

struct RecoveryClaim {
  RegistrationId registration;
  SecretBytes proof;
  DeviceId device;  // that is to come in
  Bytes leaf_key;   // its Ed25519 key
  Bytes signature;  // of keys::RecoveryStatement
};

// Errors: wrong_recovery_key, where the account's identity key has not signed this.
Result<void> check_recovery(const UserId& user, ByteView identity_key, const RecoveryClaim& claim);

}  // namespace kith::server::domain
