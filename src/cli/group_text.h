// Groups in words and lines. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// A Group of schema/core.d.ts as a page: name, description, who is in it, what they may do, its invite links with the
// server's address before them, the id.
std::string group_page(const Json& group, const Names& names, const std::string& server, std::int64_t now_ms);
// Whether an Invite is of a time that is over.
bool has_expired(const Json& invite, std::int64_t now_ms);
// A Chat that is a group as a line of a table: name, the user's role in it, the id.
std::string group_line(const Json& chat);
// Who could not be added and why, a line each. `not_added`: of `add_members`.
std::string not_added_text(const Json& not_added, const Names& names);

}  // namespace kith::cli
