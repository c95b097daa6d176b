// A naive server in memory: what docs/protocol.md says, in the fewest words, with everything visible. An oracle for the
// client core and, later, for the real server. It trusts its clients, follows their groups only to have trees to show,
// and is never asked for speed.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "keys/archive_block.h"
#include "keys/group_rules.h"
#include "wire/frame.h"

namespace kith::test {

class ModelServer {
 public:
  using Json = nlohmann::json;
  using Device = std::pair<UserId, DeviceId>;
  using ConnectionId = std::uint64_t;

  struct HttpReply {
    int status = 200;
    std::string body;
  };
  struct Sent {
    ConnectionId to = 0;
    Bytes frame;  // empty: the connection was closed
  };
  struct StoredEntry {
    Seq seq;
    std::int64_t time_ms = 0;
    Device sender;
    ClientId client_id;
    wire::EntryKind kind{};
    Epoch epoch;
    Bytes payload;
  };
  struct Conversation {
    bool is_group = false;
    std::set<Device> leaves;
    std::map<Device, Seq> gone;                      // of a group: who may read up to there
    std::map<UserId, std::pair<Seq, Epoch>> came{};  // who has not been in from the beginning, by which commit to where
    std::map<UserId, std::vector<std::pair<Seq, Seq>>>
        former{};                                 // when they were in before: behind which entry, up to which
    std::map<UserId, keys::LeaveNote> leaving{};  // whose leaves are still in the tree
    std::map<Device, std::pair<keys::BrokenMark, Bytes>> broken{};
    Epoch epoch;
    Bytes group_info;                               // of this epoch; a tree that is in it is shown before the one below
    std::optional<mls::PublicGroup> group;          // as the commits made it, where they hold
    std::map<Epoch, std::pair<Bytes, Bytes>> past;  // GroupInfo and nodes of the tree
    std::vector<StoredEntry> log;
    std::map<UserId, wire::Cursor> cursors;
    std::map<UserId, keys::JoinProof> asking{};  // who has a link and waits for an answer
    std::map<keys::PublicKey, std::uint32_t> uses{};
    std::map<UserId, keys::FollowedList> notes;  // device lists with which the leaves do not agree yet
    std::uint64_t change = 0;
  };

  struct Archive {
    struct Block {
      std::int64_t time_ms = 0;
      ClientId client_id;
      Bytes payload;  // empty: erased
      std::optional<wire::Hash> erased{};
    };
    std::vector<Block> blocks;  // the first has seq 1
    [[nodiscard]] keys::ArchiveChain chain(std::size_t size) const;
  };

  // A device as an account lists it, with a key package.
  struct ListedDevice {
    DeviceId id;
    std::string key_package;  // base64url
  };
  // The account's devices are these from now on; its conversations take note.
  void set_devices(const keys::FollowedList& list, const std::vector<ListedDevice>& added);
  // What whoever holds this device authorises requests with.
  Json tokens_for(const Device& device);

  // A commit that is in the log moves the epoch.
  static void follow(Conversation& conversation, const wire::Commit& commit);

  HttpReply http(const std::string& method, const std::string& path, const std::string& bearer,
                 const std::string& body);
  ConnectionId open();
  void close(ConnectionId connection);
  void receive(ConnectionId connection, ByteView frame);
  // What was sent since the last call, in order.
  std::deque<Sent> take_sent() { return std::exchange(sent_, {}); }

  // Single-use key packages that the first account of all has left.
  [[nodiscard]] std::size_t available() const {
    return key_packages_.empty() ? 0 : key_packages_.begin()->second.size();
  }

  // A conversation's group as the server shows it.
  [[nodiscard]] static mls::PublicGroup shown(const Conversation& conversation);
  [[nodiscard]] std::size_t accounts() const { return accounts_.size(); }
  [[nodiscard]] std::vector<DeviceId> devices_of(const UserId& user) const;
  [[nodiscard]] std::string generation_of(const UserId& user) const { return accounts_.at(user).generation; }
  // What is kept for whoever has the recovery key, base64url.
  [[nodiscard]] std::string sealed_generation_of(const UserId& user) const {
    return accounts_.at(user).sealed_generation;
  }
  [[nodiscard]] std::string device_list_of(const UserId& user) const { return accounts_.at(user).device_list; }
  // What lies there was trimmed.
  void forget_mail(const Device& device) {
    mailboxes_[device].mails.clear();
    mailboxes_[device].trimmed = {mailboxes_[device].next - 1};
  }
  // Somebody shows a code.
  [[nodiscard]] bool has_link() const { return !links_.empty(); }

