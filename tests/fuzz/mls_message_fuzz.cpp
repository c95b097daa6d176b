// MLS messages from anybody: what can be decoded is encoded to the very same bytes, since RFC 9420 leaves no choice.
#include "base/check.h"
#include "mls/framing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kith::ByteView bytes(data, size);
  if (const auto message = kith::mls::decoded<kith::mls::MlsMessage>(bytes)) {
    KITH_CHECK(kith::same_bytes(kith::mls::encoded(*message), bytes));
  }
  return 0;
}
