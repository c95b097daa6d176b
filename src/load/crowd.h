// All members of a group online at once: the first one sends, and each message is followed until the last of the others
// has its hint.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "load/conversation.h"
#include "load/histogram.h"
#include "load/population.h"

namespace kith::load {

struct CrowdTotals {
  std::uint64_t delivered = 0;  // hints
  std::uint64_t done = 0;       // messages that everybody has
  bool measuring = false;
  Histogram ack;
  Histogram last;       // from when it was due to the last member's hint
  std::string trouble;  // the first thing that went wrong; it ends the measurement
};

class Crowd final : public SessionEvents {
 public:
  Crowd(Reactor& reactor, CrowdTotals& totals) : reactor_(reactor), totals_(totals) {}

  // Accounts 0 to members-1 come online, `concurrency` at a time, each with Hello and Sync.
  Task<Result<void>> open(const Population& population, const MadeGroup& group, std::size_t text_bytes,
                          std::size_t concurrency);
  // Closed loop: so many messages are under way until hold().
  void start(std::size_t window);
  void hold() { window_ = 0; }
  // One message, due at that time.
  void send(Clock::time_point due);
  // How long another member's request waits meanwhile, a hundred times a second.
  Task<void> probe(Histogram& to, const bool& is_over);
  [[nodiscard]] bool is_quiet() const { return under_way_.empty(); }
  // What a member's socket gets for each message.
  [[nodiscard]] std::size_t hint_bytes() const { return hint_bytes_; }

 private:
  struct UnderWay {
    Clock::time_point due;
    std::size_t missing = 0;  // members without a hint
    bool acked = false;
  };
  Task<Result<void>> open_one(const Population& population, std::size_t index);
  void on_frame(Session& session, const wire::Frame& frame) override;
  void on_lost(Session&, const std::string& why) override;
  void on_ack(const wire::Frame& frame);
  void on_hint(const wire::EntryHint& hint);
  void settle(std::map<std::uint64_t, UnderWay>::iterator message);
  void fail_with(std::string why) {
    if (totals_.trouble.empty()) totals_.trouble = std::move(why);
  }

  Reactor& reactor_;
  CrowdTotals& totals_;
  std::vector<std::unique_ptr<Session>> sessions_;  // the sender's first
  ConversationId conversation_;
  std::unique_ptr<AppendTemplate> message_;
  ClientId client_id_{};
  std::map<std::uint64_t, UnderWay> under_way_;  // by number
  std::uint64_t next_number_ = 0;
  std::uint32_t first_id_ = 0;
  std::size_t window_ = 0;
  std::size_t hint_bytes_ = 0;
};

}  // namespace kith::load
