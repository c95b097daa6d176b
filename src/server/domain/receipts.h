// Receipts: positions of a user in a conversation, which only grow; and who is told of those of a group.
#pragma once

#include "server/domain/error.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

inline constexpr std::size_t kMostHinted = 16;  // members whose devices all hear of receipts, also with the chat closed
inline constexpr std::size_t kMostTold =
    256;  // members who are told who it is that has received and read: above, how many

// What somebody asks for, made whole: what was read was delivered. Errors: invalid_argument (behind the end of the
// log).
Result<CursorPosition> check_cursor(CursorPosition to, Seq head);

// The further of both, each by itself.
CursorPosition furthest(const CursorPosition& a, const CursorPosition& b);

struct ReceiptCounts {
  std::uint32_t of = 0;
  std::uint32_t delivered = 0;
  std::uint32_t read = 0;
  friend bool operator==(const ReceiptCounts&, const ReceiptCounts&) = default;
};
// How many of these people, each once and sorted, have the entry. Who has no cursor has nothing.
ReceiptCounts count_receipts(const std::vector<UserId>& people, const std::vector<UserCursor>& cursors, Seq entry);

}  // namespace kith::server::domain
