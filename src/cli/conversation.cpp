#include "cli/conversation.h"

#include <algorithm>

#include "cli/mention.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr int kPage = 100;

}  // namespace

Conversation::Conversation(Session& session, Recipient recipient)
    : session_(session), recipient_(std::move(recipient)) {
  session_.listen([this](std::string_view, const Json& event) { see(event); });
}

bool Conversation::load() {
  names_ = Names::load(session_);
  const Json chat = chat_of(session_, recipient_);
  if (chat.is_null()) return false;
  take(chat);
  look_at_members();
  read_seq_ = chat.value("read_seq", std::uint64_t{0});
  has_unread_ = chat.value("unread", 0) > 0;
  receipts(chat.value("peer_delivered", std::uint64_t{0}), chat.value("peer_read", std::uint64_t{0}));
  const Json page = session_.must({{"type", "list_messages"}, {"conversation", conversation_}, {"limit", kPage}});
  has_older_ = page.value("more", false);
  for (const auto& m : page.at("messages")) message(m, false);
  return true;
}

void Conversation::load_older(double before) {
  if (!has_older_ || std::exchange(is_loading_, true)) return;
  load_page({{"before", before}});
}

void Conversation::load_page(Json command) {
  command.update({{"type", "list_messages"}, {"conversation", conversation_}, {"limit", kPage}});
  session_.send(std::move(command), [this](const Answer& answer) {
    is_loading_ = false;
    if (!answer.is_done()) return;
    has_older_ = answer.event.value("more", false);
    for (const auto& m : answer.event.at("messages")) message(m, false);
    changed();
  });
}

void Conversation::load_newest() {
  if (!std::exchange(is_loading_, true)) load_page(Json::object());
}

void Conversation::take(const Json& chat) {
  know(chat.at("conversation"));
  if (recipient_.is_group()) recipient_.title = safe_line(chat.value("title", ""));
  closed_ = why_closed(chat);
  chat_changed();
}

void Conversation::look_at_members() {
  if (!recipient_.is_group()) return;
  session_.send({{"type", "group_info"}, {"conversation", conversation_}}, [this](const Answer& answer) {
    if (answer.is_done()) members_ = answer.event.at("group").value("members", Json::array());
  });
}

void Conversation::know(const std::string& conversation) {
  if (conversation_ == conversation) return;
  conversation_ = conversation;
  session_.send({{"type", "open_chat"}, {"conversation", conversation}}, [](const Answer&) {});
}

void Conversation::send(const std::string& text, const std::string& reply_to) {
  if (!closed_.empty()) return refused(closed_);
  ++unanswered_;
  Json command = recipient_.field();
  command.update({{"type", "send"},
                  {"text", text},
                  {"mentions", mentions_in(text, members_, session_.account().value("user", ""))}});
  if (!reply_to.empty()) command["reply_to"] = reply_to;
  session_.send(std::move(command), [this](const Answer& answer) {
    --unanswered_;
    if (answer.is_done()) {
      const Json& sent = answer.event.at("message");
      know(sent.at("conversation"));
      message(sent, true);
    } else {
      refused(problem_of(answer.event).message);
    }
    changed();
  });
}

void Conversation::retry(const std::string& id) {
  session_.send({{"type", "retry"}, {"conversation", conversation_}, {"message", id}}, [](const Answer&) {});
}

void Conversation::mark_read(std::uint64_t seq) {
  if (seq <= read_seq_ || conversation_.empty()) return;
  read_seq_ = seq;
  session_.send({{"type", "mark_read"}, {"conversation", conversation_}, {"seq", seq}}, [](const Answer&) {});
}

void Conversation::see(const Json& event) {
  const std::string type = event.value("type", "");
  if (type == "connection") {
    connection_changed();
  } else if (type == "contact") {
    names_.put(event.at("contact"));
  } else if (type == "chat" && recipient_.is_chat(event.at("chat"))) {
    take(event.at("chat"));
  } else if (type == "message" && is_ours(event.at("message").value("conversation", ""))) {
    message(event.at("message"), event.value("is_new", false));
  } else if (type == "history") {
    const Json conversations = event.value("conversations", Json::array());
    if (std::ranges::none_of(conversations, [&](const std::string& one) { return is_ours(one); })) return;
    has_older_ = true;
    history_came();
  } else if (type == "group_changed" && is_ours(event.value("conversation", ""))) {
    look_at_members();
  } else if (type == "message_gone" && is_ours(event.value("conversation", ""))) {
    message_gone(event.value("message", ""), event);
  } else if (type == "receipts" && is_ours(event.value("conversation", ""))) {
    receipts(event.value("delivered", std::uint64_t{0}), event.value("read", std::uint64_t{0}));
  } else {
    return;
  }
  changed();
}

bool Conversation::is_ours(const std::string& conversation) const {
  return !conversation_.empty() && conversation == conversation_;
}

}  // namespace kith::cli
