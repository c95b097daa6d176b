// One gap in a log as its record has it: what the server told that it held, what of it came again, and what is truly
// gone. Decides; stores and asks nothing.
//
// What the server tells of a gap cannot be verified: whoever comes from outside cannot know the log's chain there. So
// it is only ever a reason to wait, or to say that something is lost: what an author sends again is taken whether the
// server told of it or not. What an author says of the end of an answer is believed of that author's account alone.
#pragma once

#include "base/scheduler.h"
#include "client/core/log_entry.h"
#include "client/core/record.h"
#include "wire/content.h"

namespace kith::client {

inline constexpr std::size_t kMaxExpected = 1000;  // of one gap, the newest places
inline constexpr std::size_t kMaxFilled = 1000;    // of one gap, by one account
inline constexpr std::size_t kMaxOthers = 192;     // devices: more than a direct conversation has leaves

class Gap {
 public:
  // Of this device's; the record outlives it.
  Gap(GapRecord& record, const UserId& user, const DeviceId& device) : record_(record), user_(user), device_(device) {}

  // What lies behind `from` and before `before`, the entry that this device came back with, was not read.
  void grow(Seq from, Seq before, UnixMillis now);
  // A device that may answer.
  void is_known_to(const UserId& user, const DeviceId& device);

  [[nodiscard]] bool holds(Seq seq) const { return record_.after < seq && seq < record_.before; }
  [[nodiscard]] bool is_listed() const { return record_.listed.next() >= record_.before; }
  // What the server tells of the place behind `listed`.
  void list(const wire::Entry& entry);
  // It tells of nothing up to here.
  void blur(Seq up_to);

  // This was at that place, says an entry of this user's: false where it is here already, or nothing like it belongs
  // here.
  [[nodiscard]] bool takes(const UserId& sender, Seq original, bool may_write = true);
  // The end of a device's answer. False where that changes nothing.
  [[nodiscard]] bool ends(const UserId& user, const DeviceId& device, const wire::AgainDone& end);

  [[nodiscard]] bool awaits(const UserId& user, const DeviceId& device) const;
  // Whether an answer may still bring something.
  [[nodiscard]] bool is_waiting() const;
  // What is gone, as far as it is known now.
  [[nodiscard]] std::optional<LossRecord> loss() const;
  // Nothing is missing, and nobody is waited for: all but its bounds is forgotten.
  [[nodiscard]] bool is_whole() const;
  void close();

 private:
  [[nodiscard]] AnswerRecord* find(const UserId& user, const DeviceId& device);
  // From now on, if need be. False where there are too many.
  [[nodiscard]] bool knows(const UserId& user, const DeviceId& device);

  GapRecord& record_;
  const UserId& user_;
  const DeviceId& device_;
};

}  // namespace kith::client
