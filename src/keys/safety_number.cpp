#include "keys/safety_number.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "keys/fields.h"

namespace kith::keys {
namespace {

constexpr std::string_view kScheme = "kith-safety:";
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kGroups = 6;  // of five digits, for each person
constexpr std::size_t kGroupBytes = 5;

// Six times 40 bits, each taken modulo 100,000: the same of all fingerprints but for one part in ten million.
std::string digits(const Fingerprint& print) {
  std::string text;
  for (std::size_t group = 0; group < kGroups; ++group) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kGroupBytes; ++i) number = number << 8 | print[group * kGroupBytes + i];
    const std::string five = std::to_string(number % 100'000);
    text += std::string(5 - five.size(), '0') + five;
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

Fingerprint fingerprint(const Identity& identity) {
  mls::Writer w;
  w.opaque(as_view("KithFingerprintV1"));
  w.raw(identity.user.view());
  w.raw(identity.key);
  return crypto::sha256(w.view());
}

std::string safety_digits(const Identity& a, const Identity& b) {
  const bool a_is_first = a.user < b.user;
  return digits(fingerprint(a_is_first ? a : b)) + digits(fingerprint(a_is_first ? b : a));
}

EpochMark EpochMark::of(const ConversationId& conversation, Epoch epoch, ByteView epoch_authenticator) {
  mls::Writer w;
  w.opaque(as_view("KithEpochMarkV1"));
  w.raw(conversation.view());
  w.u64(epoch.value);
  w.opaque(epoch_authenticator);
  return {epoch, crypto::sha256(w.view())};
}

SafetyCode SafetyCode::of(const SafetyView& view) {
  return {.shown_by = view.self.user,
          .shown_to = view.other.user,
          .by_print = fingerprint(view.self),
          .to_print = fingerprint(view.other),
          .epoch = view.epoch};
}

std::string SafetyCode::text() const {
  mls::Writer w;
  w.u8(kVersion);
  w.raw(shown_by.view());
  w.raw(by_print);
  w.raw(shown_to.view());
  w.raw(to_print);
  w.u8(epoch ? 1 : 0);
  if (epoch) {
    // That of these two people: its id follows from theirs.
    w.raw(direct_conversation(shown_by, shown_to).view());
    w.u64(epoch->epoch.value);
    w.raw(epoch->mark);
  }
  return std::string(kScheme) + to_base64url(w.view());
}

Result<SafetyCode> SafetyCode::parse(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(kScheme)) return fail(Errc::not_a_safety_number, "this is not a safety number");
  const auto bytes = from_base64url(text.substr(kScheme.size()));
  if (!bytes) return fail(Errc::not_a_safety_number, "this safety number is damaged");
  mls::Reader r(*bytes);
  if (r.u8() != kVersion) return fail(Errc::not_a_safety_number, "this safety number is of another version of Kith");
  SafetyCode code;
  code.shown_by = read_id<UserId>(r);
  read_array(r, code.by_print);
  code.shown_to = read_id<UserId>(r);
  read_array(r, code.to_print);
  const std::uint8_t has_epoch = r.u8();
  if (has_epoch == 1) {
    const auto conversation = read_id<ConversationId>(r);
    EpochMark& mark = code.epoch.emplace();
    mark.epoch = {r.u64()};
    read_array(r, mark.mark);
    if (conversation != direct_conversation(code.shown_by, code.shown_to))
      return fail(Errc::not_a_safety_number, "this safety number is of another conversation");
  }
  if (has_epoch > 1 || !r.finish()) return fail(Errc::not_a_safety_number, "this safety number is damaged");
  return code;
}

Result<EpochMatch> SafetyCode::compare(const SafetyView& view) const {
  if (shown_by == view.self.user) return fail(Errc::other_person, "this is the code that you show yourself");
  if (shown_by != view.other.user) return fail(Errc::other_person, "this is another person's safety number");
  if (shown_to != view.self.user) return fail(Errc::other_person, "this safety number is not meant for you");
  if (by_print != fingerprint(view.other))
    return fail(Errc::their_identity_differs, "the identity that is known here is not the one that they have");
  if (to_print != fingerprint(view.self))
    return fail(Errc::own_identity_differs, "the identity that they know is not the one of this account");
  if (!epoch || !view.epoch) return EpochMatch::none;
  if (epoch->epoch != view.epoch->epoch) return EpochMatch::unknown;
  if (epoch->mark != view.epoch->mark)
    return fail(Errc::log_forked, "the server showed this conversation differently to the two sides");
  return EpochMatch::same;
}

}  // namespace kith::keys
