// What the core keeps: the rows of its store, by key, and the records in them. Records are trusted (the shell seals
// them), yet decoding never crashes: a record that cannot be read is an error of storage. Every record begins with a
// version byte.
//
//   b!generation            the fence (core.h)
//   ba                      AccountRecord            bt  TokenRecord          bs  SyncRecord
//   bj                      JoinRequestsRecord
//   bh                      ArchiveRecord            bo <generation>  archive key of that generation
//   br                      body of an account creation that has not been answered yet
//   bg <conversation>       the name of a group that this device is about to come into
//   bn                      NextGenerationRecord: keys that this device is about to begin for the account
//   bl                      NewDeviceRecord: the code that this device shows to become one of an account
//   bv                      RecoveryRecord: this device is about to become one of an account, by its recovery key
//   bk <ref>                KeyPackageMark           k <ref>  secrets of that key package (mls::KeyPackageSecrets)
//   bc <conversation>       ChatRecord               bp <user>  ContactRecord
//   g <conversation> e|p    head of its group's epoch, PendingRecord
//   g <conversation> t <node>    a node of the group's tree (mls::NodeRecord), so that a commit writes what it changed
//   g <conversation> r <node>    a piece of the group's ratchets (mls::RatchetPiece), so that a message does
//   g <conversation> q <order>   OutgoingRecord: a message that is not in the log yet
//   m <conversation> <order>     MessageRecord: one that is, or a line in its place
//   m <conversation> <order> <place>    a line behind it
//   a <conversation> <order>     AgainRecord: what was sent at this place has come again
//   u <conversation> <order>     UnshownRecord: an entry of this account that no person is to see
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "client/core/archive_record.h"
#include "client/core/group_record.h"
#include "keys/conversation.h"
#include "keys/device.h"
#include "keys/generation.h"
#include "mls/group.h"

