#include "keys/grounds.h"

#include "keys/conversation.h"
#include "keys/fields.h"

namespace kith::keys {
namespace {
constexpr std::uint8_t kVersion = 2;
}  // namespace

namespace {

template <class T>
Bytes encoded_all(const std::vector<T>& items) {
  mls::Writer w;
  for (const T& item : items) w.opaque(item.encode());
  return w.bytes();
}

template <class T>
Result<void> decode_all(ByteView in, std::size_t most, std::vector<T>& items) {
  for (mls::Reader r(in); !r.at_end();) {
    if (items.size() == most) return fail(Errc::malformed, "too many grounds");
    const ByteView item = r.opaque();
    if (!r.ok()) return fail(Errc::malformed, "grounds that end too early");
    KITH_TRY(items.emplace_back(), T::decode(item));
  }
  return {};
}

}  // namespace

Bytes Grounds::encode() const {
  if (*this == Grounds{}) return {};
  mls::Writer w;
  w.u8(kVersion);
  w.opaque(keys::encode(lists));
  w.opaque(encoded_all(leaving));
  w.opaque(encoded_all(broken));
  w.opaque(encoded_all(joins));
  return w.bytes();
}

Result<Grounds> Grounds::decode(ByteView in) {
  Grounds grounds;
  if (in.empty()) return grounds;
  mls::Reader r(in);
  if (r.u8() != kVersion) return fail(Errc::malformed, "grounds of an unknown version");
  const ByteView lists = r.opaque();
  const ByteView notes = r.opaque();
  const ByteView marks = r.opaque();
  const ByteView proofs = r.opaque();
  KITH_TRY_VOID(finish(r, "grounds"));
  KITH_TRY(grounds.lists, decode_followed_lists(lists));
  KITH_TRY_VOID(decode_all(notes, kMaxLeaving, grounds.leaving));
  KITH_TRY_VOID(decode_all(marks, kMaxBroken, grounds.broken));
  KITH_TRY_VOID(decode_all(proofs, kMaxJoins, grounds.joins));
  if (grounds == Grounds{}) return fail(Errc::malformed, "grounds that say nothing");
  return grounds;
}

Result<Grounds> Grounds::of(ByteView authenticated_data) {
  const auto data = AuthenticatedData::decode(authenticated_data);
  return data ? decode(data->extra) : Result<Grounds>(Grounds{});
}

}  // namespace kith::keys
