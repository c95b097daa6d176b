// How MLS fails. Everything here can be caused by somebody else's bytes; after a failure every object is what it was.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace kith::mls {

enum class Errc : std::uint8_t {
  // Decoding (RFC 9420 section 2.1)
  truncated,
  trailing_bytes,
  not_minimal,  // a variable-size integer or a tree longer than it must be
  too_long,
  bad_value,
  // What this library or this group does not do
  unsupported_version,
  unsupported_suite,
  unsupported_capability,  // an extension, proposal or credential type that a member's leaf does not list
  // Authentication
  bad_signature,
  bad_key,
  bad_membership_tag,
  bad_confirmation_tag,
  bad_credential,
  // Placement
  wrong_group,
  wrong_epoch,
  wrong_message,  // a wire format or content type that has no place here
  unknown_sender,
  own_message,  // sent by this very leaf: its keys are gone
  // Encryption
  decryption_failed,
  generation_used,     // its key was deleted after use
  generation_too_far,  // further ahead than kMaxGenerationSkip
  // Commits and proposals (RFC 9420 section 12)
  invalid_proposal,
  unknown_proposal,  // a reference to a proposal that was not given
  missing_path,
  bad_path,
  bad_leaf_node,
  expired,  // outside its lifetime
  duplicate_key,
  unknown_psk,
  // Joining (RFC 9420 sections 12.4.3)
  not_invited,  // no secrets for this key package in the Welcome
  missing_tree,
  bad_tree,
  bad_group_info,
  // State
  removed,  // this leaf is no longer in the group
  ended,    // the group was ended by a ReInit: a new one takes its place
  bad_record,
};

template <class T>
using Result = ResultOf<T, Errc>;

// The error's name, for logs and tests.
const char* name(Errc code);

}  // namespace kith::mls
