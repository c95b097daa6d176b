// What others could not read, sent once more: the author's side of missing.h.
//
// Whoever came back asks. This device answers once for each return that it saw in the log by that very device, and once
// where it may have been away itself then, so that nobody can make it talk without end: its account's own messages
// again, and then the end of the answer, which leaves when all of them are in the log. The end says what of the gap the
// answer holds for, and which entries of this account were not for people, so that nobody takes them for lost.
#pragma once

#include <functional>
#include <vector>

#include "client/core/archive_record.h"
#include "client/core/core.h"
#include "client/core/log_entry.h"
#include "client/core/record.h"
#include "wire/content.h"

namespace kith::client {

class Chat;

class Again {
 public:
  static constexpr std::size_t kMaxReturns = 16;        // of others, unanswered
  static constexpr std::uint32_t kMaxSentAgain = 1000;  // of one gap, the newest
  static constexpr std::uint32_t kMaxUnshown = 1000;    // likewise

  explicit Again(Chat& chat) : chat_(chat) {}

  // The device that sent this entry came back with it.
  void returned(const LogEntry& entry);
  // Somebody brought this device back with the entry `at`.
  void replaced(const UserId& user, const DeviceId& device, Seq at);
  // This device came back itself, with the entry `at`: whoever did before it may ask once too.
  void was_away(Seq at);
  // The log lost what was behind this place.
  void log_ends_at(Seq head);
  // A device asks for what lies in its gap.
  void asked(const LogEntry& entry, const wire::Missed& range);
  // No person is to see this entry. Noted where it is of this account.
  void was_not_shown(const LogEntry& entry);

  [[nodiscard]] bool has_work() const;
  void advance();

 private:
  // The newest first, and the base of the oldest's order.
  struct Found {
    std::vector<Row> rows;
    std::uint64_t base = 0;
  };
  using RowKey = Bytes (*)(const ConversationId&, std::uint64_t order);
  using Then = std::function<void(const Found&)>;

  void expect(ReturnRecord question);
  // The newest rows of these ranges. What an older history had lies between them, and is nobody's to miss.
  void look_in(std::vector<HeldRange> ranges, RowKey key, std::uint32_t most, Found found, const Then& then);
  void look_for_unshown(const ReturnRecord& question, const Found& messages);
  void answer(const ReturnRecord& question, Seq after, const std::vector<Row>& messages, const std::vector<Row>& rest);

  Chat& chat_;
  bool loading_ = false;
};

}  // namespace kith::client
