#include "cli/commands.h"
#include "cli/console.h"
#include "cli/match.h"
#include "cli/messages.h"
#include "cli/names.h"
#include "cli/receipt_text.h"
#include "cli/recipient.h"
#include "cli/session.h"

namespace kith::cli {
namespace {

// The own message that is meant, among those that are sent; null where there is none.
Json own_message(Session& session, const std::string& conversation, const std::string& which) {
  const auto number = number_of_message(which);
  int nth = 0;
  Json found;
  const auto look = [&](const Json& message) {
    if (!message.value("mine", false) || !message.contains("seq")) return true;
    ++nth;
    if (number ? nth == *number : id_begins(message.value("id", ""), which)) found = message;
    return found.is_null();
  };
  (void)newest_messages(session, conversation, SIZE_MAX, look);
  return found;
}

}  // namespace

void run_receipts(const Settings& settings, const ReceiptsOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Recipient recipient = find_recipient(session, options.who);
  // What has moved meanwhile; without the server the core says what it needs.
  session.catch_up(std::chrono::seconds(10));
  const Json chat = chat_of(session, recipient);
  const Json message = chat.is_null() ? Json() : own_message(session, chat.at("conversation"), options.message);
  if (message.is_null()) throw Problem{Exit::failed, "There is no such message of yours that is sent."};
  Json receipts =
      session.must({{"type", "receipts"}, {"conversation", chat.at("conversation")}, {"order", message.at("order")}});
  if (settings.json) {
    receipts["type"] = "message_receipts";
    receipts["message"] = message;
    receipts.erase("id");
    say_json(receipts);
  } else {
    const Names names = Names::load(session);
    say(message_line(message, names.sender(message), names));
    say(receipts_page(receipts, names));
  }
  session.close();
}

}  // namespace kith::cli
