// Refresh tokens of a device. Each use gives a successor; a token stays valid until its successor is used, so that a
// lost answer logs nobody out; one that comes back after that was stolen, and the device is logged out. Only keyed
// hashes are stored.
#pragma once

#include <optional>
#include <vector>

#include "base/scheduler.h"
#include "server/domain/entry.h"
#include "server/domain/secrets.h"

namespace kith::server::domain {

inline constexpr std::size_t kRefreshTokenBytes = 32;
inline constexpr std::size_t kRetiredTokens = 16;  // remembered to tell a stolen token from a made-up one

// The row `refresh` of a device.
struct RefreshRecord {
  Digest current{};               // the oldest token that is still good
  std::optional<Digest> next{};   // its successor, once given out
  std::vector<Digest> retired{};  // newest first, at most kRetiredTokens
  bool logged_out = false;
  friend bool operator==(const RefreshRecord&, const RefreshRecord&) = default;
};

RefreshRecord first_refresh(const ServerSecrets& secrets, ByteView token);
// One more, for who may not have got the first one: whichever is used is good. The same one however often it is asked
// for, since any of the answers may be the one that arrives. Nothing where the device has gone on already.
std::optional<SecretBytes> give_another(RefreshRecord& record, const Caller& caller, const ServerSecrets& secrets);

// What using a token leads to. The record is to be stored where it changed, also when the answer is refresh_reused.
struct RefreshVerdict {
  RefreshRecord record;
  bool changed = false;
  Result<SecretBytes> answer;  // the successor; the same one however often it is asked for
};
// Errors: unauthenticated (logged out), refresh_unknown, refresh_reused.
RefreshVerdict use_refresh(RefreshRecord record, const Caller& caller, const ServerSecrets& secrets, ByteView token);

// What the device signs to refresh: "KithRefreshV1" || user || device || token.
SecretBytes refresh_statement(const Caller& caller, ByteView token);

}  // namespace kith::server::domain
