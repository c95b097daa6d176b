// How this user gets out of a group: it leaves, by a note to the server that one of its devices signs, or it was
// removed. What was said stays here; a Welcome may bring it back.
#pragma once

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/ids.h"
#include "client/core/commands.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Departure {
 public:
  explicit Departure(Chat& chat) : chat_(chat) {}

  // The user leaves; answered when the server knows it.
  void leave(const Reply& reply);
  [[nodiscard]] bool is_leaving() const { return reply_.has_value(); }
  // Whether this is the word of a device of this user that it leaves this group.
  [[nodiscard]] bool is_ours(ByteView leave_note) const;
  // Another device of this user has left.
  void left_elsewhere();
  // The server says that this user is not in the group any more: a log that is not kept that far back is the end.
  void told() { is_told_ = true; }
  [[nodiscard]] bool is_told() const { return is_told_; }
  // The entry at this place took this user out.
  [[nodiscard]] bool went_by(Seq place) const;
  // What told of it may be gone, or was made something else of: once the log is read, the server is asked, and its word
  // holds as if it had come.
  void may_have_been_told();
  // Nothing more comes from this group. `certain`: by the log or this user's own word; the server's word alone leaves
  // what this device knew of the group's people, by which it comes back to nobody else.
  void is_out(bool certain);
  // The server tells of this log, which ends at `head`: whoever is out by its word alone was perhaps lied to, and looks
  // whether it may come back, at most once a minute. Whoever is out by the log may be an old copy of a device that is
  // in again.
  void log_is_told_of(Seq head);

  [[nodiscard]] bool has_work() const {
    return reply_.has_value() || comes_back_ || asks_ || (!has_looked_ && is_of_former_history());
  }
  void advance();
  void disconnected() {
    busy_ = false;
    asks_ = std::exchange(asking_, false) || asks_;
    log_is_told_ = has_looked_ = false;
  }

 private:
  void answered(const wire::Body& body);
  void has_left();
  void ask_whether_in();
  // What took this user out is of the history before; that of now may have it in again. How far what was read goes in
  // it is looked for once it does.
  [[nodiscard]] bool is_of_former_history() const;
  void come_back();
  void look_for_leaf();

  Chat& chat_;
  std::optional<Reply> reply_;
  bool busy_ = false;
  bool is_told_ = false;
  // On this connection: the server told of this log; this device looked whether it is in by another history.
  bool log_is_told_ = false;
  bool has_looked_ = false;
  bool asks_ = false;
  bool asking_ = false;
  bool comes_back_ = false;
  std::int64_t look_at_ = 0;       // on Machine::clock_ms
  std::int64_t came_back_at_ = 0;  // or tried to
  std::int64_t retry_at_ = 0;      // on Machine::clock_ms
};

}  // namespace kith::client
