#include "cli/chat_change.h"

#include "cli/console.h"

namespace kith::cli {

ChangedChat change_chat(Session& session, const std::string& who, Json command) {
  const Recipient recipient = find_recipient(session, who);
  const Json chat = chat_of(session, recipient);
  if (chat.is_null()) throw Problem{Exit::failed, "There are no messages with " + recipient.title + " yet."};
  command["conversation"] = chat.at("conversation");
  session.must(std::move(command));
  return {recipient, chat_of(session, recipient)};
}

void tell_other_devices(Session& session) {
  constexpr std::chrono::seconds kPatience{10};
  const bool is_told = session.catch_up(kPatience) && session.ask({{"type", "settle_archive"}}).is_done();
  if (!is_told) remark("Your other devices hear of it once this one is online.");
}

}  // namespace kith::cli