  // Puts an invitation that nobody can use into the device's mailbox.
  void tell_invited(const Device& device, const ConversationId& id, const UserId& by);

  // Puts it into the device's mailbox that its user is not in a group any more, whether that is so or not.
  void tell_removed(const Device& device, const ConversationId& id, Seq at, const UserId& by, const Bytes& note = {});

  // Puts it into the device's mailbox as the account's next generation, whatever it is.
  void tell_generation(const Device& device, const Bytes& payload);

  // Puts it into the mailboxes of this user that a request to come into a group was declined, whether it asked or not.
  void tell_declined(const UserId& user, const ConversationId& conversation);

  // Time, as the server sees it.
  std::int64_t now_ms = 1'700'000'000'000;
  HistoryId history{{1}};
  std::map<ConversationId, Conversation> conversations;
  std::map<UserId, Archive> archives;
  bool archive_is_full = false;
  std::uint64_t appends = 0;     // entries written
  std::uint64_t duplicates = 0;  // answered as before
  std::uint64_t stale = 0;
  std::uint32_t access_life_ms = 900'000;
  std::size_t piece_bytes = 1 << 20;  // of a tree, in one answer
  bool judges_groups = true;          // false: a server that lets members do what they like
  std::size_t max_group_members = 2000;
  std::size_t most_hinted = 16;              // people whose devices all hear of receipts
  std::size_t most_told = 256;               // people of whom it is told who has received what
  std::vector<std::int64_t> cursors_set_at;  // now_ms of each
  bool refuses_joins = false;                // whoever comes by a link is told that another was first
  int refuse_appends = 0;                    // so many of the next ones are answered by overloaded
  int refuse_commits = 0;                    // so many of the next ones are answered by `refusal`
  wire::ErrorCode refusal = wire::ErrorCode::rate_limited;
  int fail_http_with = 0;  // a status for every request, 0: none
  std::string code = "123456";

 private:
  struct Account {
    std::string name, identity_key, generation, device_list, sealed_generation;
    Json sealed_root;  // null, where the identity key signed the present one
    std::string pin;   // empty: none
    int wrong_pins = 0;
    std::map<DeviceId, Json> devices;  // {device, credential, leaf_key}
  };
  struct StoredMail {
    Seq seq;
    ConversationId conversation;
    Seq conversation_seq;
    UserId sender;
    Bytes payload;
    wire::MailKind kind = wire::MailKind::welcome;
  };
  struct Registration {
    std::string address;
    UserId user;
    std::string answered_body, answer;
  };
  struct Mailbox {
    std::vector<StoredMail> mails;
    std::uint64_t next = 1;
    Seq trimmed{};
  };
  // A device on its way into an account.
  struct Link {
    std::string address, token, offer, sealed;  // as they came; nothing sealed until the link is finished
    std::int64_t expires_at_ms = 0;
    std::optional<Device> claimer;
    Json device;  // that came over it
  };

  static HttpReply ok(const Json& body, int status = 200) { return {status, body.dump()}; }
  static HttpReply no(int status, const char* error) {
    return {status, Json{{"error", error}, {"message", error}}.dump()};
  }

