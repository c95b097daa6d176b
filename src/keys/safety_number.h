// Safety numbers: how two people find out that each of them knows the other's true identity key, and that the server
// shows both the same conversation. They compare outside of Kith: by reading 60 digits to each other, or by scanning.
//
// A fingerprint is SHA-256 of a label, the user id and the identity key. Half of a safety number, 30 digits or 99.6
// bits, is one person's fingerprint, the same in all numbers of this person. Whoever wants to stand between two people
// needs for each side an identity key with the very digits of another: a second preimage, with the victim's id in it,
// so that no work counts for more than one victim. That is why the hash is plain: nothing that iterating adds is
// needed.
//
// A code is what is scanned: both fingerprints in full, and of the direct conversation that the two share the epoch
// with a mark of its epoch authenticator (RFC 9420, 8.7). Who was shown different commits has another authenticator in
// the same epoch. The authenticator itself never leaves the device, and neither number nor code is a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "keys/conversation.h"
#include "keys/generation.h"

namespace kith::keys {

struct Identity {
  UserId user;
  PublicKey key{};
};

using Fingerprint = std::array<std::uint8_t, 32>;
[[nodiscard]] Fingerprint fingerprint(const Identity& identity);

// 60 decimal digits, the smaller user id's half first: the same on both sides.
[[nodiscard]] std::string safety_digits(const Identity& a, const Identity& b);

// Where a direct conversation stands.
struct EpochMark {
  Epoch epoch;
  std::array<std::uint8_t, 32> mark{};
  static EpochMark of(const ConversationId& conversation, Epoch epoch, ByteView epoch_authenticator);
  friend bool operator==(const EpochMark&, const EpochMark&) = default;
};

// What one side knows.
struct SafetyView {
  Identity self;
  Identity other;
  std::optional<EpochMark> epoch{};
};

// How the conversations compare where the identities are the same.
enum class EpochMatch : std::uint8_t {
  none,     // one side has none
  same,     // nobody was shown another log
  unknown,  // different epochs: to be compared when both are up to date
};

struct SafetyCode {
  static constexpr std::uint8_t kVersion = 1;
  UserId shown_by;
  UserId shown_to;
  Fingerprint by_print{};
  Fingerprint to_print{};
  std::optional<EpochMark> epoch{};

  static SafetyCode of(const SafetyView& view);
  // "kith-safety:" and base64url; at most 240 characters.
  [[nodiscard]] std::string text() const;
  // White space around it does not count. Errors: not_a_safety_number.
  static Result<SafetyCode> parse(std::string_view text);
  // Is what the other side shows what this side knows? Errors: other_person (it is not these two who compare),
  // their_identity_differs, own_identity_differs, log_forked (the same identities and epoch, another authenticator).
  [[nodiscard]] Result<EpochMatch> compare(const SafetyView& view) const;
  friend bool operator==(const SafetyCode&, const SafetyCode&) = default;
};

}  // namespace kith::keys
