// What a device could not read: a gap in its log between where it stopped and where it came back from outside. Nobody
// can give it the keys of then, so the authors send their own messages once more.
//
// Who comes back asks, inside the encryption. The others answer once for each return that they saw in the log by that
// very device, so that nobody can make them talk without end. What comes again is shown where it arrives, once.
#pragma once

#include <vector>

#include "client/core/core.h"
#include "client/core/log_entry.h"
#include "wire/content.h"

namespace kith::client {

class Chat;

class Missing {
 public:
  static constexpr std::size_t kMaxGaps = 4;            // remembered, the newest
  static constexpr std::size_t kMaxReturns = 16;        // of others, unanswered
  static constexpr std::uint32_t kMaxSentAgain = 1000;  // of one gap

  explicit Missing(Chat& chat) : chat_(chat) {}

  // This device read up to `after` and comes back with the entry `before`.
  void came_back(Seq after, Seq before);
  // The device that sent this entry came back with it.
  void returned(const LogEntry& entry);
  // A device asks for what lies in its gap.
  void asked(const LogEntry& entry, const wire::Missed& range);
  // A message is sent again that was at this place: is it one that is missing here?
  [[nodiscard]] bool takes(Seq original);
  [[nodiscard]] bool has_gap_at(Seq seq) const;

  [[nodiscard]] bool has_work() const;
  void advance();

 private:
  void send_again(const std::vector<Row>& rows);

  Chat& chat_;
  bool loading_ = false;
};

}  // namespace kith::client
