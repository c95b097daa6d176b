// The chat without a terminal: a log of lines, and every line of the input is a message.
#pragma once

#include <set>
#include <string>

#include "cli/conversation.h"

namespace kith::cli {

class LineChat final : public Conversation {
 public:
  LineChat(Session& session, Recipient recipient, bool json)
      : Conversation(session, std::move(recipient)), json_(json) {}

  // Until the input ends and what it said has left, or ten seconds later is in the outbox. Failed: something of it will
  // not be sent.
  void run();

 private:
  void message(const Json& message, bool is_new) override;
  void message_gone(const std::string& id, const Json& event) override;
  void receipts(std::uint64_t, std::uint64_t) override {}
  void chat_changed() override {}
  void connection_changed() override {}
  void refused(const std::string& why) override;
  void changed() override;
  void follow(const Json& own);
  void read();

  bool json_;
  std::string line_;
  std::uint64_t newest_ = 0;              // seq of the newest message of others
  std::set<std::string> pending_, left_;  // own messages by id
  std::size_t refused_ = 0;               // messages that will not be sent ...
  std::string why_;                       // ... the last of them for this reason
  bool is_live_ = false;
  bool is_input_over_ = false;
  bool is_hurried_ = false;
};

}  // namespace kith::cli
