// The PinStretcher port: makes of a PIN what is dear to try, somewhere else than on the node's thread.
//
// An instance belongs to one Scheduler: its tasks resume on that thread.
#pragma once

#include "base/task.h"
#include "crypto/argon2.h"
#include "server/domain/error.h"

namespace kith::server::domain {

class PinStretcher {
 public:
  virtual ~PinStretcher() = default;
  // 32 bytes, Argon2id of the PIN. Errors: overloaded (too many wait, or there is no memory for it).
  virtual Task<Result<SecretBytes>> stretch(SecretBytes pin, crypto::Argon2Salt salt, crypto::Argon2Cost cost) = 0;
};

}  // namespace kith::server::domain
