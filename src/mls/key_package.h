// Key packages (RFC 9420 section 10): how a client is added while it is away.
#pragma once

#include "mls/leaf_node.h"

namespace kith::mls {

inline constexpr std::uint16_t kVersion = 1;  // mls10

// As decoded: nothing about it is verified.
struct KeyPackage {
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  Bytes init_key;
  LeafNode leaf;
  Extensions extensions;
  Bytes signature;
  friend bool operator==(const KeyPackage&, const KeyPackage&) = default;
};
void encode(Writer& w, const KeyPackage& v);
void decode(Reader& r, KeyPackage& v);

[[nodiscard]] Bytes key_package_tbs(const KeyPackage& v);
// KeyPackageRef (section 5.2): names a key package in Welcomes.
[[nodiscard]] Bytes key_package_ref(const crypto::Suite& suite, const KeyPackage& v);
// May be used more than once (extension last_resort).
[[nodiscard]] bool is_last_resort(const KeyPackage& v);

// A key package whose version, suite, signatures, keys and own capabilities hold (section 10.1).
class VerifiedKeyPackage {
 public:
  [[nodiscard]] const KeyPackage& get() const { return value_; }

  // `now_s`: seconds since the Unix epoch, where the lifetime is to be checked (committer, server), or nothing
  // (receiver).
  static Result<VerifiedKeyPackage> verify(KeyPackage v, const crypto::Suite& suite,
                                           std::optional<std::uint64_t> now_s);
  // From the bytes of an MLSMessage, as key packages travel.
  static Result<VerifiedKeyPackage> verify_message(ByteView mls_message, const crypto::Suite& suite,
                                                   std::optional<std::uint64_t> now_s);

 private:
  explicit VerifiedKeyPackage(KeyPackage v) : value_(std::move(v)) {}
  KeyPackage value_;
};

}  // namespace kith::mls
