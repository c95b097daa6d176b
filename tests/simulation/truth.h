// What was committed, as an onlooker at the store saw it happen: the logs of all conversations, who sat in which epoch,
// who had left by then. Naive on purpose: everything is kept, nothing is derived twice.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "server/domain/conversation.h"
#include "server/domain/ports/store.h"

namespace kith::sim {

struct LoggedEntry {
  Seq seq;
  ClientId client_id;
  server::domain::EntryKind kind{};
  Epoch epoch;
  server::domain::Caller sender{};
  Seq seen;  // what its sender had read when it wrote this; 0: it does not say
};

struct LoggedConversation {
  server::domain::ConversationKind kind{};
  std::vector<LoggedEntry> log;                    // the first has seq 1
  std::map<Epoch, std::vector<keys::Seat>> seats;  // from this epoch on
  std::map<UserId, Seq> leaving;                   // who left by a note behind this entry, and still has leaves
  std::map<UserId, std::vector<std::pair<Seq, Seq>>>
      gone;                                  // stays that such a note ended: behind which entry, up to which
  std::map<UserId, keys::DeviceList> noted;  // lists with which leaves do not agree
  std::vector<Seq> overheard;                // what was said while a device that is off its list could read it
  [[nodiscard]] std::set<UserId> users_in(Epoch epoch) const;
  [[nodiscard]] bool has_device_in(Epoch epoch, const server::domain::Caller& device) const;
  // The commit that brought in a device that sits in this epoch; none where it does not.
  [[nodiscard]] std::optional<Seq> brought_in(Epoch epoch, const server::domain::Caller& device) const;
  [[nodiscard]] Epoch last_epoch() const { return seats.empty() ? Epoch{} : seats.rbegin()->first; }
  // Has leaves, and is not leaving.
  [[nodiscard]] bool is_member(const UserId& user) const;
  // Is a member, and was in each epoch from this one on.
  [[nodiscard]] bool has_stayed(const UserId& user, Epoch since) const;
  // Who is left of those whom this user knows there that has read up to this entry.
  [[nodiscard]] std::set<UserId> acquaintances(const UserId& user, Seq read) const;
  [[nodiscard]] bool has_revoked_device() const;
  // The user left before this entry, and its leaves were only still there.
  [[nodiscard]] bool had_left(const UserId& user, Seq seq) const;
  // While the user was in, something was said by whoever had read this entry: so who has not read it can know.
  [[nodiscard]] bool is_vouched_for(const LoggedEntry& entry, const UserId& user) const;
};

class Truth {
 public:
  void committed(const server::domain::Transaction& transaction, const server::domain::Committed& committed);
  [[nodiscard]] const std::map<ConversationId, LoggedConversation>& conversations() const { return conversations_; }
  // Null where there is none.
  [[nodiscard]] const LoggedConversation* conversation(const std::string& text) const;
  [[nodiscard]] std::size_t entries() const { return entries_; }
  // It is or was one of this account's.
  [[nodiscard]] bool is_somebodys(const server::domain::Caller& device) const { return devices_.contains(device); }

 private:
  void conversation_changed(const server::domain::Transaction& transaction, const server::domain::Committed& committed);

  std::map<ConversationId, LoggedConversation> conversations_;
  std::set<server::domain::Caller> devices_;
  std::size_t entries_ = 0;
};

}  // namespace kith::sim
