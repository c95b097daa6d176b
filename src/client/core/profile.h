// How a group calls itself: content that the server never sees. It is told in full whenever it changes, and again to
// those who are new, by whoever added them; should that device have gone, by the next members in the tree.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client/core/log_entry.h"
#include "mls/tree_math.h"
#include "wire/content.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Profile {
 public:
  explicit Profile(Chat& chat) : chat_(chat) {}

  // The user wants it to be this from now on; `then` once the log has it, or it was not taken.
  void change(const wire::GroupProfile& profile, std::function<void(bool is_done)> then);
  // What became of that message.
  void settled(const ClientId& id, bool is_done);
  // Our own group has begun.
  void founded(const wire::Appended& at, const ClientId& first_commit);
  // Somebody says it from now on; who may not is not heard, but by those who know none.
  void told(const LogEntry& entry, const wire::GroupProfile& profile);
  // The account's archive says it, of some time before.
  void recalled(const std::string& name);
  // Into the group, or back: what it was called before is an old word, where somebody else is in.
  void came_in();
  // A commit brought people in.
  void newcomers(mls::LeafIndex committer);

  // Somebody is still to be told by this device.
  [[nodiscard]] bool is_owed() const;
  [[nodiscard]] bool has_work() const;
  // When there will be, for a chat that is not loaded.
  void plan() const;
  void advance();

 private:
  Chat& chat_;
  std::vector<std::pair<ClientId, std::function<void(bool)>>> waiting_;
};

}  // namespace kith::client
