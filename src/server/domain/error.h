// The server's errors: what an outsider can cause, by name. The edge translates them: HTTP answers carry the names, a
// socket those that can come up there, and internal for the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace kith::server::domain {

enum class Errc : std::uint8_t {
  internal,          // ours; the detail is for the log only
  invalid_argument,  // a field is missing, too long or not what it must be; the detail names it
  too_large,
  unauthenticated,  // no token, or one that is wrong, expired or revoked
  not_found,
  not_member,
  stale_epoch,
  commit_first,  // somebody who left, or a device that is on its user's list no more, still has a leaf
  conversation_exists,
  invalid_commit,
  client_id_reused,
  rate_limited,  // retry_after
  overloaded,    // retry_after
  wrong_code,
  code_expired,
  too_many_attempts,
  forged_certificate,  // a certificate, credential or list whose signature or contents do not hold
  key_package_known,   // uploaded before, claimed or not
  key_package_invalid,
  no_key_package,  // the device has none left, not even a last resort
  refresh_unknown,
  refresh_reused,  // an old refresh token came back after its successor was used: the device is logged out
  trimmed,
  stale_device_list,  // another version came first
  not_allowed,        // a member's role in the group does not allow it
  group_full,         // more members than a group may have
  last_owner,         // the owner hands the group over before leaving
  invite_revoked,     // the group does not have this link, or not any more
  invite_expired,
  invite_used_up,
  link_used,  // a device's link is another's already: another device claimed it, finished it otherwise, or came over it
  link_foreign,        // a device's link is for another account
  link_known,          // a link of this name was offered by somebody else
  wrong_recovery_key,  // it is not the key of this address' account
  generation_needed,   // a list that takes devices away needs the account's next generation
  device_removed,      // the device was taken from its account's list
  archive_moved,       // head_seq; another device appended to the account's archive first
  archive_full,
  stale_generation,  // a block of the archive that is not under the account's present generation
  pin_needed,        // this address has an account, which is locked by a PIN
  wrong_pin,         // attempts_left, and where there is none, retry_after_ms
  pin_paused,        // retry_after_ms; too many wrong PINs: none is looked at before
};

// "stale_epoch" and so on: what HTTP bodies, metrics and logs say.
std::string_view name_of(Errc code);

// What a failure carries beside its sentence, where the code calls for it.
struct Error {
  Errc code = Errc::internal;
  std::string detail{};
  std::uint32_t retry_after_ms = 0;  // rate_limited, overloaded, wrong_pin, pin_paused
  Epoch epoch{};                     // stale_epoch: where the log is
  Seq head_seq{};                    // stale_epoch, archive_moved
  Seq first_seq{};                   // trimmed: what the log still has
  std::uint32_t attempts_left = 0;   // wrong_code, wrong_pin
};

template <class T>
using Result = std::expected<T, Error>;

// Where an outsider's word meets a server's limit: retry after this many milliseconds.
inline std::unexpected<Error> fail_later(Errc code, std::chrono::milliseconds retry_after) {
  return std::unexpected(Error{.code = code, .retry_after_ms = static_cast<std::uint32_t>(retry_after.count())});
}

inline std::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return std::unexpected(Error{.code = code, .detail = std::move(detail)});
}

}  // namespace kith::server::domain