  HttpReply route(const std::string& method, const std::string& path, const Device* caller, const Json& body);
  // What keeps this registration from a new account, where another one's address is locked.
  std::optional<HttpReply> locked(const Registration& registration, const std::string& pin);
  HttpReply create_account(const Json& body);
  HttpReply claim(const UserId& user, const Device& caller);
  // What a device gets that has just come in.
  HttpReply grant(const Device& device);
  // A device that connects or renews its tokens is seen, to the hour.
  void see(const Device& device);
  // model_server_links.cpp
  HttpReply links(const std::string& method, const std::vector<std::string>& path, const Device* caller,
                  const Json& body);
  HttpReply put_link(const std::string& name, const Json& body);
  HttpReply link_device(Link& link, const Json& body);
  // Whoever has the address and the recovery key of an account: what it needs, or (`comes`) the way in.
  HttpReply recover(const Json& body, bool comes);
  HttpReply own_devices(const std::string& method, const std::vector<std::string>& path, const Device& caller,
                        const Json& body);
  // `change` is as PUT /v1/devices takes it: the user's next list, perhaps with a generation that begins.
  HttpReply change_devices(const UserId& user, const Json& change, const std::vector<Json>& added);
  // Mail for those whom it is handed to; closed sockets and no tokens for who is not listed any more.
  void hand_over(const UserId& user, const Json& change);
  void log_out(const Device& device);
  void answer(ConnectionId to, std::uint32_t id, wire::Body body);
  void error(ConnectionId to, std::uint32_t id, wire::ErrorCode code, Epoch epoch = {}, Seq head = {}, Seq first = {});
  static void forget_notes(Conversation& conversation);
  [[nodiscard]] static bool is_member(const Conversation& conversation, const UserId& user);
  // Leaves that have to go before anything else is said.
  [[nodiscard]] static std::size_t have_to_go(const Conversation& conversation, const std::vector<keys::Seat>& seats);
  [[nodiscard]] static bool has_to_go(const Conversation& conversation);
  void hint(const std::set<Device>& to, const wire::Body& body);
  // What is shown to people.
  [[nodiscard]] bool may_send(const Conversation& group, const UserId& user) const;
  // What keeps a commit out of a group; nothing where it may come in.
  [[nodiscard]] std::optional<wire::ErrorCode> wrong_with(const Conversation& group, const wire::Commit& commit) const;
  // Whoever has no leaf any more after a commit is no member, and told so.
  void settle(const ConversationId& id, Conversation& group, Seq at, const UserId& by);
  void tell_mail(const Device& device);
  void append(ConnectionId from, std::uint32_t id, const ConversationId& conversation, const ClientId& client_id,
              Epoch epoch, wire::EntryKind kind, ByteView payload, const wire::Commit* commit);
  void handle(ConnectionId from, std::uint32_t id, const wire::Hello& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::Sync& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::Append& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::Commit& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::CreateDirect& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::FoundGroup& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::Leave& body);
  // model_server_invites.cpp
  [[nodiscard]] static std::optional<keys::JoinProof> proof_in(const wire::Commit& commit);
  [[nodiscard]] std::optional<wire::ErrorCode> wrong_with(const Conversation& group, const UserId& user,
                                                          const keys::JoinProof& proof, bool may_ask_only) const;
  [[nodiscard]] static std::vector<keys::JoinProof> asking(const Conversation& group, const UserId& told);
  void tell_who_may_answer(const ConversationId& id, const Conversation& group);
  void handle(ConnectionId from, std::uint32_t id, const wire::RequestJoin& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::DeclineJoin& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::MarkBroken& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::Read& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::ReadMailbox& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::TrimMailbox& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::SetCursor& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::GetReceipts& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::GetGroup& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::GetChanges& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::ConfirmGroup& body);
  // model_server_archive.cpp
  void hint_archive(ConnectionId from, Seq seq);
  void handle(ConnectionId from, std::uint32_t id, const wire::ArchiveAppend& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::ReadArchive& body);
  void handle(ConnectionId from, std::uint32_t id, const wire::EraseArchive& body);

  std::map<UserId, Account> accounts_;
  std::map<std::string, UserId> by_address_;
  std::map<std::string, Registration> registrations_;
  std::map<std::string, Link> links_;
  std::map<Device, std::deque<std::string>> key_packages_;
  std::map<Device, std::string> last_resort_;
  std::map<std::string, std::pair<Device, std::int64_t>> access_;  // token -> device, until
  std::map<Device, std::pair<std::string, std::string>> refresh_;  // current and predecessor
  std::set<Device> removed_;
  std::map<Device, Mailbox> mailboxes_;
  std::map<ConnectionId, std::optional<Device>> connections_;
  std::map<ConnectionId, std::set<ConversationId>> watching_;
  std::deque<Sent> sent_;
  ConnectionId next_connection_ = 0;
  std::uint64_t change_ = 0;
  std::uint64_t next_id_ = 0;
};

}  // namespace kith::test
