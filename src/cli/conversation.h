// What both kinds of chat do: load one conversation, follow its events, send, mark read. How it is shown is the derived
// class's.
#pragma once

#include <string>

#include "cli/names.h"
#include "cli/recipient.h"
#include "cli/session.h"

namespace kith::cli {

class Conversation {
 public:
  // Listens to the session from here on; nothing else may then.
  Conversation(Session& session, Recipient recipient);
  virtual ~Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

 protected:
  virtual void message(const Json& message, bool is_new) = 0;
  // It is in the chat no more; the event that says so.
  virtual void message_gone(const std::string& id, const Json& event) = 0;
  virtual void receipts(std::uint64_t delivered, std::uint64_t read) = 0;
  // recipient_.title or closed_ may be others now.
  virtual void chat_changed() = 0;
  virtual void connection_changed() = 0;
  // What was said here before this device came is in the chat now, as far as it has come.
  virtual void history_came() {}
  virtual void refused(const std::string& why) = 0;
  // After any of the above.
  virtual void changed() = 0;

  // The newest messages and where the unread ones begin; false if there is no chat yet.
  bool load();
  // The messages before this order, if there are any; they come by message().
  void load_older(double before);
  // The newest page once more.
  void load_newest();
  // `reply_to`: the id of the message that it answers; empty: none.
  void send(const std::string& text, const std::string& reply_to = "");
  void retry(const std::string& id);
  void mark_read(std::uint64_t seq);

  Session& session_;
  Recipient recipient_;
  Names names_;
  std::string closed_;            // why nothing can be written; empty where it can
  Json members_ = Json::array();  // of a group, for whom a text may name
  std::uint64_t read_seq_ = 0;
  bool has_unread_ = false;
  std::size_t unanswered_ = 0;  // sends that the core has not taken yet

 private:
  void see(const Json& event);
  void load_page(Json command);
  void look_at_members();
  void take(const Json& chat);
  // This is the chat: it is on the screen from now on.
  void know(const std::string& conversation);
  [[nodiscard]] bool is_ours(const std::string& conversation) const;

  std::string conversation_;  // empty until there is one
  bool has_older_ = false;
  bool is_loading_ = false;
};

}  // namespace kith::cli
