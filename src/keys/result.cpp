#include "keys/result.h"

namespace kith::keys {

const char* name(Errc code) {
  switch (code) {
    case Errc::malformed:
      return "malformed";
    case Errc::recovery_key_length:
      return "recovery_key_length";
    case Errc::recovery_key_character:
      return "recovery_key_character";
    case Errc::recovery_key_checksum:
      return "recovery_key_checksum";
    case Errc::bad_generation_certificate:
      return "bad_generation_certificate";
    case Errc::recovery_key_needed:
      return "recovery_key_needed";
    case Errc::bad_handed_generation:
      return "bad_handed_generation";
    case Errc::bad_recovery_statement:
      return "bad_recovery_statement";
    case Errc::bad_device_certificate:
      return "bad_device_certificate";
    case Errc::bad_device_list:
      return "bad_device_list";
    case Errc::wrong_user:
      return "wrong_user";
    case Errc::wrong_generation:
      return "wrong_generation";
    case Errc::bad_leave_note:
      return "bad_leave_note";
    case Errc::bad_broken_mark:
      return "bad_broken_mark";
    case Errc::bad_join_proof:
      return "bad_join_proof";
    case Errc::not_allowed:
      return "not_allowed";
    case Errc::beyond_role:
      return "beyond_role";
    case Errc::link_code_length:
      return "link_code_length";
    case Errc::link_code_character:
      return "link_code_character";
    case Errc::link_forged:
      return "link_forged";
    case Errc::link_foreign:
      return "link_foreign";
    case Errc::link_expired:
      return "link_expired";
    case Errc::too_many:
      return "too_many";
    case Errc::not_a_safety_number:
      return "not_a_safety_number";
    case Errc::other_person:
      return "other_person";
    case Errc::their_identity_differs:
      return "their_identity_differs";
    case Errc::own_identity_differs:
      return "own_identity_differs";
    case Errc::log_forked:
      return "log_forked";
    case Errc::archive_forged:
      return "archive_forged";
  }
  return "unknown";
}

}  // namespace kith::keys
