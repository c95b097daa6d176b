// How a group calls itself: content that the server never sees. It is told in full whenever it changes, and again to
// those who are new, by whoever added them; should that device have gone, by the next members in the tree.
#pragma once

#include <set>

#include "client/core/log_entry.h"
#include "mls/tree_math.h"
#include "wire/content.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Profile {
 public:
  explicit Profile(Chat& chat) : chat_(chat) {}

  // Our own group has begun.
  void founded(const wire::Appended& at, const ClientId& first_commit);
  // Somebody says it from now on; who may not is not heard, but by those who know none.
  void told(const LogEntry& entry, const wire::GroupProfile& profile);
  // A commit brought people in.
  void newcomers(mls::LeafIndex committer);

  [[nodiscard]] bool has_work() const;
  // When there will be, for a chat that is not loaded.
  void plan() const;
  void advance();

 private:
  Chat& chat_;
};

}  // namespace kith::client
