// Ratchet trees from anybody: what can be decoded is encoded to the very same bytes, hashed and judged.
#include "base/check.h"
#include "mls/ratchet_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kith::ByteView bytes(data, size);
  const auto tree = kith::mls::RatchetTree::decode(kith::crypto::Suite::product(), bytes, 1 << 12);
  if (!tree) return 0;
  KITH_CHECK(kith::same_bytes(tree->encode(), bytes));
  KITH_CHECK(tree->hash().size() == 32);
  (void)tree->verify(kith::as_view("group"), {});
  return 0;
}
