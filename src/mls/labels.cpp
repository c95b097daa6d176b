#include "mls/labels.h"

#include <string>

#include "mls/codec.h"

namespace kith::mls {
namespace {

// SignContent
SecretBytes labelled(std::string_view label, ByteView content) {
  Writer w;
  w.opaque(as_view("MLS 1.0 " + std::string(label)));
  w.opaque(content);
  return std::move(w).take_secret();
}

}  // namespace

Bytes sign_with_label(const crypto::Suite& suite, const crypto::SignatureKeyPair& key, std::string_view label,
                      ByteView content) {
  return suite.sign(key, labelled(label, content));
}

Result<void> verify_with_label(const crypto::Suite& suite, ByteView public_key, std::string_view label,
                               ByteView content, ByteView signature) {
  if (!suite.verify(public_key, labelled(label, content), signature)) {
    return fail(Errc::bad_signature, "a signature does not hold: " + std::string(label));
  }
  return {};
}

Bytes ref_hash(const crypto::Suite& suite, std::string_view label, ByteView value) {
  Writer w;
  w.opaque(as_view(label));
  w.opaque(value);
  return suite.hash(w.view());
}

}  // namespace kith::mls
