// The server's secrets on disk: one file each, 32 bytes in hexadecimal, readable by the server's user only, durable
// before it is used. Created once; a file that is there but wrong, or open to others, is an error, never replaced.
#pragma once

#include <expected>
#include <string>

#include "base/bytes.h"
#include "base/entropy.h"

namespace kith::server {

inline constexpr std::size_t kKeyFileBytes = 32;

// The error is a sentence for the operator.
[[nodiscard]] std::expected<SecretBytes, std::string> load_or_create_key(const std::string& path, Entropy& entropy);

// Makes a directory and its parents, for the server's user only. The error is a sentence for the operator.
[[nodiscard]] std::expected<void, std::string> make_private_directory(const std::string& path);

}  // namespace kith::server
