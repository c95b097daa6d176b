// Looking at what a committer told the server about the group: the key by which others come in from outside cannot be
// checked by the server, and a wrong one would lead them nowhere.
//
// After another user's commit the next few members in the tree look, one after the other, and whoever finds the key
// wrong, or the word of somebody who came in later, puts a GroupInfo of its own in its place: people who come back know
// those who were in for long, and only to their word. Whoever dies or is cut off meanwhile looks afterwards.
#pragma once

#include <cstdint>

#include "mls/group.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Confirmation {
 public:
  static constexpr std::int64_t kTurnMs = 3'000;  // between one and the next
  static constexpr std::int64_t kMaxRetryMs = 60'000;

  explicit Confirmation(Chat& chat) : chat_(chat) {}

  // Somebody's commit was applied.
  void applied(mls::LeafIndex committer);
  [[nodiscard]] bool has_work() const;
  void advance();
  void disconnected() { busy_ = false; }

 private:
  void shown(Epoch epoch, const wire::Body& body);
  // Answered: there is nothing more to do in this epoch, or it is to be tried again.
  void done(Epoch epoch, const wire::Body& body);

  Chat& chat_;
  bool busy_ = false;
  std::int64_t due_at_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
