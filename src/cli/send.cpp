#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/delivery.h"
#include "cli/match.h"
#include "cli/mention.h"
#include "cli/messages.h"
#include "cli/recipient.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string text_of(const std::string& who, const std::vector<std::string>& words) {
  if (words.empty()) {
    throw Problem{Exit::usage, "There is no text for " + safe_line(who) +
                                   ". First comes who it is for, then the text, as in: kith send Ada hello"};
  }
  std::string text;
  if (words.size() == 1 && words.front() == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    while (!text.empty() && text.back() == '\n') text.pop_back();
  } else {
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  }
  if (text.empty()) throw Problem{Exit::usage, "There is nothing to send."};
  return text;
}

// The message that is meant by its id, or by the beginning of it among the newest.
std::string answered_message(Session& session, const Json& chat, const std::string& id) {
  constexpr std::size_t kIdCharacters = 32;
  constexpr std::size_t kNewest = 1'000;
  if (id.size() == kIdCharacters) return id;
  std::vector<std::string> found;
  const auto all = [](const Json&) { return true; };
  if (!chat.is_null()) {
    for (const Json& message : newest_messages(session, chat.at("conversation"), kNewest, all)) {
      if (id_begins(message.value("id", ""), id) && message.contains("seq")) found.push_back(message.at("id"));
    }
  }
  if (found.size() == 1) return found.front();
  throw Problem{Exit::failed, (found.empty() ? "There is no message " : "There is more than one message ") +
                                  safe_line(id) + " here. Ids are shown by: kith history WHO --ids"};
}

// The fields of `send` that are the message.
Json message_fields(Session& session, const Recipient& recipient, const Json& chat, const std::string& text,
                    const std::string& reply_to) {
  Json fields{{"type", "send"}, {"text", text}};
  if (!reply_to.empty()) fields["reply_to"] = answered_message(session, chat, reply_to);
  if (recipient.is_group() && text.find('@') != std::string::npos) {
    const Json group = session.must({{"type", "group_info"}, {"conversation", recipient.conversation}}).at("group");
    fields["mentions"] = mentions_in(text, group.at("members"), session.account().value("user", ""));
  }
  return fields;
}

bool is_verified(Session& session, const std::string& user) {
  const Json contacts = session.must({{"type", "list_contacts"}}).at("contacts");
  return std::ranges::any_of(
      contacts, [&](const Json& contact) { return contact.at("user") == user && contact.value("verified", false); });
}

// Remarks in the end, however it ends, that somebody to whom one writes was verified and is not any more: nothing else
// says so where the chat is not shown. Another identity is an error of its own.
class Trust {
 public:
  Trust(Session& session, const Recipient& recipient, const std::string& who)
      : recipient_(recipient),
        who_(who),
        was_verified_(!recipient.is_group() && is_verified(session, recipient.user)) {}
  ~Trust() {
    if (is_lost_)
      remark("You had verified " + recipient_.title +
             ", and that does not hold any more. Compare safety numbers again: kith verify " + as_argument(who_));
  }
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  void see(const Json& event) {
    if (!was_verified_ || event.value("type", "") != "contact") return;
    const Json& contact = event.at("contact");
    if (contact.value("user", "") == recipient_.user)
      is_lost_ = !contact.value("verified", false) && !contact.value("identity_changed", false);
  }

 private:
  const Recipient& recipient_;
  const std::string& who_;
  bool was_verified_;
  bool is_lost_ = false;
};

Problem not_sent(const Json& failure, const Recipient& recipient, const std::string& who) {
  if (failure.value("error", "") == "identity_changed")
    return {Exit::failed,
            recipient.title + "'s identity has changed. Compare safety numbers first: kith verify " + as_argument(who)};
  return problem_of(failure);
}

void wait_for(Session& session, const Recipient& recipient, const Delivery& delivery, const SendOptions& options,
              bool json) {
  const auto is_over = [&] { return delivery.has_reached(options.wait) || delivery.state() == "failed"; };
  const auto timeout = std::chrono::seconds(options.timeout_s);
  if (session.come_online(timeout)) session.run_until(is_over, timeout);
  if (json) say_json({{"type", "message"}, {"message", delivery.message()}, {"is_new", false}});
  if (delivery.state() == "failed") {
    const Json failure = delivery.message().value("failure", Json::object());
    throw Problem{Exit::failed, "Not sent. " + not_sent(failure, recipient, options.who).message};
  }
  if (is_over()) return;
  if (delivery.state() == "pending") {
    throw Problem{Exit::offline,
                  "Waiting for network. The message is kept and goes out the next time kith runs and has network."};
  }
  throw Problem{Exit::timed_out, "The message was sent, but is not " + options.wait + " yet."};
}

}  // namespace

void run_send(const Settings& settings, const SendOptions& options) {
  const std::string text = text_of(options.who, options.words);
  Session session(settings, false);
  session.start_with_account();
  const Recipient recipient = find_recipient(session, options.who);
  Json chat = chat_of(session, recipient);
  Trust trust(session, recipient, options.who);
  std::optional<Delivery> delivery;
  // The message may move on between the answer and the next look at it.
  std::vector<Json> early;
  session.listen([&](std::string_view, const Json& event) {
    trust.see(event);
    if (delivery) {
      delivery->see(event);
    } else {
      early.push_back(event);
    }
  });
  // What keeps one from writing may have changed since this device was last online.
  if (!why_closed(chat).empty() && session.catch_up(std::chrono::seconds(options.timeout_s)))
    chat = chat_of(session, recipient);
  if (const std::string why = why_closed(chat); !why.empty()) throw Problem{Exit::failed, why};
  Json command = recipient.field();
  command.update(message_fields(session, recipient, chat, text, options.reply_to));
  const Answer answer = session.ask(std::move(command));
  if (!answer.is_done()) throw not_sent(answer.event, recipient, options.who);
  delivery.emplace(answer.event.at("message"));
  for (const auto& event : early) delivery->see(event);
  if (options.wait == "none") {
    if (settings.json) say_json({{"type", "message"}, {"message", delivery->message()}, {"is_new", true}});
  } else {
    wait_for(session, recipient, *delivery, options, settings.json);
    if (!settings.json && stdout_is_terminal())
      say(recipient.title + "  " + painted(ticks(delivery->state(), false), Paint::faint));
  }
  session.close();
}

}  // namespace kith::cli
