#include "mls/leaf_node.h"

#include <algorithm>

#include "mls/key_package.h"
#include "mls/labels.h"

namespace kith::mls {

void encode(Writer& w, const Certificate& v) { w.opaque(v.cert_data); }
void decode(Reader& r, Certificate& v) { decode(r, v.cert_data); }

void encode(Writer& w, const Credential& v) {
  w.u16(v.type);
  if (v.type == credential_type::kBasic) {
    w.opaque(v.identity);
  } else {
    encode(w, v.certificates);
  }
}
void decode(Reader& r, Credential& v) {
  v = {};
  v.type = r.u16();
  switch (v.type) {
    case credential_type::kBasic:
      return decode(r, v.identity);
    case credential_type::kX509:
      return decode(r, v.certificates);
    default:
      r.refuse(Errc::bad_credential, "a credential of an unknown type");
  }
}

void encode(Writer& w, const ExternalSender& v) {
  w.opaque(v.signature_key);
  encode(w, v.credential);
}
void decode(Reader& r, ExternalSender& v) {
  decode(r, v.signature_key);
  decode(r, v.credential);
}

namespace {
bool contains(const std::vector<std::uint16_t>& list, std::uint16_t v) {
  return std::ranges::find(list, v) != list.end();
}
}  // namespace

bool Capabilities::has_extension(std::uint16_t type) const {
  return is_default_extension(type) || contains(extensions, type);
}
bool Capabilities::has_proposal(std::uint16_t type) const {
  return is_default_proposal(type) || contains(proposals, type);
}
bool Capabilities::has_credential(std::uint16_t type) const { return contains(credentials, type); }

void encode(Writer& w, const Capabilities& v) {
  encode(w, v.versions);
  encode(w, v.cipher_suites);
  encode(w, v.extensions);
  encode(w, v.proposals);
  encode(w, v.credentials);
}
void decode(Reader& r, Capabilities& v) {
  decode(r, v.versions);
  decode(r, v.cipher_suites);
  decode(r, v.extensions);
  decode(r, v.proposals);
  decode(r, v.credentials);
}

void encode(Writer& w, const Lifetime& v) {
  w.u64(v.not_before_s);
  w.u64(v.not_after_s);
}
void decode(Reader& r, Lifetime& v) {
  v.not_before_s = r.u64();
  v.not_after_s = r.u64();
}

namespace {

void encode_without_signature(Writer& w, const LeafNode& v) {
  w.opaque(v.encryption_key);
  w.opaque(v.signature_key);
  encode(w, v.credential);
  encode(w, v.capabilities);
  w.u8(static_cast<std::uint8_t>(v.source));
  if (v.source == LeafNodeSource::key_package) encode(w, v.lifetime);
  if (v.source == LeafNodeSource::commit) w.opaque(v.parent_hash);
  encode(w, v.extensions);
}

}  // namespace

void encode(Writer& w, const LeafNode& v) {
  encode_without_signature(w, v);
  w.opaque(v.signature);
}
void decode(Reader& r, LeafNode& v) {
  decode(r, v.encryption_key);
  decode(r, v.signature_key);
  decode(r, v.credential);
  decode(r, v.capabilities);
  v.source = static_cast<LeafNodeSource>(r.u8());
  switch (v.source) {
    case LeafNodeSource::key_package:
      decode(r, v.lifetime);
      break;
    case LeafNodeSource::update:
      break;
    case LeafNodeSource::commit:
      decode(r, v.parent_hash);
      break;
    default:
      r.refuse(Errc::bad_value, "a leaf node of an unknown source");
  }
  decode(r, v.extensions);
  decode(r, v.signature);
}

Bytes leaf_node_tbs(const LeafNode& leaf, const LeafPlace& place) {
  Writer w;
  encode_without_signature(w, leaf);
  if (leaf.source != LeafNodeSource::key_package) {
    w.opaque(place.group_id);
    w.u32(place.index.value);
  }
  return w.bytes();
}

Result<void> verify_signature(const crypto::Suite& suite, const LeafNode& leaf, const LeafPlace& place) {
  return verify_with_label(suite, leaf.signature_key, "LeafNodeTBS", leaf_node_tbs(leaf, place), leaf.signature);
}

void sign(const crypto::Suite& suite, LeafNode& leaf, const LeafPlace& place, const crypto::SignatureKeyPair& key) {
  leaf.signature = sign_with_label(suite, key, "LeafNodeTBS", leaf_node_tbs(leaf, place));
}

Result<void> check_leaf(const crypto::Suite& suite, const LeafNode& leaf) {
  if (!suite.is_kem_public_key(leaf.encryption_key)) return fail(Errc::bad_key, "a leaf's encryption key is none");
  if (!contains(leaf.capabilities.versions, kVersion))
    return fail(Errc::unsupported_version, "a leaf does not speak mls10");
  if (!contains(leaf.capabilities.cipher_suites, suite.id())) {
    return fail(Errc::unsupported_suite, "a leaf does not list the group's cipher suite");
  }
  if (!leaf.capabilities.has_credential(leaf.credential.type)) {
    return fail(Errc::unsupported_capability, "a leaf does not list its own credential's type");
  }
  for (const Extension& e : leaf.extensions) {
    if (!leaf.capabilities.has_extension(e.type)) {
      return fail(Errc::unsupported_capability, "a leaf does not list one of its own extensions");
    }
  }
  return check_unique(leaf.extensions);
}

Result<void> check_supports(const LeafNode& leaf, const Extensions& group_extensions) {
  for (const Extension& e : group_extensions) {
    if (!leaf.capabilities.has_extension(e.type)) {
      return fail(Errc::unsupported_capability, "a leaf does not support an extension of the group");
    }
  }
  const Bytes* data = find_extension(group_extensions, extension_type::kRequiredCapabilities);
  if (data == nullptr) return {};
  KITH_TRY(const auto required, decoded<RequiredCapabilities>(*data));
  const Capabilities& have = leaf.capabilities;
  if (!std::ranges::all_of(required.extensions, [&](auto t) { return have.has_extension(t); }) ||
      !std::ranges::all_of(required.proposals, [&](auto t) { return have.has_proposal(t); }) ||
      !std::ranges::all_of(required.credentials, [&](auto t) { return have.has_credential(t); })) {
    return fail(Errc::unsupported_capability, "a leaf does not support what the group requires");
  }
  return {};
}

}  // namespace kith::mls
