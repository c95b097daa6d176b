// The key that seals this device's state: 32 random bytes in a file of their own beside the database, made at the first
// start, readable for this user only. A copy of the database without it says nothing but the number and names of rows.
//
// It does not protect from someone who reads files as this user: that is what a disk's encryption is for.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/entropy.h"
#include "client/native/result.h"

namespace kith::client::native {

inline constexpr std::size_t kStoreKeyBytes = 32;

// Reads the key. Errors: key_file (missing, of another size, or open to others), storage.
Result<SecretBytes> read_key_file(const std::filesystem::path& path);

// Makes a new key and returns once it is durable under its name. Errors: key_file when there is one already, storage.
Result<SecretBytes> create_key_file(const std::filesystem::path& path, Entropy& entropy);

}  // namespace kith::client::native
