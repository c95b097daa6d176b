// Receipts: positions of a user in a conversation, which only grow.
#pragma once

#include "server/domain/error.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

// What somebody asks for, made whole: what was read was delivered. Errors: invalid_argument (behind the end of the
// log).
Result<CursorPosition> check_cursor(CursorPosition to, Seq head);

// The further of both, each by itself.
CursorPosition furthest(const CursorPosition& a, const CursorPosition& b);

}  // namespace kith::server::domain
