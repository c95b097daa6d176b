// How keys of people fail: forged, malformed or mistyped.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace kith::keys {

enum class Errc : std::uint8_t {
  malformed,                   // bytes that are no such structure, or of an unknown version
  recovery_key_length,         // not 28 characters
  recovery_key_character,      // a character that recovery keys do not use
  recovery_key_checksum,       // mistyped
  bad_generation_certificate,  // not signed by the identity key, nor by a generation that it signed
  recovery_key_needed,         // too many generations were begun without it
  bad_handed_generation,       // not sealed for whom it was handed to, or not of its certificate
  bad_recovery_statement,      // not signed by the identity key
  bad_device_certificate,      // not signed by the device-signing key of the generation
  bad_device_list,             // signature, order or bounds of a device list
  wrong_user,                  // certificates of two users in one chain
  wrong_generation,            // certificates of two generations in one chain
  bad_leave_note,              // not signed by the leaf that it names
  bad_broken_mark,             // not signed by the leaf that it names
  bad_join_proof,              // not signed by the invite that it names
  not_allowed,                 // what the product's groups do not do
  beyond_role,                 // what this member's role in the group does not allow
  link_code_length,            // not 24 characters
  link_code_character,         // a character that codes do not use
  link_forged,                 // not sealed under this code
  link_foreign,                // a code for another account
  link_expired,
  too_many,                // more of something than one message may have
  not_a_safety_number,     // text that is no code of one
  other_person,            // a safety number of two others
  their_identity_differs,  // the other side has another identity key than is known here
  own_identity_differs,    // the other side knows another identity key than is had here
  log_forked,              // two sides of a conversation have different secrets in the same epoch
  archive_forged,          // a block of an archive that none of the account\'s devices put there
};

template <class T>
using Result = ResultOf<T, Errc>;

const char* name(Errc code);

}  // namespace kith::keys
