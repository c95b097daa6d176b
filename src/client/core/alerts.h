// Whether the user is to be told of a message that has just come: how much of a chat the user wants to hear of, and
// until when nothing at all. Both are kept with the chat. A mute ends by the clock on the wall, also while the core
// rests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/core/json.h"
#include "client/core/record.h"

namespace kith::client {

class Chat;

class Alerts {
 public:
  explicit Alerts(Chat& chat) : chat_(chat) {}

  void set_level(AlertLevel level);
  // kMutedForEver: until it is taken back. What is over by now mutes nothing.
  void mute_until(std::int64_t until_ms);
  [[nodiscard]] bool is_muted() const;
  // Whether to tell of this message of somebody else, which is shown as new.
  [[nodiscard]] bool tells_of(const MessageRecord& message) const;
  // Ends a mute that is over, or sees to it that somebody does.
  void advance();
  // The fields of a Chat.
  void add_to(Json& chat) const;

 private:
  Chat& chat_;
};

[[nodiscard]] std::optional<AlertLevel> alert_level_of(const std::string& name);

}  // namespace kith::client
