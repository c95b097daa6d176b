#include "crypto/openssl/keys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

namespace kith::crypto::openssl {
namespace {

using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, Free<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

constexpr std::uint8_t kUncompressed = 4;

// A number from 1 to the order less 1, or null.
Number scalar(const Curve& curve, const EC_GROUP& group, ByteView bytes) {
  if (bytes.size() != curve.size) return nullptr;
  Number number(BN_secure_new());
  if (BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), number.get()) == nullptr) return nullptr;
  const bool in_range = !BN_is_zero(number.get()) && BN_cmp(number.get(), EC_GROUP_get0_order(&group)) < 0;
  return in_range ? std::move(number) : nullptr;
}

// `number` is null for a public key.
PKey from_parts(const Curve& curve, ByteView point, const BIGNUM* number) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curve.nid), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
      (number != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number) != 1)) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PKeyContext context(EVP_PKEY_CTX_new_id(curve.type, nullptr));
  EVP_PKEY* key = nullptr;
  const int selection = number != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
    return nullptr;
  }
  return PKey(key);
}

Bytes point_of(const Curve& curve, const EC_GROUP& group, const BIGNUM& number) {
  const Point point(EC_POINT_new(&group));
  Bytes out(1 + 2 * curve.size);
  const bool made = EC_POINT_mul(&group, point.get(), &number, nullptr, nullptr, nullptr) == 1 &&
                    EC_POINT_point2oct(&group, point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(),
                                       nullptr) == out.size();
  return made ? out : Bytes{};
}

}  // namespace

Curve curve_of(Kem kem) {
  switch (kem) {
    case Kem::p256:
      return {EVP_PKEY_EC, NID_X9_62_prime256v1, 32};
    case Kem::p384:
      return {EVP_PKEY_EC, NID_secp384r1, 48};
    case Kem::p521:
      return {EVP_PKEY_EC, NID_secp521r1, 66};
    case Kem::x25519:
      return {EVP_PKEY_X25519};
    case Kem::x448:
      return {EVP_PKEY_X448};
  }
  return {EVP_PKEY_NONE};
}

Curve curve_of(Signature scheme) {
  switch (scheme) {
    case Signature::ed25519:
      return {EVP_PKEY_ED25519};
    case Signature::ed448:
      return {EVP_PKEY_ED448};
    case Signature::ecdsa_p256:
      return curve_of(Kem::p256);
    case Signature::ecdsa_p384:
      return curve_of(Kem::p384);
    case Signature::ecdsa_p521:
      return curve_of(Kem::p521);
  }
  return {EVP_PKEY_NONE};
}

PKey private_key(const Curve& curve, ByteView bytes) {
  if (bytes.empty()) return nullptr;
  if (!curve.is_nist()) return PKey(EVP_PKEY_new_raw_private_key(curve.type, nullptr, bytes.data(), bytes.size()));
  const Group group(EC_GROUP_new_by_curve_name(curve.nid));
  const Number number = scalar(curve, *group, bytes);
  if (!number) return nullptr;
  const Bytes point = point_of(curve, *group, *number);
  return point.empty() ? nullptr : from_parts(curve, point, number.get());
}

PKey public_key(const Curve& curve, ByteView bytes) {
  if (bytes.empty()) return nullptr;
  if (!curve.is_nist()) return PKey(EVP_PKEY_new_raw_public_key(curve.type, nullptr, bytes.data(), bytes.size()));
  if (bytes.size() != 1 + 2 * curve.size || bytes[0] != kUncompressed) return nullptr;
  return from_parts(curve, bytes, nullptr);
}

Bytes public_half(const Curve& curve, ByteView private_bytes) {
  if (curve.is_nist()) {
    const Group group(EC_GROUP_new_by_curve_name(curve.nid));
    const Number number = scalar(curve, *group, private_bytes);
    return number ? point_of(curve, *group, *number) : Bytes{};
  }
  const PKey key = private_key(curve, private_bytes);
  std::size_t size = 0;
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), nullptr, &size) != 1) return {};
  Bytes out(size);
  return EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1 ? out : Bytes{};
}

}  // namespace kith::crypto::openssl
