#include "server/domain/error.h"

namespace kith::server::domain {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::internal:
      return "internal";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::too_large:
      return "too_large";
    case Errc::unauthenticated:
      return "unauthenticated";
    case Errc::not_found:
      return "not_found";
    case Errc::not_member:
      return "not_member";
    case Errc::stale_epoch:
      return "stale_epoch";
    case Errc::commit_first:
      return "commit_first";
    case Errc::conversation_exists:
      return "conversation_exists";
    case Errc::invalid_commit:
      return "invalid_commit";
    case Errc::client_id_reused:
      return "client_id_reused";
    case Errc::rate_limited:
      return "rate_limited";
    case Errc::overloaded:
      return "overloaded";
    case Errc::wrong_code:
      return "wrong_code";
    case Errc::code_expired:
      return "code_expired";
    case Errc::too_many_attempts:
      return "too_many_attempts";
    case Errc::forged_certificate:
      return "forged_certificate";
    case Errc::key_package_known:
      return "key_package_known";
    case Errc::key_package_invalid:
      return "key_package_invalid";
    case Errc::no_key_package:
      return "no_key_package";
    case Errc::refresh_unknown:
      return "refresh_unknown";
    case Errc::refresh_reused:
      return "refresh_reused";
    case Errc::trimmed:
      return "trimmed";
    case Errc::stale_device_list:
      return "stale_device_list";
    case Errc::not_allowed:
      return "not_allowed";
    case Errc::group_full:
      return "group_full";
    case Errc::last_owner:
      return "last_owner";
    case Errc::invite_revoked:
      return "invite_revoked";
    case Errc::invite_expired:
      return "invite_expired";
    case Errc::invite_used_up:
      return "invite_used_up";
    case Errc::link_used:
      return "link_used";
    case Errc::link_foreign:
      return "link_foreign";
    case Errc::link_known:
      return "link_known";
    case Errc::wrong_recovery_key:
      return "wrong_recovery_key";
    case Errc::generation_needed:
      return "generation_needed";
    case Errc::device_removed:
      return "device_removed";
    case Errc::archive_moved:
      return "archive_moved";
    case Errc::archive_full:
      return "archive_full";
    case Errc::stale_generation:
      return "stale_generation";
    case Errc::pin_needed:
      return "pin_needed";
    case Errc::wrong_pin:
      return "wrong_pin";
    case Errc::pin_paused:
      return "pin_paused";
  }
  return "internal";
}

}  // namespace kith::server::domain