namespace kith::client {

namespace row_key {
Bytes generation();
Bytes account();
Bytes tokens();
Bytes sync();
Bytes join_requests();
Bytes archive();
Bytes archive_key(std::uint32_t generation);
Bytes creation();
Bytes link();
Bytes recovery();
Bytes next_generation();
Bytes foretold(const ConversationId& conversation);
Bytes chat(const ConversationId& conversation);
Bytes contact(const UserId& user);
Bytes key_package_mark(ByteView ref);
Bytes key_package(ByteView ref);
Bytes group(const ConversationId& conversation);  // the prefix of all of them
Bytes group_epoch(const ConversationId& conversation);
Bytes group_node(const ConversationId& conversation, mls::NodeIndex node);
Bytes group_ratchet(const ConversationId& conversation, mls::NodeIndex node);
std::optional<mls::NodeIndex> node_of(ByteView key);  // of such a key
Bytes group_pending(const ConversationId& conversation);
Bytes outgoing(const ConversationId& conversation, std::uint64_t order);
Bytes message(const ConversationId& conversation, std::uint64_t order);
// Sorts behind `message` of this order and before that of the next.
Bytes line(const ConversationId& conversation, std::uint64_t order, std::uint16_t place);
Bytes again(const ConversationId& conversation, std::uint64_t order);
Bytes unshown(const ConversationId& conversation, std::uint64_t order);
// The first key behind all keys with this prefix.
Bytes end_of(Bytes prefix);
}  // namespace row_key

// removed: this device is none of the account's any more.
enum class Stage : std::uint8_t { fresh = 0, linking, code, account, name, recovery_key, ready, removed };

// Which of a user's device lists is the newer one: a generation ends what the one before it signed.
struct ListAge {
  std::uint32_t generation = 0;
  std::uint64_t version = 0;
  friend auto operator<=>(const ListAge&, const ListAge&) = default;
};

struct AccountRecord {
  Stage stage = Stage::fresh;
  std::string address{};
  std::string registration{};
  std::string proof{};
  std::int64_t resend_at_ms = 0;
  UserId user{};
  DeviceId device{};
  std::string name{};
  SecretBytes recovery_key{};  // its text, until it is confirmed
  SecretBytes leaf_key{};      // private
  std::uint32_t generation = 0;
  SecretBytes generation_secret{};
  Bytes credential{};                        // keys::DeviceCredential
  ListAge device_list{};                     // the newest of our own that was seen, ...
  std::vector<keys::ListedDevice> listed{};  // ... and who is on it, by which key; nobody: that is not known
  Bytes recovery_box{};                      // X25519: what is sealed for whoever has the recovery key
  UserId promised_user{};  // in stage `account`, where `user` has it: who a new one at this address would be
  // The newest of the account that was seen: another one than the credential's until it is handed over.
  std::optional<keys::GenerationCertificate> newest_generation{};
  bool is_list_doubtful = false;  // what the server has as the account's list is to be compared with what was seen
  bool is_old_copy = false;       // a newer list may have been seen in another life: it is to be asked for
};

// A next generation of the account that the server has not answered yet (generations.h).
struct NextGenerationRecord {
  std::optional<DeviceId> revoked{};
  keys::GenerationCertificate certificate{};
  SecretBytes secret{};
  std::optional<keys::DeviceList> list{};  // as it has left, or leaves
  bool removes_unreachable = false;        // devices that nothing can be handed to go as well
  std::string request{};                   // as JSON; empty: it is to be made
};

// The last steps of a new device's way into an account that exists (coming_in.h).
struct ComingRecord {
  std::string device_name{};
  std::optional<DeviceId> by{};  // which handed the account over: it is on the present list
  std::uint64_t list_floor = 0;  // no device list before this version is the account's present one
  std::uint32_t lists_signed = 0;
  bool removes_others = false;  // it is to be the account's only one, under a generation that it begins
  SecretBytes request{};        // that makes it a device, as JSON; empty: it is to be made
};

// The way into an account by a code on this screen (new_device.h).
struct NewDeviceRecord {
  SecretBytes private_key{};  // X25519, as the next
  Bytes public_key{};
  std::string address{};
  std::int64_t expires_at_ms = 0;  // by the server's clock
  SecretBytes token{};             // by which the server knows who made the offer
  Bytes offer{};                   // sealed
  ComingRecord coming{};
};

// The way into an account by its recovery key (recovery.h), from the moment that the key was the right one.
struct RecoveryRecord {
  Bytes signature{};  // of keys::RecoveryStatement
  ComingRecord coming{};
};

struct TokenRecord {
  std::string access{};
  std::int64_t access_until_ms = 0;
  SecretBytes refresh{};
};

struct JoinRequestRecord {
  InviteLink link{};
  std::int64_t asked_ms = 0;
  std::string refusal{};  // an ErrorName, or "declined"; empty: it waits
};
struct JoinRequestsRecord {
  std::vector<JoinRequestRecord> requests{};  // in the order of asking, one a group
};

struct SyncRecord {
  Bytes token{};
  std::optional<HistoryId> history{};
  std::vector<HistoryId> earlier{};  // histories, the newest last
  Seq mailbox{};                     // processed up to here
};

struct KeyPackageMark {
  bool last_resort = false;
  std::int64_t created_ms = 0;
};

struct ContactRecord {
  UserId user{};
  std::string name{};
  std::string address{};
  Bytes identity_key{};                                     // pinned, 32 bytes
  ListAge device_list{};                                    // the newest that was seen
  std::optional<keys::GenerationCertificate> generation{};  // likewise
  Bytes other_key{};                                        // seen since, and not accepted; empty: none
  Bytes former_key{};                    // pinned before the user accepted another one; leaves of then still hang on it
  bool verified = false;                 // the user has compared safety numbers
  std::vector<ConversationId> untold{};  // in which no line says yet that there is an `other_key`
  std::vector<ConversationId> untold_generation{};  // likewise, that one began without the recovery key
  std::int64_t said_ms = 0;      // when the user last said something of this identity; 1: never, 0: it is hearsay
  std::int64_t archived_ms = 0;  // the newest of these that a block of the archive has
  [[nodiscard]] bool identity_changed() const { return !other_key.empty(); }
};

// Messages that could not be brought back: what a chat says at their place.
struct LossRecord {
  std::uint32_t count = 0;   // 0: not known, perhaps none
  std::int64_t from_ms = 0;  // of those counted, by the server's clock
  std::int64_t to_ms = 0;
  friend bool operator==(const LossRecord&, const LossRecord&) = default;
};

// One message in the log, or a line in its place: what is lost there, or what changed.
struct MessageRecord {
  ClientId id{};
  Seq seq{};
  std::uint64_t order = 0;
  std::uint16_t place = 0;  // of a line that stands behind what has this order: the first, the second, ...
  UserId sender{};
  std::int64_t sent_ms = 0;
  std::int64_t time_ms = 0;
  std::optional<std::string> text{};  // absent: a kind that this version does not know
  Bytes unknown{};                    // then its content as it came, for a version that does
  bool is_again = false;              // sent again: the author's own devices have it at its first place,
  Seq first_seq{};                    // which is this one,
  ClientId first_id{};                // and under this name
  std::optional<LossRecord> lost{};   // no message, nor is the next one
  std::optional<LineRecord> line{};
  std::optional<wire::ReplyTo> reply{};   // of a text: what it answers, as its sender says
  std::vector<wire::Mention> mentions{};  // members of the group when it came
  bool mentions_me = false;               // somebody else names this user, or answers a message of theirs
  static constexpr std::uint16_t kPlaces = 1024;
  [[nodiscard]] bool is_line() const { return lost || line; }
};

struct AgainRecord {
  Seq seq{};  // where it came
};

struct UnshownRecord {
  Seq seq{};
};

enum class OutgoingKind : std::uint8_t {
  text = 0,        // what the user wrote; the only kind that is shown
  missed = 1,      // asks for what lies between `after` and `before`
  again = 2,       // what was at `after`, once more
  again_done = 3,  // all `again` before it are out: nothing more is left of what lay between `after` and `before`
  profile = 4,     // `text` and `description`: how the group calls itself from now on,
  retold = 5,      // or was called before, as this device knows it when the message goes out
};

// One message that is not in the log yet.
struct OutgoingRecord {
  ClientId id{};
  std::uint64_t order = 0;
  std::int64_t sent_ms = 0;
  std::string text{};
  std::string description{};
  std::string failure{};  // an ErrorName, empty while it may still go out
  std::string failure_text{};
  Epoch epoch{};   // of the sealed bytes
  Bytes sealed{};  // empty: not encrypted yet
  OutgoingKind kind = OutgoingKind::text;
  Seq after{};
  Seq before{};
  std::vector<Seq> unshown{};
  std::optional<wire::ReplyTo> reply{};  // of a text, or one sent again; its excerpt is what is stored here
  std::vector<wire::Mention> mentions{};
  ClientId first_id{};                   // of what is sent again
  std::optional<wire::Retold> retold{};  // of a profile that is no change
  std::vector<Bytes> former{};  // hashes of what left under this name before, which a server that lies may have taken
  [[nodiscard]] bool is_shown() const { return kind == OutgoingKind::text; }
  [[nodiscard]] wire::EntryKind entry_kind() const {
    return is_shown() ? wire::EntryKind::application : wire::EntryKind::silent;
  }
};

// An entry of somebody else in a gap, as the server tells of it, that has not come again.
struct ExpectedRecord {
  Seq seq{};
  std::int64_t time_ms = 0;
  std::uint8_t author = 0;  // in GapRecord::others
};

// What came again.
struct FilledRecord {
  Seq seq{};
  bool is_own = false;  // of this account: nobody fills the places of another
  friend auto operator<=>(const FilledRecord&, const FilledRecord&) = default;
};

// Another device, and whether it has said the end of its answer, which holds from behind `after`.
struct AnswerRecord {
  UserId user{};
  DeviceId device{};
  bool is_done = false;
  Seq after{};
};

// What this device could not read, from behind `after` to before `before`.
struct GapRecord {
  ClientId id{};            // of the commit that it came back with; the line in the chat goes by it too
  std::uint64_t place = 0;  // the line's order: that of this commit
  Seq after{};
  Seq before{};
  std::int64_t since_ms = 0;              // when the others were asked
  Seq listed{};                           // what the server tells of the entries was noted up to here
  bool is_blurred = false;                // of some places nobody told what they held
  Seq asked{};                            // the `before` of the newest question that covers it
  bool asks_again = false;                // somebody who has not seen it is there now
  bool is_overdue = false;                // who has not answered by now is not waited for
  bool is_closed = false;                 // nothing is missing: the rest is empty
  std::vector<ExpectedRecord> missing{};  // in order
  std::vector<FilledRecord> filled{};     // in order
  std::vector<AnswerRecord> others{};
  std::optional<LossRecord> said{};  // in the chat
};

// Another device that came back from outside with the entry `at`; once it asked, for what lies behind `after`.
struct ReturnRecord {
  UserId user{};
  DeviceId device{};
  Seq at{};
  bool is_unseen = false;  // if it did, it was before `at`, while this device was away itself
  bool is_asked = false;
  Seq after{};
};

// Where a conversation stands for this device.
enum class Membership : std::uint8_t {
  none = 0,     // nothing has been done yet: the conversation is created when something is to be sent
  invited = 1,  // it exists; its Welcome is awaited
  lost = 2,     // no Welcome can let us in: rejoin by external commit
  member = 3,
  out = 4,  // of a group: the user left or was removed; a Welcome may bring it back
};

// What of a chat the user wants to be told of.
enum class AlertLevel : std::uint8_t { all = 0, mentions = 1, none = 2 };
inline constexpr std::int64_t kMutedForEver = INT64_MAX;

struct ChatRecord {
  UserId peer{};                      // of a direct conversation
  std::optional<GroupFacts> group{};  // otherwise
  Membership membership = Membership::none;
  Seq position{};                        // everything up to here is applied
  HistoryId history{};                   // of the server, in which this and all places below count
  keys::LogHash hash = keys::kEmptyLog;  // of the log at `position`
  bool anchored = false;                 // `hash` is known
  bool is_history_new = false;           // what the log had when this device met `history` is not all read
  std::vector<std::uint64_t> newest{};   // digests of the newest entries up to `position` (junction.h)
  std::uint64_t newest_epoch = 0;        // that this device was ever in: no key of it or before is made again
  std::uint64_t followed_epoch = 0;      // the newest, in `history`, that it came to by another member's commit
  std::int64_t refreshed_ms = 0;         // when this leaf got the keys it has
  std::uint32_t sent_since_refresh = 0;  // messages of this device in the log
  bool outlived = false;                 // the log has messages of a newer state of this device
  Seq head{};                            // the furthest the server spoke of
  Seq read{};                            // by the user
  Seq read_elsewhere{};                  // on another device of the account, perhaps beyond `position`
  Seq told_delivered{};                  // what the server has confirmed of our cursor
  Seq told_read{};
  Seq peer_delivered{};
  Seq peer_read{};
  std::uint32_t unread = 0;
  std::uint32_t unread_mentions = 0;  // those of them that mention this user
  bool is_unread_old = false;         // both are to be counted anew
  std::uint64_t next_pending = 0;     // messages that were ever to be sent here
  std::uint32_t pending = 0;          // messages that are not in the log and have not failed
  bool has_pending = false;           // there is a PendingRecord
  // The leaf whose word about the group is to be looked at (confirmation.h).
  std::optional<std::uint32_t> unconfirmed{};
  std::uint64_t order_base = 0;  // order = order_base + seq: grows when the server's history is another one
  std::int64_t last_ms = 0;
  std::optional<MessageRecord> last{};  // its text shortened, without what it answers
  std::vector<UserId> doubtful{};       // whose devices came or went by an older list than one that was seen
  std::vector<GapRecord> gaps{};
  std::vector<ReturnRecord> returns{};
  AlertLevel alerts = AlertLevel::all;
  std::int64_t muted_until_ms = 0;  // 0: not muted
  ChatArchiveRecord archive{};
  bool is_out_by_word = false;  // of the server alone: out, and nothing in the log says so
  bool has_left = false;        // by the user's own word
  bool has_again = false;       // something came again, and stands behind its first place
  bool is_doubted = false;      // the log was told wrongly at some place: what is here may stand in others'
};

// Who is added by a commit, and the key package that was used for it.
struct WelcomedRecord {
  UserId user{};
  DeviceId device{};
  Bytes ref{};
};

// A commit of our own that nobody has answered yet.
struct PendingRecord {
  bool external = false;  // an external commit; otherwise the first commit of a conversation, or one as a member
  ClientId id{};
  Epoch epoch{};  // that the commit leaves
  Bytes commit{};
  Bytes group_info{};
  Bytes welcome{};
  Bytes founding{};  // of a conversation's first commit: the GroupInfo of epoch 0
  std::vector<WelcomedRecord> welcomed{};
  // The group that it leads to: what changes since the one here, or all of it where it comes from outside or begins.
  mls::EpochChanges next{};
  mls::RatchetPieces next_ratchets{};
};

void encode(mls::Writer& w, const AccountRecord& v);
void decode(mls::Reader& r, AccountRecord& v);
void encode(mls::Writer& w, const NextGenerationRecord& v);
void decode(mls::Reader& r, NextGenerationRecord& v);
void encode(mls::Writer& w, const NewDeviceRecord& v);
void decode(mls::Reader& r, NewDeviceRecord& v);
void encode(mls::Writer& w, const RecoveryRecord& v);
void decode(mls::Reader& r, RecoveryRecord& v);
void encode(mls::Writer& w, const ArchiveRecord& v);
void decode(mls::Reader& r, ArchiveRecord& v);
void encode(mls::Writer& w, const TokenRecord& v);
void decode(mls::Reader& r, TokenRecord& v);
void encode(mls::Writer& w, const JoinRequestsRecord& v);
void decode(mls::Reader& r, JoinRequestsRecord& v);
void encode(mls::Writer& w, const SyncRecord& v);
void decode(mls::Reader& r, SyncRecord& v);
void encode(mls::Writer& w, const KeyPackageMark& v);
void decode(mls::Reader& r, KeyPackageMark& v);
void encode(mls::Writer& w, const ContactRecord& v);
void decode(mls::Reader& r, ContactRecord& v);
void encode(mls::Writer& w, const MessageRecord& v);
void decode(mls::Reader& r, MessageRecord& v);
void encode(mls::Writer& w, const AgainRecord& v);
void decode(mls::Reader& r, AgainRecord& v);
void encode(mls::Writer& w, const UnshownRecord& v);
void decode(mls::Reader& r, UnshownRecord& v);
void encode(mls::Writer& w, const OutgoingRecord& v);
void decode(mls::Reader& r, OutgoingRecord& v);
void encode(mls::Writer& w, const ChatRecord& v);
void decode(mls::Reader& r, ChatRecord& v);
void encode(mls::Writer& w, const PendingRecord& v);
void decode(mls::Reader& r, PendingRecord& v);

}  // namespace kith::client
