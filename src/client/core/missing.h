// What a device could not read: a gap in its log between where it stopped and where it came back from outside. Nobody
// can give it the keys of then, so the authors send their own messages once more (again.h).
//
// Who comes back looks at what the server tells of the gap, then asks, inside the encryption. What comes again is shown
// where it arrives, once. Only when something is truly gone the chat says so, by one line at the place of the gap: when
// an author's answer has ended without it, or has not ended a long time after. The line goes, or counts less, when the
// messages arrive after all.
//
// The line is a row like a message's, written in the batch of what led to it. Gaps between which nothing was shown are
// one gap: whatever servers and members do, between two lines there is a message.
#pragma once

#include "client/core/core.h"
#include "client/core/gap.h"
#include "client/core/log_entry.h"
#include "wire/content.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Missing {
 public:
  static constexpr std::size_t kMaxGaps = 4;  // remembered, the newest
  static constexpr std::int64_t kPatienceMs = std::int64_t{7} * 24 * 3600 * 1000;

  explicit Missing(Chat& chat) : chat_(chat) {}

  // This device read up to `after` and comes back with the entry `before`, the commit `id`.
  void came_back(Seq after, Seq before, const ClientId& id);
  // This device did not read what is there, and came back behind it.
  [[nodiscard]] bool was_away_at(Seq seq) const;
  // The log lost what was behind this place, perhaps with questions and answers; what was missed before it is so still.
  void log_ends_at(Seq head);
  // What the server tells of a gap is still to be looked at.
  [[nodiscard]] bool is_to_be_listed() const;
  // Another device came back with this entry: what it was asked while it was away it has not seen.
  void returned(const LogEntry& entry);
  // The question that ends there is in the log.
  void question_is_out(Seq before);
  // An entry is a message sent again that was at this place, it says. Nothing where none is missing there; 0 where its
  // name alone says that this one is, since something else is known to be at that place.
  [[nodiscard]] std::optional<Seq> takes(const LogEntry& entry, Seq original);
  // The account's archive had what was at this place.
  void found(const UserId& sender, Seq original);
  // A device's answer ends.
  void answered(const LogEntry& entry, const wire::AgainDone& end);

  [[nodiscard]] bool has_work() const;
  // When there will be, for a chat that is not loaded.
  void plan() const;
  void advance();
  void disconnected() { reading_ = false; }

 private:
  [[nodiscard]] Gap gap(GapRecord& record) const;
  [[nodiscard]] bool is_due(const GapRecord& record) const;
  void forget_oldest();
  void list();
  void listed(Seq before, Seq after, const wire::Body& body);
  void ask();
  void lose_patience();
  // Says, or takes back, what is lost; forgets what is over.
  void weigh(GapRecord& record);
  void show_line(const GapRecord& record);

  Chat& chat_;
  bool reading_ = false;
  std::int64_t pause_until_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
