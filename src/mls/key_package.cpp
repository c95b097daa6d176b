#include "mls/key_package.h"

#include "mls/framing.h"
#include "mls/labels.h"

namespace kith::mls {
namespace {

void encode_without_signature(Writer& w, const KeyPackage& v) {
  w.u16(v.version);
  w.u16(v.suite);
  w.opaque(v.init_key);
  encode(w, v.leaf);
  encode(w, v.extensions);
}

}  // namespace

void encode(Writer& w, const KeyPackage& v) {
  encode_without_signature(w, v);
  w.opaque(v.signature);
}
void decode(Reader& r, KeyPackage& v) {
  v.version = r.u16();
  v.suite = r.u16();
  decode(r, v.init_key);
  decode(r, v.leaf);
  decode(r, v.extensions);
  decode(r, v.signature);
}

Bytes key_package_tbs(const KeyPackage& v) {
  Writer w;
  encode_without_signature(w, v);
  return w.bytes();
}

Bytes key_package_ref(const crypto::Suite& suite, const KeyPackage& v) {
  return ref_hash(suite, "MLS 1.0 KeyPackage Reference", encoded(v));
}

bool is_last_resort(const KeyPackage& v) {
  return find_extension(v.extensions, extension_type::kLastResort) != nullptr;
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::verify(KeyPackage v, const crypto::Suite& suite,
                                                      std::optional<std::uint64_t> now_s) {
  if (v.version != kVersion) return fail(Errc::unsupported_version, "a key package of another version");
  if (v.suite != suite.id()) return fail(Errc::unsupported_suite, "a key package of another cipher suite");
  if (!suite.is_kem_public_key(v.init_key)) return fail(Errc::bad_key, "an init key that is none");
  if (v.init_key == v.leaf.encryption_key) return fail(Errc::duplicate_key, "init key and encryption key are the same");
  if (v.leaf.source != LeafNodeSource::key_package)
    return fail(Errc::bad_leaf_node, "a key package's leaf of another source");
  KITH_TRY_VOID(check_leaf(suite, v.leaf));
  KITH_TRY_VOID(check_unique(v.extensions));
  if (now_s && !v.leaf.lifetime.contains(*now_s)) return fail(Errc::expired, "a key package outside its lifetime");
  KITH_TRY_VOID(verify_signature(suite, v.leaf, {}));
  KITH_TRY_VOID(verify_with_label(suite, v.leaf.signature_key, "KeyPackageTBS", key_package_tbs(v), v.signature));
  return VerifiedKeyPackage(std::move(v));
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::verify_message(ByteView mls_message, const crypto::Suite& suite,
                                                              std::optional<std::uint64_t> now_s) {
  KITH_TRY(KeyPackage v, decoded_message<KeyPackage>(mls_message));
  return verify(std::move(v), suite, now_s);
}

}  // namespace kith::mls
