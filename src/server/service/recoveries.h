// Recovery: how somebody who has lost every device comes back into the account, with the recovery key.
//
// Both requests carry the proof of the address and the identity key's word for the new device (domain/recovery.h). So
// who has only the number learns nothing of the account but that there is one, and can take nothing of it.
#pragma once

#include "server/domain/device_change.h"
#include "server/domain/recovery.h"
#include "server/service/ports.h"

namespace kith::server::service {

class AccountService;
struct Grant;

class RecoveryService {
 public:
  RecoveryService(Ports ports, AccountService& accounts) : ports_(ports), accounts_(accounts) {}

  // What the new device needs to list itself.
  struct Shown {
    domain::Profile profile;
    Bytes generation;         // keys::GenerationCertificate, the present one
    Bytes sealed_generation;  // keys::HandedGeneration that it left
    Bytes sealed_root;        // ... and the one that the identity key signed; empty, where that is the present one
    Bytes device_list;
  };
  // Errors: not_found (the registration, or an account of its address), code_expired, unauthenticated (the proof),
  // wrong_recovery_key.
  Task<Result<Shown>> show(domain::RecoveryClaim claim);
  // Lets the device, which is what has to be signed for, into the account, perhaps in the place of all others, with a
  // generation that it begins. The same device and key again (the answer was lost) gives a new grant. Errors: those of
  // show, and of AccountService::stage_device and let_in.
  Task<Result<Grant>> add_device(domain::RecoveryClaim claim, domain::AddedDevice device, Bytes device_list,
                                 std::optional<domain::NextGeneration> next);

 private:
  // Whose account it is that this claim opens.
  Task<Result<UserId>> claimed(domain::RecoveryClaim claim);

  Ports ports_;
  AccountService& accounts_;
};

}  // namespace kith::server::service
