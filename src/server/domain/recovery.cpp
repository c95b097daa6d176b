#include "server/domain/recovery.h"

#include "keys/handed_generation.h"

namespace kith::server::domain {

Result<void> check_recovery(const UserId& user, ByteView identity_key, const RecoveryClaim& claim) {
  const keys::RecoveryStatement statement{.registration = to_bytes(claim.registration.text()),
                                          .user = user,
                                          .device = claim.device,
                                          .leaf_signature_key = claim.leaf_key};
  const bool is_signature = claim.signature.size() == std::tuple_size_v<keys::SignatureBytes>;
  if (!is_signature || !statement.verify(identity_key, keys::to_array<64>(claim.signature)))
    return fail(Errc::wrong_recovery_key, "this is not the recovery key of the account of this address");
  return {};
}

}  // namespace kith::server::domain
