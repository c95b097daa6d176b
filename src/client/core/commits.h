// The commits that this device makes as a member: its leaf's refresh, so that whoever had its keys once does not have
// them for ever (weekly, spread over a day, and after a thousand messages), and soon after the account's keys began
// anew, so that those who are to know of it do; what brings the leaves in line with their
// users' device lists and takes those away who left (Devices), and what the user wants of a group (Members): all that
// there is to do at a time in one commit.
//
// A commit is stored with everything that follows from it before it leaves, and the same bytes leave again after a
// crash or a lost answer. It takes effect when it is met in the log, by its bytes (Inbox); if another one was first it
// is dropped and, where it is still wanted, made again under a new name in the next epoch. So is one that was made
// before the server was restored, and is not in what it was restored to. A refusal counts when the log, read to its
// end, has not the commit all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "keys/group_rules.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Commits {
 public:
  static constexpr std::int64_t kRefreshMs = std::int64_t{6} * 24 * 3600 * 1000;
  static constexpr std::int64_t kSpreadMs = std::int64_t{24} * 3600 * 1000;  // on top, different for each leaf
  static constexpr std::uint32_t kRefreshMessages = 1000;
  static constexpr std::uint64_t kSoonMs = 10 * 60 * 1000;

  explicit Commits(Chat& chat) : chat_(chat) {}

  // Whether something is to be committed now, or is on its way.
  [[nodiscard]] bool has_work() const;
  void advance();
  // Wakes the chat when there will be something to commit.
  void plan() const;
  void disconnected() { busy_ = false; }
  // This leaf has new keys: it joined, or its commit is in the log.
  void leaf_is_fresh();
  // Its refresh is due within kSoonMs: others see the account's generation by it.
  void refresh_soon();

 private:
  [[nodiscard]] std::int64_t refresh_after_ms() const;
  [[nodiscard]] std::int64_t refresh_at_ms() const;  // as UnixMillis
  void drop_former();
  [[nodiscard]] bool build();
  void transmit();
  void end_refused(const wire::Error& error);
  void cannot_build(const keys::Grounds& grounds, const std::string& why);
  void pause();
  void answered(const wire::Body& body);

  Chat& chat_;
  bool busy_ = false;
  std::optional<wire::Error> refusal_{};  // the log is being read for what became of the pending one in truth
  std::uint32_t failures_ = 0;
  std::int64_t retry_at_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
