#include "keys/followed_list.h"

#include "keys/fields.h"

namespace kith::keys {
namespace {
constexpr std::uint8_t kVersion = 1;
}  // namespace

Result<void> FollowedList::verify(ByteView identity_key) const {
  KITH_TRY_VOID(certificate.verify(identity_key));
  return list.verify(certificate);
}

Bytes encode(const std::vector<FollowedList>& lists) {
  if (lists.empty()) return {};
  mls::Writer w;
  w.u8(kVersion);
  for (const FollowedList& followed : lists) {
    w.opaque(followed.certificate.encode());
    w.opaque(followed.list.encode());
  }
  return w.bytes();
}

Result<std::vector<FollowedList>> decode_followed_lists(ByteView in) {
  std::vector<FollowedList> lists;
  if (in.empty()) return lists;
  mls::Reader r(in);
  if (r.u8() != kVersion) return fail(Errc::malformed, "device lists of an unknown version");
  while (!r.at_end()) {
    if (lists.size() == kMaxFollowedLists) return fail(Errc::malformed, "too many device lists");
    const ByteView certificate = r.opaque();
    const ByteView list = r.opaque();
    if (!r.ok()) return fail(Errc::malformed, "device lists that end too early");
    FollowedList& followed = lists.emplace_back();
    KITH_TRY(followed.certificate, GenerationCertificate::decode(certificate));
    KITH_TRY(followed.list, DeviceList::decode(list));
  }
  if (lists.empty()) return fail(Errc::malformed, "device lists without a list");
  return lists;
}

}  // namespace kith::keys
