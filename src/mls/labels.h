// Labelled signatures and references (RFC 9420 sections 5.1.2 and 5.2).
#pragma once

#include <string_view>

#include "crypto/crypto.h"
#include "mls/result.h"

namespace kith::mls {

[[nodiscard]] Bytes sign_with_label(const crypto::Suite& suite, const crypto::SignatureKeyPair& key,
                                    std::string_view label, ByteView content);
[[nodiscard]] Result<void> verify_with_label(const crypto::Suite& suite, ByteView public_key, std::string_view label,
                                             ByteView content, ByteView signature);
// RefHash; `label` in full ("MLS 1.0 KeyPackage Reference").
[[nodiscard]] Bytes ref_hash(const crypto::Suite& suite, std::string_view label, ByteView value);

}  // namespace kith::mls
