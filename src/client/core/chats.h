// All conversations of this account, and whose turn it is.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "client/core/chat.h"
#include "keys/link.h"

namespace kith::client {

class Chats {
 public:
  explicit Chats(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView id, ByteView record);
  // One that this device is in, was in or begins.
  [[nodiscard]] Chat* find(const ConversationId& id);
  // One that people see: those that are known from the archive alone among them.
  [[nodiscard]] Chat* find_shown(const ConversationId& id);
  [[nodiscard]] Chat* find_shown_or_not(const ConversationId& id);
  // Likewise, made here where there is none. `peer`: of a direct conversation.
  Chat& recollect(const ConversationId& conversation, const std::optional<UserId>& peer);
  // Those that are known from the archive alone appear when this device is in all that its account is in.
  void show_shadows();
  // The direct conversation with this user, made here where there is none.
  Chat& with(const UserId& peer);
  // The group of this id, likewise.
  Chat& group(const ConversationId& id);
  [[nodiscard]] std::vector<ConversationId> ids() const;
  // Those among them that are known from the archive alone.
  [[nodiscard]] std::vector<ConversationId> all_ids() const;
  // What a group is called that this device is about to come into, says another device of the account.
  void foretell(const std::vector<keys::KnownGroup>& groups);
  void forget_foretold();
  [[nodiscard]] bool restore_foretold(ByteView id, ByteView name);
  // The groups that have a name, the newest first; at most so many.
  [[nodiscard]] std::vector<keys::KnownGroup> known_groups(std::size_t most) const;
  // Those that somebody named and that this device was never in.
  [[nodiscard]] std::size_t never_joined() const;
  // Of one of them it is not known yet where its log goes on, since the server has another history.
  [[nodiscard]] bool meets_history() const;
  [[nodiscard]] Json list() const;
  void show_all();

  void hinted(const wire::EntryHint& hint);
  void hinted(const wire::CursorHint& hint);
  void hinted(const wire::CursorsHint& hint);
  void hinted(const wire::ChangesHint& hint);
  void told(const wire::Head& head);
  // All that this user is in, as far as is known here: what would tell of an end may be gone, or have another's name.
  void read_groups();
  void online();
  void disconnected();
  void contact_changed(const UserId& user);
  void set_active(bool active);
  [[nodiscard]] bool is_active() const { return active_; }
  // The chat on the screen.
  void open(const std::optional<ConversationId>& id);
  [[nodiscard]] bool is_open(const ConversationId& id) const { return open_ == id; }
  // For a few seconds after the first sync of a connection, and without one.
  [[nodiscard]] bool is_settling() const;

  void poke(const ConversationId& id) { poked_.insert(id); }
  void touched(const ConversationId& id) { touched_.insert(id); }
  void wake(const ConversationId& id, std::int64_t at);
  void wait_for_slot(const ConversationId& id);
  void tick();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;
  // Lets everything that was poked advance; then stores and shows what changed.
  void run();
  void flush();

 private:
  Chat& add(const ConversationId& id, ChatRecord record);
  // It is one of this device's own from now on.
  Chat& made_real(Chat& shadow);

  Machine& machine_;
  std::map<ConversationId, std::unique_ptr<Chat>> chats_;
  std::map<ConversationId, std::string> foretold_;  // names of groups that are still to come
  std::set<ConversationId> shadows_;                // that nobody sees yet
  std::set<ConversationId> poked_;
  std::set<ConversationId> touched_;
  std::deque<ConversationId> waiting_;  // for a slot of the connection
  std::set<ConversationId> is_waiting_;
  std::set<std::pair<std::int64_t, ConversationId>> alarms_;
  std::map<ConversationId, std::int64_t> alarm_of_;
  bool active_ = true;
  std::optional<ConversationId> open_;
  std::int64_t online_at_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
