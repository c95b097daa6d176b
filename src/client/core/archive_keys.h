// The keys of the account's archive: one a generation. The present one derives from the generation's secret; those of
// before are kept here once this device had them, or a block told of them.
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"

namespace kith::client {

class Machine;

class ArchiveKeys {
 public:
  explicit ArchiveKeys(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView generation, ByteView key);
  // Null where it is not known.
  [[nodiscard]] const SecretBytes* find(std::uint32_t generation);
  void keep(std::uint32_t generation, const SecretBytes& key);
  void forget_all();

 private:
  Machine& machine_;
  std::map<std::uint32_t, SecretBytes> keys_;
};

}  // namespace kith::client
