// Receipts of one conversation: how far this account has received and read, told to the server, and how far the peer
// has, or in a group each of the others.
//
// What is told is stored first: the position moves in the batch that this input leads to. Paced: the first at once,
// then at most one a second; in groups of more than kMostHinted people less often the more there are, and by chance
// apart, so that a message is not answered by all at once. Cursors that a server may not have kept (it writes them
// behind) are told again after reconnecting.
//
// What the others have is stored as far as all have it, which makes a message's ticks. Who has what is asked of the
// server where it is not hinted at: by whoever wants to know, and for the chat on the screen, which is watched.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/ids.h"
#include "client/core/commands.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Receipts {
 public:
  explicit Receipts(Chat& chat) : chat_(chat) {}

  void position_moved();
  void read_up_to(Seq seq);
  // Cursors as the server says: of all members who have one, ...
  void told(const std::vector<wire::Cursor>& cursors);
  // ... or of some that moved.
  void hinted(const std::vector<wire::Cursor>& cursors);
  // Answers who has received and read an own message of the log; the conversation's rows are loaded.
  void list(const Reply& reply, Seq message);
  [[nodiscard]] bool has_news() const;
  // What the others of a group have is to be counted, which needs to know who they are.
  [[nodiscard]] bool is_to_count() const { return is_to_count_; }
  void members_changed();
  // The server has another history that ends here, or this device goes on from here in a log that it did not read.
  void clamp(Seq head);
  void advance();
  void disconnected();

 private:
  struct Asked {
    Reply reply;
    Seq message;
  };

  void learn(const wire::Cursor& cursor);
  void read_elsewhere();
  void show_moved();
  void count_others();
  void peer_moved();
  void tell();
  void put_off();
  [[nodiscard]] bool is_crowd() const;
  [[nodiscard]] std::int64_t pace_ms() const;
  [[nodiscard]] bool is_counted() const;
  [[nodiscard]] bool wants_watch() const;
  [[nodiscard]] bool knows_all() const;
  void ask();
  void answered(const wire::Body& body, bool watch, Seq message);
  [[nodiscard]] Json lists(Seq message) const;

  Chat& chat_;
  std::map<UserId, wire::Cursor> others_;  // of a group, as told on this connection and before
  bool is_whole_ = false;                  // all of them were told on this connection
  bool is_moved_ = false;
  bool is_to_count_ = false;
  bool telling_ = false;
  bool is_put_off_ = false;
  std::int64_t next_at_ = 0;  // on Machine::clock_ms
  std::int64_t confirmed_at_ = 0;
  bool asking_ = false;
  bool is_watched_ = false;  // on this connection
  bool is_hinted_in_part_ = false;
  std::int64_t ask_at_ = 0;
  std::vector<Asked> asked_;
  Seq peer_delivered_;  // as claimed, perhaps beyond what is known here yet
  Seq peer_read_;
};

}  // namespace kith::client
