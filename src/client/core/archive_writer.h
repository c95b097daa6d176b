// Puts into the account's archive what it lacks of what this device has: a few seconds after the first message, at
// random, so that the account's devices do not all do it; one block of many chats. Which device did it the others see
// by the ranges in its block, and write the rest. How long something has waited outlives the program: one that runs for
// a moment at a time writes what its last life left.
//
// Only a device that has read the archive to its end writes, and the server takes a block only at the end that it
// knows. A block is not stored before it is sent: what became of it after a lost answer the archive says.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "client/core/archive_record.h"
#include "client/core/commands.h"
#include "client/core/core.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

// A block that is being gathered.
struct ArchiveDraft {
  wire::ArchiveContent content{};
  std::vector<ConversationId> chats{};  // still to be looked at, the next one last
  std::vector<ConversationId> seen{};
  std::set<ConversationId> fresh{};  // got something while this was gathered
  std::uint32_t generation = 0;      // under which it is to be sealed
  std::size_t bytes = 0;
  bool is_full = false;
};

class ArchiveWriter {
 public:
  static constexpr std::int64_t kPatienceMs = 3'000;
  static constexpr std::int64_t kSpreadMs = 4'000;  // and up to so much more
  static constexpr std::size_t kManyMessages = 64;  // that do not wait so long
  // Of a block, before it is compressed: what cannot be compressed has room in one.
  static constexpr std::size_t kMostBytes = 48 * 1024;
  static constexpr std::size_t kMostErased = 1024;  // at once

  explicit ArchiveWriter(Machine& machine) : machine_(machine) {}

  // What the rows say that is still to be written.
  void start();
  void chat_has_news(const ConversationId& conversation, bool is_message);
  void person_has_news(const UserId& user);
  // Everything, from the beginning.
  void everything_is_news();
  // At once: this device has begun a generation, or the user has said what is to be kept.
  void hurry();
  // The command settle_archive: answers once all is written, or all that is not a message.
  void settle_for(const Reply& reply, bool with_messages);
  // The archive has moved: what is being gathered may be in it.
  void drop();
  void disconnected();
  // Does what can be done now; the archive is read to its end.
  void advance();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  [[nodiscard]] bool has_news() const;
  [[nodiscard]] bool is_everything_but_messages_written() const {
    return people_.empty() && settings_.empty() && !account_;
  }
  // The newest block is under a key of before: the next one tells it to whoever has the present one alone.
  [[nodiscard]] bool is_under_former_key() const;
  // How long what is there now waits.
  [[nodiscard]] std::int64_t patience();
  void begin();
  void add_settings();
  void gather();
  void gathered(const ConversationId& conversation, const HeldRange& range, const std::vector<Row>& rows);
  void finish();
  void append(const wire::ArchiveContent& content);
  void answered(const Bytes& payload, const wire::ArchiveContent& content, std::uint32_t generation,
                const wire::Body& body);
  // Forgets what has been written meanwhile.
  void settle();
  void answer_settled();
  void erase();

  Machine& machine_;
  std::set<ConversationId> messages_;  // chats with messages that may not be in the archive, ...
  std::set<ConversationId> settings_;  // ... with settings, ...
  std::set<UserId> people_;
  bool account_ = false;
  std::size_t waiting_ = 0;  // messages
  std::optional<ArchiveDraft> draft_;
  std::vector<std::pair<Reply, bool>> settling_;
  std::uint64_t turn_ = 0;  // of the draft: what the store answers for another one does not count
  bool appending_ = false;
  bool is_full_ = false;     // on this connection the server takes no more
  std::int64_t due_at_ = 0;  // on Machine::clock_ms; 0: nothing is due
};

}  // namespace kith::client
