// What is kept of the account's archive, and of each chat for it: record.h has the rows.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "keys/archive_block.h"
#include "wire/archive.h"

namespace kith::client {

// A place in the archive: the last block that is meant, and the chain up to it.
struct ArchivePlace {
  Seq seq{};
  keys::ArchiveChain chain = keys::kEmptyArchive;
  friend bool operator==(const ArchivePlace&, const ArchivePlace&) = default;
};

struct ArchiveRecord {
  std::optional<HistoryId> history{};  // of the server, that the places are of
  bool is_unmet = false;               // where the archive ends is not known: the server's word is taken for it, once
  ArchivePlace head{};                 // read up to here, but for what lies below:
  ArchivePlace below{};                // what ends here is still to be read, the newest first
  Seq total{};                         // where `below` began
  ArchivePlace promised{};             // an archive that has not this is not the account's
  std::optional<std::uint32_t> generation{};        // of the newest block up to `head`
  std::optional<std::uint32_t> below_generation{};  // of the oldest that was read behind `below`
  std::optional<std::uint32_t> former{};  // the newest of before whose key was told: of those behind it none will be
  wire::ArchivedAccount settings{};
  std::int64_t settings_archived_ms = 0;  // the at_ms of the newest that is in a block
  Seq erase_to{};                         // messages of before are not wanted: blocks up to here go,
  Seq erased{};                           // and up to here have gone
  std::int64_t news_since_ms = 0;  // since when something waits to be written, by the clock on the wall; 0: nothing
};

// Entries of one conversation that this device has, read in the log or in the archive, both ends among them.
struct HeldRange {
  HistoryId history{};
  Seq from{};
  Seq to{};
  std::uint64_t base = 0;  // their order is base + seq
  bool is_shared = false;  // an earlier history has them too, and holds them for the archive
  friend bool operator==(const HeldRange&, const HeldRange&) = default;
};

// Entries that blocks have.
struct ArchivedRange {
  HistoryId history{};
  Seq from{};
  Seq to{};
  friend bool operator==(const ArchivedRange&, const ArchivedRange&) = default;
};

// A chat that is known from the archive alone: this device is not in it.
enum class Shadow : std::uint8_t { none = 0, hidden = 1, shown = 2 };

// Of one chat.
struct ChatArchiveRecord {
  std::vector<HeldRange> held{};          // disjoint, of one history
  std::vector<ArchivedRange> archived{};  // likewise
  Shadow shadow = Shadow::none;
  bool is_pinned = false;
  bool is_put_away = false;
  std::int64_t settings_ms = 0;  // when the user last changed how the chat is shown and told of
  std::int64_t settings_archived_ms = 0;
};

}  // namespace kith::client
