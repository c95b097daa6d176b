#include "client/core/archive_keys.h"

#include <iterator>

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
  if (generation == account.generation && derived_ != generation) {
    const auto present = keys::AccountGeneration::from(account.generation, account.generation_secret);
    if (present) {
      keys_.insert_or_assign(generation, present->archive_key());
      machine_.put(row_key::archive_key(generation), present->archive_key());
      derived_ = generation;
    }
  }
  const auto at = keys_.find(generation);
  return at == keys_.end() ? nullptr : &at->second;
}

std::optional<std::uint32_t> ArchiveKeys::newest_up_to(std::uint32_t generation) {
  if (find(generation) != nullptr) return generation;
  const auto after = keys_.upper_bound(generation);
  return after == keys_.begin() ? std::nullopt : std::optional(std::prev(after)->first);
}

void ArchiveKeys::keep(std::uint32_t generation, const SecretBytes& key) {
  if (generation >= machine_.account.record().generation || !keys_.try_emplace(generation, key).second) return;
  machine_.put(row_key::archive_key(generation), key);
}

void ArchiveKeys::forget_all() {
  for (const auto& [generation, key] : keys_) machine_.erase(row_key::archive_key(generation));
  keys_.clear();
  derived_.reset();
}

}  // namespace kith::client
