#include "mls/result.h"

namespace kith::mls {

const char* name(Errc code) {
  switch (code) {
    case Errc::truncated:
      return "truncated";
    case Errc::trailing_bytes:
      return "trailing_bytes";
    case Errc::not_minimal:
      return "not_minimal";
    case Errc::too_long:
      return "too_long";
    case Errc::bad_value:
      return "bad_value";
    case Errc::unsupported_version:
      return "unsupported_version";
    case Errc::unsupported_suite:
      return "unsupported_suite";
    case Errc::unsupported_capability:
      return "unsupported_capability";
    case Errc::bad_signature:
      return "bad_signature";
    case Errc::bad_key:
      return "bad_key";
    case Errc::bad_membership_tag:
      return "bad_membership_tag";
    case Errc::bad_confirmation_tag:
      return "bad_confirmation_tag";
    case Errc::bad_credential:
      return "bad_credential";
    case Errc::wrong_group:
      return "wrong_group";
    case Errc::wrong_epoch:
      return "wrong_epoch";
    case Errc::wrong_message:
      return "wrong_message";
    case Errc::unknown_sender:
      return "unknown_sender";
    case Errc::own_message:
      return "own_message";
    case Errc::decryption_failed:
      return "decryption_failed";
    case Errc::generation_used:
      return "generation_used";
    case Errc::generation_too_far:
      return "generation_too_far";
    case Errc::invalid_proposal:
      return "invalid_proposal";
    case Errc::unknown_proposal:
      return "unknown_proposal";
    case Errc::missing_path:
      return "missing_path";
    case Errc::bad_path:
      return "bad_path";
    case Errc::bad_leaf_node:
      return "bad_leaf_node";
    case Errc::expired:
      return "expired";
    case Errc::duplicate_key:
      return "duplicate_key";
    case Errc::unknown_psk:
      return "unknown_psk";
    case Errc::not_invited:
      return "not_invited";
    case Errc::missing_tree:
      return "missing_tree";
    case Errc::bad_tree:
      return "bad_tree";
    case Errc::bad_group_info:
      return "bad_group_info";
    case Errc::ended:
      return "ended";
    case Errc::removed:
      return "removed";
    case Errc::bad_record:
      return "bad_record";
  }
  return "unknown";
}

}  // namespace kith::mls
