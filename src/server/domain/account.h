// Accounts and devices: what a new account must prove, and what others may see of it.
//
// The attacker is whoever fills in the request: certificates for other people's users, keys that were never signed, a
// device that is not on its own list. Nothing is stored before the whole chain holds: identity key -> generation ->
// device -> leaf key, all for one user.
#pragma once

#include <string>
#include <vector>

#include "base/scheduler.h"
#include "keys/generation.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/domain/secrets.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxDevices = 64;  // of one account
inline constexpr std::size_t kMaxSealedGenerationBytes = 4096;

// When devices were seen is kept to the hour, and written no more often.
UnixMillis to_the_hour(UnixMillis time);

struct NewDevice {
  DeviceId device;
  std::string name;  // for the user's own list of devices; as the account's
  Bytes credential;  // keys::DeviceCredential
  Bytes leaf_key;    // Ed25519
};

struct NewAccount {
  RegistrationId registration;
  SecretBytes proof;
  std::string name;    // 1 to kMaxNameBytes of UTF-8
  Bytes identity_key;  // Ed25519
  Bytes generation;    // keys::GenerationCertificate
  NewDevice device;
  Bytes device_list;  // keys::DeviceList
  std::vector<Bytes> key_packages;
  Bytes last_resort;
  SecretBytes pin;          // where the address has an account that is locked by one; empty: none was given
  Bytes sealed_generation;  // keys::HandedGeneration for the recovery key: nobody else can read it
};

struct Profile {
  UserId user;
  std::string name;
  Bytes identity_key;
};

struct DeviceEntry {
  DeviceId device;
  Bytes credential;
  Bytes leaf_key;
};
struct DeviceDirectory {
  Bytes identity_key;
  Bytes generation;
  Bytes device_list;
  std::vector<DeviceEntry> devices;
};

// A device as its owner sees it.
struct OwnDevice {
  DeviceId device;
  std::string name;
  UnixMillis added;
  UnixMillis last_seen;  // connecting or renewing its tokens, to the hour
};

// Errors: invalid_argument (a size or a text), forged_certificate. `user` is whom the registration promised.
Result<void> check_new_account(const UserId& user, const NewAccount& account);

Result<void> check_name(std::string_view name);
// Errors: invalid_argument.
Result<void> check_sealed_generation(ByteView sealed);
// A device's name, key and credential, under the account's identity and this generation. Errors: the same.
Result<void> check_new_device(const UserId& user, ByteView identity_key, const keys::GenerationCertificate& generation,
                              const NewDevice& device);

}  // namespace kith::server::domain
