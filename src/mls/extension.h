// Extensions (RFC 9420 section 13.4) and the ones that this library understands. Unknown extensions are kept byte for
// byte.
#pragma once

#include "mls/codec.h"

namespace kith::mls {

namespace extension_type {
inline constexpr std::uint16_t kApplicationId = 0x0001;
inline constexpr std::uint16_t kRatchetTree = 0x0002;
inline constexpr std::uint16_t kRequiredCapabilities = 0x0003;
inline constexpr std::uint16_t kExternalPub = 0x0004;
inline constexpr std::uint16_t kExternalSenders = 0x0005;
inline constexpr std::uint16_t kLastResort =
    0x000A;  // of the MLS extensions draft: marks a key package that may be used again
}  // namespace extension_type

struct Extension {
  std::uint16_t type = 0;
  Bytes data;
  friend bool operator==(const Extension&, const Extension&) = default;
};
void encode(Writer& w, const Extension& v);
void decode(Reader& r, Extension& v);

using Extensions = std::vector<Extension>;

// The data of the first extension of this type, or null.
const Bytes* find_extension(const Extensions& extensions, std::uint16_t type);
// Replaces or appends.
void set_extension(Extensions& extensions, std::uint16_t type, Bytes data);
// No type twice.
Result<void> check_unique(const Extensions& extensions);
// The types that every implementation knows and that no leaf needs to list (RFC 9420 section 7.2).
bool is_default_extension(std::uint16_t type);
bool is_default_proposal(std::uint16_t type);

// RFC 9420 section 11.1
struct RequiredCapabilities {
  std::vector<std::uint16_t> extensions;
  std::vector<std::uint16_t> proposals;
  std::vector<std::uint16_t> credentials;
};
void encode(Writer& w, const RequiredCapabilities& v);
void decode(Reader& r, RequiredCapabilities& v);

}  // namespace kith::mls
