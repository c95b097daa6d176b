// Accounts, devices, profiles and the tokens of devices. It says what an access token must say; signing is the edge's.
#pragma once

#include <optional>

#include "server/domain/account.h"
#include "server/domain/device_change.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"
#include "server/service/registration.h"

namespace kith::server::service {

class OutboxRelay;
class RegistrationLock;

// What the edge turns into a JWT, and the refresh token beside it.
struct Grant {
  domain::Caller caller;
  UnixMillis issued;
  std::chrono::milliseconds expires_in{};
  SecretBytes refresh_token;  // 32 bytes
};

class AccountService {
 public:
  AccountService(Ports ports, const Limits& limits, OutboxRelay& relay, RegistrationLock& lock);

  // Asking again after a lost answer (same registration, proof, identity and device) gives a new grant.
  // Errors: not_found, code_expired (registration or proof), unauthenticated (proof), invalid_argument,
  // forged_certificate, key_package_invalid, key_package_known; where the address has an account that is locked, also
  // those of RegistrationLock::pass.
  Task<Result<Grant>> create(domain::NewAccount account);

  // `signature`: the device's leaf key over "KithRefreshV1" || user || device || token.
  // Errors: unauthenticated (device or signature), device_removed, refresh_unknown, refresh_reused (the device is
  // logged out, its sockets closed).
  Task<Result<Grant>> refresh(domain::Caller caller, SecretBytes token, Bytes signature);

  // Is an access token, already verified by the edge, still good? Errors: unauthenticated, where the device is gone or
  // logged out.
  Task<Result<void>> check_access(domain::Caller caller);

  // Errors: not_found.
  Task<Result<domain::Profile>> profile(UserId user);
  // By which it was registered. Errors: not_found.
  Task<Result<domain::AddressHash>> address_of(UserId user);
  Task<Result<domain::DeviceDirectory>> devices(UserId user);
  // Replaces the account's device list. Devices that go are logged out at once, and every conversation of the account
  // hears of it. A generation that begins with it lies in the mailbox of every device that it is handed to from the
  // same moment on. Errors: stale_device_list, forged_certificate, generation_needed, key_package_invalid,
  // key_package_known, invalid_argument, overloaded.
  Task<Result<void>> change_devices(domain::Caller caller, domain::DeviceChange change);
  // A device that comes into the account by itself, with the list that adds it: first looked at, then let in. Where it
  // begins a generation, all other devices may go with that list. Errors of stage_device: those of change_devices,
  // forged_certificate also for a list that changes anything else. Errors of
  // let_in: those as well, where something else was written meanwhile; forged_certificate also for an id that was there
  // before.
  struct StagedDevice;
  Task<Result<StagedDevice>> stage_device(UserId user, domain::AddedDevice device, Bytes device_list,
                                          std::optional<domain::NextGeneration> next = {});
  Task<Result<Grant>> let_in(StagedDevice device);
  // New tokens for a device whose first ones were lost on the way; nothing where there is no such device. Errors:
  // unauthenticated (another key; logged out), overloaded.
  Task<Result<std::optional<Grant>>> grant_again(domain::Caller caller, ByteView leaf_key);

  // The account's devices as its owner sees them.
  Task<Result<std::vector<domain::OwnDevice>>> own_devices(UserId user);
  // Errors: invalid_argument, not_found.
  Task<Result<void>> rename_device(UserId user, DeviceId device, std::string name);
  // Notes, in the background, that the device is here: at most once an hour.
  void see(domain::Caller caller) { seen_.spawn(note_seen(caller)); }

  // Errors: invalid_argument.
  Task<Result<domain::Profile>> set_name(domain::Caller caller, std::string name);
  struct Found {
    domain::Profile profile;
    std::string address;  // as it was understood
  };
  // Errors: invalid_argument, not_found, rate_limited.
  Task<Result<Found>> find(domain::Caller caller, AddressInput input);

 private:
  // A next device list that holds, and all that is written with it.
  struct StagedChange {
    domain::Transaction transaction;
    std::vector<DeviceId> removed;
  };
  // Nothing where the list is the account's already.
  Task<Result<std::optional<StagedChange>>> stage_change(UserId user, const domain::DeviceChange& change);
  // False where something else was written first: it is to be staged again.
  Task<Result<bool>> store_change(UserId user, StagedChange change);
  Task<Result<StagedChange>> stage_coming(UserId user, const domain::DeviceChange& change, ByteView token);
  // What a generation that begins writes.
  Task<Result<void>> begin_generation(domain::Transaction& t, UserId user, domain::AccountRecord account,
                                      const domain::NextGeneration& next);
  // Tells the devices that there is mail: in the order of the appends.
  void hint_mail(UserId user, const std::vector<domain::LogAppend>& mails, const domain::Committed& committed);
  // For whoever asks again because the answer was lost: whoever was to hear of it the first time may not have.
  void tell_again(UserId user);
  Task<void> note_seen(domain::Caller caller);
  // May this user have the address? Errors: those of RegistrationLock::pass.
  Task<Result<void>> pass_lock(domain::AddressHash address, UserId user, SecretBytes pin);
  Task<Result<Grant>> create_again(domain::Caller caller, const domain::NewAccount& account);
  Result<domain::Transaction> new_account(const UserId& user, const domain::NewAccount& account, ByteView token) const;
  Task<Result<void>> forget_device(domain::Transaction& t, DeviceId device);
  Grant grant(const domain::Caller& caller, SecretBytes refresh_token) const;

  Ports ports_;
  std::chrono::milliseconds access_token_life_;
  OutboxRelay& relay_;
  RegistrationLock& lock_;
  domain::TokenBuckets lookups_;
  TaskScope seen_;
};

struct AccountService::StagedDevice {
  domain::Caller caller;
  domain::DeviceChange change;
  StagedChange staged;
  SecretBytes refresh_token;
};

}  // namespace kith::server::service
