// Made-up people with one device each: real keys, certificates, lists and key packages, registered as any client would.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/ids.h"
#include "crypto/crypto.h"
#include "load/code_log.h"
#include "load/http_connection.h"
#include "mls/welcome.h"

namespace kith::load {

struct Account {
  UserId user;
  DeviceId device;
  SecretBytes leaf_seed;  // the private half of the device's leaf signature key
  Bytes credential;       // DeviceCredential, encoded
  std::string refresh_token;
  std::string access_token;
  std::int64_t access_expires_ms = 0;  // Unix time

  [[nodiscard]] crypto::SignatureKeyPair leaf_key() const;
  [[nodiscard]] mls::LeafParameters leaf() const;

  [[nodiscard]] nlohmann::json to_json() const;
  static Result<Account> from_json(const nlohmann::json& json);
};

std::int64_t unix_now_ms();

// Registers a new account by this phone number (E.164), with one single-use key package and a last-resort one.
Task<Result<Account>> register_account(HttpConnection& http, CodeLog& codes, std::string phone);
// Gets a new access token with the refresh token, which changes.
Task<Result<void>> refresh(HttpConnection& http, Account& account);

}  // namespace kith::load
