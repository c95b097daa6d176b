// Messages and lines as they are stored, and as blocks of the archive have them.
#pragma once

#include <optional>

#include "client/core/record.h"
#include "wire/archive.h"

namespace kith::client {

// nullopt: a row that is this device's alone.
[[nodiscard]] std::optional<wire::ArchivedMessage> archived(const MessageRecord& message, std::uint64_t base);

// With its place and order. What was sent again stands where it first was, under its first name. nullopt: nothing that
// people are to see. `self`: whose devices these are.
[[nodiscard]] std::optional<MessageRecord> recalled(const wire::ArchivedMessage& message, std::uint64_t base,
                                                    const UserId& self);

// As a list of chats shows it.
void shorten(MessageRecord& message);

}  // namespace kith::client
