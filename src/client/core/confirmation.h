// Looking at what a committer told the server about the group: the key by which others come in from outside cannot be
// checked by the server, and a wrong one would lead them nowhere.
//
// After another user's commit the next few members in the tree look, one after the other, and whoever finds the key
// wrong, or the committer's word alone, puts a GroupInfo of its own in its place. Nothing of it is stored: whoever
// crashes meanwhile leaves it to the others.
#pragma once

#include <cstdint>
#include <optional>

#include "mls/group.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Confirmation {
 public:
  static constexpr std::int64_t kTurnMs = 3'000;  // between one and the next

  explicit Confirmation(Chat& chat) : chat_(chat) {}

  // Somebody's commit was applied.
  void applied(mls::LeafIndex committer);
  [[nodiscard]] bool has_work() const { return due_at_.has_value(); }
  void advance();
  void disconnected() { due_at_.reset(); }

 private:
  void shown(const wire::Body& body);

  Chat& chat_;
  std::optional<std::int64_t> due_at_;  // on Machine::clock_ms
  mls::LeafIndex committer_;
};

}  // namespace kith::client
