// What one entry of the log means, when its turn has come: a message of somebody, one of our own, or a commit.
//
// Whatever the entry is, the log goes on behind it. What its sender or the server made wrong is refused and named by a
// warning, never shown: a sender in the header who is not the leaf that signed, authenticated data of another
// conversation, client id or kind, a place that its sender could not have known. What cannot be decrypted is charged to
// nobody but its entry. A commit that cannot be applied makes us rejoin, and so does a message that a newer state of
// this device has sent: then what is stored here is an old copy, whose keys are used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/core/group_change.h"
#include "client/core/log_entry.h"
#include "client/core/record.h"
#include "mls/group.h"
#include "wire/content.h"

namespace kith::client {

class Chat;

class Inbox {
 public:
  explicit Inbox(Chat& chat) : chat_(chat) {}
  // What of this entry, as the next one, no server says that keeps to the protocol, since it checks as much of each
  // entry that it takes; empty: nothing.
  [[nodiscard]] std::string why_never_next(const LogEntry& entry) const;
  // The entry behind Chat's position. The caller moves the position. False where nothing that MLS vouches for stands
  // there, or what was sent again and is not here: another device of the account may have been shown it.
  bool apply(const LogEntry& entry);
  // Names what is wrong with the entry at this place.
  void refuse(Seq seq, const std::string& why);
  // The group cannot be followed through these entries, the next ones as the server shows them.
  void lose(const std::vector<LogEntry>& entries, const std::string& why);
  // Follows these as everybody can who has no secret: the group as they leave it, and who came by which of them. False
  // where one does not hold, and nothing behind it is looked at.
  [[nodiscard]] bool follow(mls::PublicGroup& shown, const std::vector<LogEntry>& entries,
                            std::map<UserId, Seq>& came) const;

 private:
  [[nodiscard]] bool message(const LogEntry& entry);
  [[nodiscard]] bool own_message(const LogEntry& entry);
  [[nodiscard]] bool newer_self(const LogEntry& entry);
  void commit(const LogEntry& entry);
  void own_commit(const LogEntry& entry);
  void removed(const LogEntry& entry, const mls::PublicGroup& before, const mls::CommitEffects& effects);
  // What a commit does as far as everybody can see who has no secret.
  [[nodiscard]] std::optional<mls::StagedPublicCommit> in_public(const mls::PublicGroup& before,
                                                                 const LogEntry& entry) const;
  void lose(const LogEntry& entry, const std::string& why);
  // This device sent it in another life.
  void is_old_copy(const LogEntry& entry);
  void note_who_was_replaced(const LogEntry& entry, const mls::CommitEffects& effects);
  [[nodiscard]] GroupChange changed_by(const LogEntry& entry, const mls::PublicGroup& before,
                                       const mls::PublicGroup& next, const mls::CommitEffects& effects) const;
  [[nodiscard]] static LogEntry by_committer(const LogEntry& entry, const mls::PublicGroup& next,
                                             mls::LeafIndex committer);
  void moved(const LogEntry& entry, mls::LeafIndex committer, const GroupChange& change);
  // What somebody says in the conversation. False where only others of the account can have use for it.
  [[nodiscard]] bool heard(const LogEntry& entry, wire::Content content, ByteView plaintext);
  // Empty: all is well. Otherwise what is wrong.
  std::string wrong_with(const LogEntry& entry, mls::LeafIndex leaf, ByteView authenticated_data);
  [[nodiscard]] std::string wrong_with_kind(const LogEntry& entry, const wire::Content& content) const;
  // It stands before this in the log, where people see it.
  [[nodiscard]] bool is_repeated(const LogEntry& entry) const;
  // It is not where the archive had it: in a place that the log had not come to, or of a history that it has not.
  void take_from_elsewhere(const MessageRecord& message);
  // `plaintext` is kept where it is of a kind that this version does not know.
  void keep_message(const LogEntry& entry, wire::Content content, bool is_new, ByteView plaintext = {});
  bool refuse(const LogEntry& entry, const std::string& why) {
    refuse(entry.facts.seq, why);
    return false;
  }
  void warn_fork();

  Chat& chat_;
  bool warned_fork_ = false;
};

}  // namespace kith::client
