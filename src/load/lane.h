// One direct conversation under load: A appends, B's socket receives the hints. Counts what was delivered and how long
// it took.
//
// A message is done when A has its ack (so it is durable) and B's socket has its hint. At most `window` of them are
// under way. Closed loop: as one is done, the next is sent. Open loop: messages become due by the clock, and their
// latency counts from then, whether or not the window let them out, so that a stall is seen by every message that it
// delayed.
#pragma once

#include <array>
#include <deque>

#include "load/conversation.h"
#include "load/histogram.h"
#include "load/session.h"

namespace kith::load {

// What all lanes of a measurement share.
struct LaneTotals {
  std::uint64_t delivered = 0;
  std::uint64_t acked = 0;
  std::uint64_t refused = 0;
  bool measuring = false;
  Histogram ack;
  Histogram delivery;
  std::string trouble;  // the first thing that went wrong; it ends the measurement
  void reset_figures();
};

class Lane final : private SessionEvents {
 public:
  static constexpr std::size_t kMaxWindow = 64;

  Lane(Reactor& reactor, LaneTotals& totals) : totals_(totals), a_(reactor, *this), b_(reactor, *this) {}

  // Both sides come online.
  Task<Result<void>> open(Address server, const Account& a, const Account& b, const ConversationId& conversation,
                          std::size_t text_bytes, Address from);
  // Begins to send with this window, until hold().
  void start(std::size_t window, bool closed_loop);
  // A message is due now (open loop).
  void due(Clock::time_point when);
  void hold() { running_ = false; }
  [[nodiscard]] bool is_quiet() const { return under_way_ == 0; }
  [[nodiscard]] std::size_t payload_bytes() const { return message_->payload_bytes(); }

 private:
  struct Slot {
    Clock::time_point since;
    std::uint64_t number = 0;
    bool used = false;
    bool acked = false;
    bool delivered = false;
  };
  void on_frame(Session& session, const wire::Frame& frame) override;
  void on_lost(Session& session, const std::string& why) override;
  void on_ack(const wire::Frame& frame);
  void on_hint(const wire::EntryHint& hint);
  void send(Clock::time_point since);
  void send_more(Clock::time_point now);
  void settle(Slot& slot, Clock::time_point now);
  Slot* find(std::uint64_t number);

  LaneTotals& totals_;
  Session a_;
  Session b_;
  std::optional<AppendTemplate> message_;
  ConversationId conversation_;
  ClientId client_id_;          // the last eight bytes are the message's number
  std::uint32_t first_id_ = 0;  // request id of message number 0
  std::uint64_t next_number_ = 0;
  std::array<Slot, kMaxWindow> slots_;
  std::deque<Clock::time_point> due_;
  std::size_t window_ = 1;
  std::size_t under_way_ = 0;
  bool closed_loop_ = true;
  bool running_ = false;
};

}  // namespace kith::load
