// This device's mailbox, one piece of mail after the other, each once: Welcomes, that this user is not in a group any
// more, and the account's next generations.
//
// A Welcome that one of our key packages opens, with the tree that the server has for it, makes us a member, in one
// batch with the deletion of the key package and the position in the mailbox; the server may forget it only then. One
// whose key package is gone makes us rejoin by external commit.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/ids.h"
#include "client/core/group_reader.h"
#include "mls/welcome.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

class Mailbox {
 public:
  static constexpr std::size_t kMaxWaiting = 256;
  // Conversations that a server can make us keep by inventing invitations.
  static constexpr std::size_t kMaxNeverJoined = 64;
  static constexpr std::int64_t kRetryMs = 1'000;
  static constexpr std::uint32_t kMostTries = 60;
  static constexpr std::int64_t kMaxRetryMs = 60'000;

  explicit Mailbox(Machine& machine) : machine_(machine) {}

  void hinted(const wire::MailHint& hint);
  // The mailbox reaches to here, says the server.
  void told(Seq head);
  void read_now();
  // The server has another mailbox: it was restored.
  void history_changed();
  void disconnected();
  // Reads and processes what can be now; called at the end of every input.
  void advance();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;
  // There is some that is not processed, or may be.
  [[nodiscard]] bool has_mail() const { return !waiting_.empty() || wanted_ || reading_; }

 private:
  struct Item {
    Seq seq;
    wire::MailKind kind = wire::MailKind::unknown;
    ConversationId conversation;
    Seq conversation_seq;
    UserId sender;
    Bytes payload;
    bool is_misnamed = false;  // it is to another conversation than the server said
  };

  void keep(const wire::Mail& mail);
  void read();
  void answered(Seq after, const wire::Body& body);
  void missed_mail();
  void process();
  void welcome(const Item& mail);
  void removed(const Item& mail);
  void may_be_of_another();
  void read_again();
  [[nodiscard]] std::optional<UserId> peer_of(const Item& mail, const class Chat* chat) const;
  class Chat& chat_of(const Item& mail);
  [[nodiscard]] bool opens(const Item& mail) const;
  [[nodiscard]] static bool is_coming_in(const class Chat& chat);
  // An invitation to it brings nothing, or not yet: then it is done with, or looked at later.
  bool is_passed_by(const class Chat& chat);
  void find_key();
  void open(const Bytes& ref);
  void ask_tree(mls::KeyPackageSecrets secrets);
  void join(const mls::KeyPackageSecrets& secrets, const ShownGroup& shown);
  void is_to(const ConversationId& group);
  void rejoin(const std::string& why);
  [[nodiscard]] bool is_overtaken() const;
  [[nodiscard]] Seq last() const;  // that waits, or was processed
  // All that the server has is here, or as much as may wait.
  [[nodiscard]] bool is_read() const;
  void was_taken_back();
  void try_later(std::int64_t after_ms);
  void done();
  void trim();

  Machine& machine_;
  std::deque<Item> waiting_;      // contiguous, from the position on
  bool working_ = false;          // the first one waits, for the store ...
  bool asking_ = false;           // ... or for the server
  std::int64_t retry_at_ = 0;     // on Machine::clock_ms
  bool is_front_former_ = false;  // of a mailbox that is no more
  std::uint32_t tries_ = 0;
  Seq reading_until_{};       // the mail that a log is being read for
  bool was_trimmed_ = false;  // beyond what this device had read, in this life
  Seq gone_up_to_{};          // of the mail up to here the server has none any more, it says on this connection
  // Of the Welcome at hand:
  std::optional<UserId> peer_{};  // the other one, where it is to a direct conversation as far as is known
  bool is_of_its_group_ = false;  // its group is the one that it is said to be
  mls::LeafIndex signer_{};
  bool reading_ = false;
  bool wanted_ = false;
  bool must_trim_ = true;
  bool trimming_ = false;
};

}  // namespace kith::client
