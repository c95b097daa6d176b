// What the user writes: the fields of "send" that are not whom it goes to, read and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/core/commands.h"
#include "wire/content.h"

namespace kith::client {

struct Draft {
  std::string text;
  std::optional<ClientId> reply_to;     // a message of the chat
  std::vector<wire::Mention> mentions;  // in the order of the text; whether they are members is not looked at here
};

// Nothing, and `reply` has failed, where it is not what schema/core.d.ts says.
[[nodiscard]] std::optional<Draft> draft_in(const Json& command, const Reply& reply);

}  // namespace kith::client
