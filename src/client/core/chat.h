// One conversation: its record, and the parts that keep it going. The parts change the record and say so; at the end of
// the input what changed is stored once and shown once.
//
// What a part wants to do next it does in its advance(), which does nothing where nothing can be done now; poke() asks
// for another round, wake() for one later, wait_for_slot() for one when the connection has room.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "client/core/again.h"
#include "client/core/alerts.h"
#include "client/core/answers.h"
#include "client/core/chat_archive.h"
#include "client/core/commits.h"
#include "client/core/confirmation.h"
#include "client/core/core.h"
#include "client/core/departure.h"
#include "client/core/devices.h"
#include "client/core/founding.h"
#include "client/core/group_state.h"
#include "client/core/inbox.h"
#include "client/core/introductions.h"
#include "client/core/join_requests.h"
#include "client/core/joining.h"
#include "client/core/json.h"
#include "client/core/junction.h"
#include "client/core/log.h"
#include "client/core/members.h"
#include "client/core/missing.h"
#include "client/core/outbox.h"
#include "client/core/profile.h"
#include "client/core/receipts.h"
#include "client/core/record.h"
#include "client/core/repeats.h"

namespace kith::client {

class Chat {
 public:
  // As stored: its group and outbox are read when they are needed.
  Chat(Machine& machine, const ConversationId& id, ChatRecord record);
  // A new one, with nothing stored.
  static std::unique_ptr<Chat> make_new(Machine& machine, const ConversationId& id, ChatRecord record);
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  [[nodiscard]] const ConversationId& id() const { return id_; }
  [[nodiscard]] Machine& machine() const { return machine_; }
  [[nodiscard]] ChatRecord& record() { return record_; }
  [[nodiscard]] const ChatRecord& record() const { return record_; }
  [[nodiscard]] bool is_group() const { return record_.group.has_value(); }
  [[nodiscard]] keys::GroupKind kind() const { return is_group() ? keys::GroupKind::group : keys::GroupKind::direct; }

  // Store and show; store only.
  void changed();
  void changed_quietly();
  void flush();

  void poke();
  void wake(std::int64_t at);
  void wait_for_slot();
  void advance();
  void when_loaded(std::function<void()> then);
  // What is here is known by its names (repeats), which are read before the rest, and alone where that is enough.
  void when_named(std::function<void()> then);
  // There is no group, and no message that waits.
  void has_nothing_stored() { loading_ = naming_ = Loading::done; }
  // Those of a shadow, perhaps from another life.
  void has_only_messages();
  void disconnected();

  void become(Membership membership);
  // What is here does not let this device take part any more: it rejoins.
  void lose(const std::string& why);
  // This device is new in it, and comes in from outside by what the server shows.
  void come_in(OpenedGroup shown);
  // The server has this conversation, whoever created it.
  void exists();
  void joined(mls::Group group, Seq at);
  // This device is a member from now on, with the group that was just adopted.
  void entered(Seq at);
  // The group is in another epoch: who is in it, and what they may do.
  void epoch_moved();
  // What "group_info" tells is another now.
  void group_changed();
  // From which entry on this user is in the group, as far as this device saw it come; 0: it was there before.
  [[nodiscard]] Seq in_since(const UserId& user) const;
  // A server that was restored has this user in again, whom this device saw go: others may not know them any more.
  [[nodiscard]] bool is_back(const UserId& user) const;
  void came_and_went(const std::set<UserId>& came, const std::set<UserId>& gone, Seq at);
  // Whether this leaf of a group that somebody shows is of a person whom this device knew in the group that it lost, or
  // that a server was restored to.
  [[nodiscard]] bool knew(const mls::PublicGroup& shown, mls::LeafIndex leaf) const;
  // In the same history the log is said to end here, before what was read.
  void places_go_back_to(Seq position);
  void remember_roster();
  void remember_newcomers(const mls::PublicGroup& shown, const std::map<UserId, Seq>& came);
  // What is wrong with a group to join, or with what a commit made of ours; empty: nothing.
  [[nodiscard]] std::string wrong_with(const mls::PublicGroup& group) const;
  [[nodiscard]] std::string wrong_with(const mls::PublicGroup& before, const mls::PublicGroup& next,
                                       const mls::CommitEffects& effects) const;
  void saw_head(Seq head);
  // The places that this device knows count in the server's present history.
  [[nodiscard]] bool is_in_history() const;
  // They do from here on: in the server's present history the log ends at `head`, or leaves there what was read of it.
  // `is_same`: up to the position it is known to be the same log.
  void meet_history(Seq head, bool is_same = false);
  // In the server's present history there is no such conversation that this user is in.
  void is_forgotten();
  // A message may be encrypted and sent now.
  [[nodiscard]] bool can_send() const;
  // The user may write here, as far as is known.
  [[nodiscard]] bool may_write() const;
  [[nodiscard]] Bytes authenticated_data(const ClientId& id, wire::EntryKind kind, Bytes extra = {}) const;
  // Of a user who is in the group, as the leaves say.
  [[nodiscard]] std::optional<keys::PublicKey> identity_of(const UserId& user) const;
  // Of these, those of people who are in the conversation. O(members), once.
  void keep_members(std::vector<wire::Mention>& mentions) const;

  void mark_read(Seq seq);
  // Messages came otherwise than one after the other, or some were read: counted anew, even after a crash.
  void unread_changed();
  void receipts_moved();
  [[nodiscard]] Json json() const;
  // `original`: what it answers, where it is stored here.
  [[nodiscard]] Json json(const MessageRecord& message, const MessageRecord* original = nullptr) const;
  [[nodiscard]] Json json(const OutgoingRecord& message) const;
  [[nodiscard]] Json group_json() const;
  void show_message(Json message, bool is_new, bool alert = false);
  [[nodiscard]] Json invite_json(const keys::Invite& invite) const;
  // People see it: one that a link leads to only from the moment that it did.
  [[nodiscard]] bool is_shown() const;
  void show_outgoing(const OutgoingRecord& message, bool is_new);
  // What an entry changed, in its place.
  void show_line(Seq at, std::int64_t time_ms, const ClientId& id, LineRecord line);
  // A line that no entry is the reason of: behind all that is here.
  void show_line_here(LineRecord line);

  GroupState group;
  Outbox outbox;
  Log log;
  Junction junction;
  Inbox inbox;
  Repeats repeats;
  Receipts receipts;
  Founding founding;
  Introductions introductions;
  Devices devices;
  JoinRequests requests;
  Commits commits;
  Confirmation confirmation;
  Missing missing;
  Again again;
  Answers answers;
  Alerts alerts;
  ChatArchive archive;
  Members members;
  Profile profile;
  Departure departure;
  Joining joining;

 private:
  void remember_newcomer(const UserId& user, Seq at);
  void count_unread();
  void caught_up();
  void note_epoch();
  enum class Loading : std::uint8_t { no, under_way, done };
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] Parties parties() const;
  void put_line(const MessageRecord& line);
  void load();
  void loaded(const std::vector<Row>& rows);

  Machine& machine_;
  ConversationId id_;
  ChatRecord record_;
  Loading loading_ = Loading::no;
  Loading naming_ = Loading::no;
  std::vector<std::function<void()>> waiting_;
  std::vector<std::function<void()>> unnamed_;
  std::uint32_t unread_changes_ = 0;
  bool is_counting_ = false;
  bool caught_up_ = false;  // with what the server had when this connection began
  bool store_ = false;
  bool show_ = false;
};

}  // namespace kith::client
