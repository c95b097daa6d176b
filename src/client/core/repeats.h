// Which of the newest messages are here, by sender and name, so that what stands in the log twice is shown once. A
// server can have an author encrypt anew what it has taken already ("stale_epoch", and the first kept from the author),
// and take that as well: MLS vouches for both. And the archive can have a message in another place than the log, since
// the device that wrote it was told so.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "client/core/core.h"
#include "client/core/record.h"

namespace kith::client {

class Repeats {
 public:
  static constexpr std::uint32_t kKept = 256;

  // What is stored of the chat's messages, the newest first.
  void restore(const std::vector<Row>& rows);
  // It is written to its row, and was nowhere else or is not any more.
  void came(const MessageRecord& message);
  // Its order, where it is one of them.
  [[nodiscard]] std::optional<std::uint64_t> find(const UserId& sender, const ClientId& id) const;
  // Whether every message of this order or behind it is one of them.
  [[nodiscard]] bool has_all_from(std::uint64_t order) const { return order >= all_from_; }

 private:
  struct Name {
    UserId sender;
    ClientId id;
    std::uint64_t order = 0;
  };
  std::deque<Name> names_;  // the newest last
  std::uint64_t all_from_ = 0;
};

}  // namespace kith::client
