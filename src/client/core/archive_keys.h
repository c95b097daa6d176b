// The keys of the account's archive: one a generation. The present one derives from the generation's secret, whatever
// anybody said of it before; those of before are kept here once this device had them, or a block told of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.h"

namespace kith::client {

class Machine;

class ArchiveKeys {
 public:
  explicit ArchiveKeys(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView generation, ByteView key);
  // Null where it is not known.
  [[nodiscard]] const SecretBytes* find(std::uint32_t generation);
  // The newest generation up to this one whose key is known; nothing where none is.
  [[nodiscard]] std::optional<std::uint32_t> newest_up_to(std::uint32_t generation);
  // Of a generation before the present one; any other is not kept, nor a second key of one.
  void keep(std::uint32_t generation, const SecretBytes& key);
  void forget_all();

 private:
  Machine& machine_;
  std::map<std::uint32_t, SecretBytes> keys_;
  std::optional<std::uint32_t> derived_;  // the present one, once its key is among them
};

}  // namespace kith::client
