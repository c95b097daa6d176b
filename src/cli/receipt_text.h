// Who has received and read a message, in words. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// The answer to `receipts` of schema/core.d.ts: who has read, received, neither, each by name; of a large group
// numbers.
std::string receipts_page(const Json& receipts, const Names& names);

// Which own message is meant: 1 and so on for the last ones, in at most five digits. Nothing where it is no such
// number.
std::optional<int> number_of_message(const std::string& text);

}  // namespace kith::cli
