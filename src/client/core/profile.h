// How a group calls itself: content that the server never sees. Whoever may edit calls it so in an entry of the log;
// who was not there then is told by those who were.
//
// Every word of it (ProfileWord) is of a source and of a place in the log, and any two of them have an order in which
// all agree. A device holds the highest that it has heard, and says what it holds when somebody may not know it: when
// devices come in, when it comes in itself with an old word, and when it hears a lower one. So when all is quiet all
// members hold the same (docs/protocol.md). A member who may not edit can mislead those who are new until one speaks
// who may.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/core/group_record.h"
#include "client/core/log_entry.h"
#include "client/core/record.h"
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
  // What this device says of it in the present epoch. False: nothing may be said any more.
  [[nodiscard]] bool completes(OutgoingRecord& message) const;
  // What became of that message.
  void settled(const ClientId& id, bool is_done);
  // Our own group has begun.
  void founded(const wire::Appended& at, const ClientId& first_commit);
  // Somebody says it from now on, or, `retold`, that it was called so before.
  void told(const LogEntry& entry, const wire::GroupProfile& profile, const std::optional<wire::Retold>& retold);
  // The account's archive says it, of some time before.
  void recalled(const std::string& name);
  // Into the group, or back: what it was called before is an old word, where another device is in.
  void came_in();
  // Places of the log behind this one are gone, and with them what they called it.
  void log_ends_at(Seq head);
  // A commit brought devices in.
  void newcomers(mls::LeafIndex committer);

  [[nodiscard]] bool may_edit() const;
  // Somebody is still to be told by this device before it does anything else.
  [[nodiscard]] bool is_owed() const;
  [[nodiscard]] bool has_work() const;
  // When there will be, for a chat that is not loaded.
  void plan() const;
  void advance();

 private:
  [[nodiscard]] bool may_edit(const UserId& user) const;
  [[nodiscard]] ProfileWord heard(const LogEntry& entry, const wire::GroupProfile& profile,
                                  const std::optional<wire::Retold>& retold) const;
  // What others hear where this device says what it holds.
  [[nodiscard]] ProfileWord own_word() const;
  // It is of somebody who may not change it, and who changes it.
  [[nodiscard]] bool contradicts(const ProfileWord& word, bool is_change) const;
  void hold(const LogEntry& entry, const ProfileWord& word, bool is_change);
  void say_after(std::int64_t turns);
  [[nodiscard]] std::int64_t turns_behind(mls::LeafIndex leaf) const;
  [[nodiscard]] std::optional<mls::LeafIndex> leaf_of(const UserId& user, const DeviceId& device) const;

  Chat& chat_;
  std::vector<std::pair<ClientId, std::function<void(bool)>>> waiting_;
};

}  // namespace kith::client
