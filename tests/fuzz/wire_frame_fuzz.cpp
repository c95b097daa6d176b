// Frames from anybody: decoding any bytes ends in a value or an error, and what was decoded can be encoded and decoded
// again.
#include "base/check.h"
#include "wire/archive.h"
#include "wire/content.h"
#include "wire/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kith::ByteView bytes(data, size);
  if (const auto frame = kith::wire::decode(bytes)) {
    const auto again = kith::wire::encode(*frame);
    const auto second = kith::wire::decode(again);
    KITH_CHECK(second.has_value() && second->id == frame->id && second->body.index() == frame->body.index());
  }
  (void)kith::wire::decode_padded(bytes);
  if (const auto content = kith::wire::decode_archive(bytes)) {
    const auto second = kith::wire::decode_archive(kith::wire::encode_archive(*content));
    KITH_CHECK(second && *second == *content);
  }
  return 0;
}
