// Access tokens: JWTs signed with Ed25519 (RFC 7519, RFC 8037), and the JWKS that publishes the key.
//
// The attacker makes up tokens: other algorithms, other keys, other users. Only `EdDSA` under the one known key id is
// ever verified, and nothing in a token is looked at before its signature held. Whether a token that holds was revoked
// since is AccountService::check_access's to say. Immutable and thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/scheduler.h"
#include "crypto/crypto.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"

namespace kith::server::edge {

class AccessTokens {
 public:
  static constexpr std::size_t kSeedBytes = 32;
  static constexpr std::size_t kMaxTokenBytes = 1024;

  // `seed`: the private key, kSeedBytes.
  explicit AccessTokens(ByteView seed);

  [[nodiscard]] std::string issue(const domain::Caller& caller, UnixMillis issued,
                                  std::chrono::milliseconds life) const;

  // Whose token it is. Errors: unauthenticated, with why.
  [[nodiscard]] domain::Result<domain::Caller> verify(std::string_view token, UnixMillis now) const;

  // The answer of /v1/jwks.json.
  [[nodiscard]] const std::string& jwks() const { return jwks_; }

 private:
  crypto::SignatureKeyPair key_;
  std::string header_;  // the first part of every token, encoded
  std::string jwks_;
};

}  // namespace kith::server::edge
