// Receipts of one conversation: how far this account has received and read, told to the server, and how far the peer
// has, or in a group all others have.
//
// What is told is stored first: the position moves in the batch that this input leads to. Paced: the first at once,
// then at most one a second. Cursors that a server may not have kept (it writes them behind) are told again after
// reconnecting.
#pragma once

#include <cstdint>
#include <map>

#include "base/ids.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Receipts {
 public:
  explicit Receipts(Chat& chat) : chat_(chat) {}

  void position_moved();
  void read_up_to(Seq seq);
  // A member's cursor, as the server says.
  void told(const wire::Cursor& cursor);
  [[nodiscard]] bool has_news() const;
  // What the others of a group have is to be counted, which needs to know who they are.
  [[nodiscard]] bool is_to_count() const { return is_to_count_; }
  void members_changed();
  void advance();
  void disconnected();

 private:
  static constexpr std::size_t kMostCounted = 256;  // people
  void count_others();
  void peer_moved();

  Chat& chat_;
  std::map<UserId, wire::Cursor> others_;  // of a group, as told on this connection and before
  bool is_to_count_ = false;
  bool telling_ = false;
  std::int64_t next_at_ = 0;  // on Machine::clock_ms
  std::int64_t confirmed_at_ = 0;
  Seq peer_delivered_;  // as claimed, perhaps beyond what is known here yet
  Seq peer_read_;
};

}  // namespace kith::client
