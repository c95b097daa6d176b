#include "server/domain/refresh.h"

#include <algorithm>

#include "crypto/crypto.h"

namespace kith::server::domain {

RefreshRecord first_refresh(const ServerSecrets& secrets, ByteView token) {
  return {.current = secrets.hash_token(token)};
}

std::optional<SecretBytes> give_another(RefreshRecord& record, const Caller& caller, const ServerSecrets& secrets) {
  SecretBytes token = secrets.successor(caller.user, caller.device, record.current);
  const Digest hash = secrets.hash_token(token);
  if (record.next && record.next != hash) return std::nullopt;
  record.next = hash;
  return token;
}

RefreshVerdict use_refresh(RefreshRecord record, const Caller& caller, const ServerSecrets& secrets, ByteView token) {
  const auto is = [hash = secrets.hash_token(token)](const Digest& known) { return crypto::equal(hash, known); };
  if (record.logged_out) return {std::move(record), false, fail(Errc::unauthenticated, "this device was logged out")};
  const bool uses_next = record.next && is(*record.next);
  if (!uses_next && !is(record.current)) {
    if (!std::ranges::any_of(record.retired, is)) return {std::move(record), false, fail(Errc::refresh_unknown)};
    record.logged_out = true;
    return {std::move(record), true,
            fail(Errc::refresh_reused, "an old refresh token came back: this device is logged out")};
  }
  SecretBytes successor = secrets.successor(caller.user, caller.device, token);
  const Digest hash = secrets.hash_token(successor);
  if (!uses_next && record.next == hash) return {std::move(record), false, std::move(successor)};
  if (uses_next) {
    record.retired.insert(record.retired.begin(), record.current);
    if (record.retired.size() > kRetiredTokens) record.retired.pop_back();
    record.current = *record.next;
  }
  record.next = hash;
  return {std::move(record), true, std::move(successor)};
}

SecretBytes refresh_statement(const Caller& caller, ByteView token) {
  SecretBytes statement = to_secret(as_view("KithRefreshV1"));
  for (const ByteView part : {caller.user.view(), caller.device.view(), token}) {
    statement.insert(statement.end(), part.begin(), part.end());
  }
  return statement;
}

}  // namespace kith::server::domain
