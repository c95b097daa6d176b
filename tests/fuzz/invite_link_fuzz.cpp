// Invite links, as people paste them: any text ends in a link, which is written to the same code, or in none.
#include "base/check.h"
#include "client/core/invite_link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kith::client::InviteLink;
  const auto link = InviteLink::parse(kith::as_text(kith::ByteView(data, size)));
  if (!link) return 0;
  const auto again = InviteLink::parse("https://kith.example/#join=" + link->code());
  KITH_CHECK(again && again->code() == link->code());
  KITH_CHECK(again->conversation == link->conversation && again->name == link->name);
  KITH_CHECK(link->key().public_key == again->key().public_key);
  return 0;
}
