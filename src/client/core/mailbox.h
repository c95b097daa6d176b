// This device's mailbox: Welcomes, one after the other, each once.
//
// A Welcome that one of our key packages opens makes us a member, in one batch with the deletion of the key package and
// the position in the mailbox; the server may forget it only then. One whose key package is gone makes us rejoin by
// external commit.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/ids.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

class Mailbox {
 public:
  static constexpr std::size_t kMaxWaiting = 256;
  // Conversations that a server can make us keep by inventing invitations.
  static constexpr std::size_t kMaxNeverJoined = 64;

  explicit Mailbox(Machine& machine) : machine_(machine) {}

  void hinted(const wire::MailHint& hint);
  // The mailbox reaches to here, says the server.
  void told(Seq head);
  void read_now();
  void disconnected();
  // Reads and processes what can be now; called at the end of every input.
  void advance();

 private:
  struct Item {
    Seq seq;
    wire::MailKind kind = wire::MailKind::unknown;
    ConversationId conversation;
    Seq conversation_seq;
    UserId sender;
    Bytes payload;
  };

  void keep(const wire::Mail& mail);
  void read();
  void answered(Seq after, const wire::Body& body);
  void process();
  void welcome(const Item& mail);
  void find_key();
  void open(const Bytes& ref);
  void rejoin(const std::string& why);
  void done();

  Machine& machine_;
  std::deque<Item> waiting_;  // contiguous, from the position on
  bool working_ = false;      // the first one waits for the store
  bool reading_ = false;
  bool wanted_ = false;
  bool trim_ = false;
};

}  // namespace kith::client
