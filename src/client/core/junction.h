// Where the log leaves what this device has read of it, when the server has another history: it was restored from a
// backup, and lacks what came since, or has had other entries there meanwhile.
//
// The places that a device knows count in one history (ChatRecord::history). Of the newest entries up to its position
// it keeps what tells them from others; it reads as many again, and goes on behind the last that is the same. Where
// more was lost it goes back along the messages that it has, and comes in anew behind the last one that is there. Where
// it has read nothing since it came in, it goes by the group as the server has it in that epoch; where that is another
// one, by the messages of before it was away. Nothing is read into the conversation, sent or committed before.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "client/core/core.h"
#include "client/core/log_entry.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Junction {
 public:
  static constexpr std::size_t kKept = 32;

  explicit Junction(Chat& chat) : chat_(chat) {}

  // The log has this entry at the position.
  void passed(ByteView log_step);
  // What is before the position is not known any more.
  void begin_anew();
  void end_at(Seq position);

  [[nodiscard]] bool has_work() const;
  void advance();
  void disconnected();

 private:
  [[nodiscard]] Seq kept_after() const;
  void read();
  void answered(Seq after, const wire::Body& body);
  void compare(const wire::Entries& answer);
  void ask_group(Seq head);
  void group_shown(Seq head, const wire::Body& body);
  void found(Seq head);
  void not_even_there(Seq head);
  void look_back_before(Seq place, Seq head);
  void compare_messages(const wire::Entries& answer);
  void looked_back(const std::vector<std::pair<Seq, ClientId>>& shown, const std::vector<Row>& rows, Seq head);
  void look_back_to(Seq shown_after);
  void looked_back_to(Seq last_same);
  void forget_before(Seq first);
  void refused(const wire::Error& error);

  Chat& chat_;
  bool busy_ = false;
  std::size_t same_ = 0;                   // of those that are kept, from the oldest on
  std::optional<Seq> looks_back_after_{};  // for messages that are the same, where none of those is
  Seq last_same_;                          // of the messages, so far
  Seq shown_after_;                        // what is before that this device is not shown
  Epoch epoch_;                            // behind the last that is the same
  std::int64_t retry_at_ = 0;              // on Machine::clock_ms
};

}  // namespace kith::client
