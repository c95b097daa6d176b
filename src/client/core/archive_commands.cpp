#include "client/core/archive_commands.h"

#include "client/core/machine.h"

namespace kith::client {

bool ArchiveCommands::run(const std::string& type, const Reply& reply, const Json& command) {
  if (type == "set_archive") {
    if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet."), true;
    machine_.archive.set_on(flag_field(command, "is_on"));
    return reply.done({}), true;
  }
  if (type == "settle_archive") return machine_.archive.writer.settle_for(reply, flag_field(command, "messages")), true;
  if (type != "pin_chat" && type != "put_away") return false;
  const auto id = id_field<ConversationId>(command, "conversation");
  Chat* chat = id ? machine_.chats.find_shown(*id) : nullptr;
  if (chat == nullptr) return reply.failed("unknown_conversation", "There is no such conversation."), true;
  if (type == "pin_chat") {
    chat->archive.set_pinned(flag_field(command, "is_pinned"));
  } else {
    chat->archive.set_put_away(flag_field(command, "is_put_away"));
  }
  return reply.done({}), true;
}

}  // namespace kith::client
