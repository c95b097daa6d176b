#include "keys/grounds.h"

#include "keys/conversation.h"
#include "keys/fields.h"

namespace kith::keys {
namespace {
constexpr std::uint8_t kVersion = 1;
}  // namespace

Bytes Grounds::encode() const {
  if (lists.empty() && leaving.empty()) return {};
  mls::Writer notes;
  for (const LeaveNote& note : leaving) notes.opaque(note.encode());
  mls::Writer w;
  w.u8(kVersion);
  w.opaque(keys::encode(lists));
  w.opaque(notes.view());
  return w.bytes();
}

Result<Grounds> Grounds::decode(ByteView in) {
  Grounds grounds;
  if (in.empty()) return grounds;
  mls::Reader r(in);
  if (r.u8() != kVersion) return fail(Errc::malformed, "grounds of an unknown version");
  const ByteView lists = r.opaque();
  for (mls::Reader notes(r.opaque()); !notes.at_end();) {
    if (grounds.leaving.size() == kMaxLeaving) return fail(Errc::malformed, "too many who leave");
    const ByteView note = notes.opaque();
    r.absorb(notes);
    if (!r.ok()) break;
    KITH_TRY(grounds.leaving.emplace_back(), LeaveNote::decode(note));
  }
  KITH_TRY_VOID(finish(r, "grounds"));
  KITH_TRY(grounds.lists, decode_followed_lists(lists));
  if (grounds == Grounds{}) return fail(Errc::malformed, "grounds that say nothing");
  return grounds;
}

Result<Grounds> Grounds::of(ByteView authenticated_data) {
  const auto data = AuthenticatedData::decode(authenticated_data);
  return data ? decode(data->extra) : Result<Grounds>(Grounds{});
}

}  // namespace kith::keys
