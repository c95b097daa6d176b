// A command that changes how a chat stands, is shown or told of: on this device, and before the program ends on the
// account's other ones.
#pragma once

#include "cli/recipient.h"
#include "cli/session.h"

namespace kith::cli {

struct ChangedChat {
  Recipient recipient;
  Json chat;  // as it is now
};

// `command` lacks the conversation, which `who` says. Errors are thrown.
ChangedChat change_chat(Session& session, const std::string& who, Json command);
// Waits until the account's other devices can know; without a connection, says that they will.
void tell_other_devices(Session& session);

}  // namespace kith::cli
