#include "client/core/archive_keys.h"

#include "client/core/machine.h"
#include "keys/generation.h"

namespace kith::client {

namespace {
constexpr std::size_t kKeyBytes = 32;
}  // namespace

bool ArchiveKeys::restore(ByteView generation, ByteView key) {
  if (generation.size() != sizeof(std::uint32_t) || key.size() != kKeyBytes) return false;
  std::uint32_t number = 0;
  for (const std::uint8_t b : generation) number = number << 8 | b;
  keys_.insert_or_assign(number, to_secret(key));
  return true;
}

const SecretBytes* ArchiveKeys::find(std::uint32_t generation) {
  const AccountRecord& account = machine_.account.record();
  if (generation == account.generation && !keys_.contains(generation)) {
    const auto present = keys::AccountGeneration::from(account.generation, account.generation_secret);
    if (present) keep(generation, present->archive_key());
  }
  const auto at = keys_.find(generation);
  return at == keys_.end() ? nullptr : &at->second;
}

void ArchiveKeys::keep(std::uint32_t generation, const SecretBytes& key) {
  if (!keys_.try_emplace(generation, key).second) return;
  machine_.put(row_key::archive_key(generation), key);
}

void ArchiveKeys::forget_all() {
  for (const auto& [generation, key] : keys_) machine_.erase(row_key::archive_key(generation));
  keys_.clear();
}

}  // namespace kith::client
