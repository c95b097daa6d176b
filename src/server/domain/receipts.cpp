#include "server/domain/receipts.h"

#include <algorithm>

namespace kith::server::domain {

Result<CursorPosition> check_cursor(CursorPosition to, Seq head) {
  to.delivered = std::max(to.delivered, to.read);
  if (to.delivered > head) return fail(Errc::invalid_argument, "a receipt for what is not in the log");
  return to;
}

CursorPosition furthest(const CursorPosition& a, const CursorPosition& b) {
  return {std::max(a.delivered, b.delivered), std::max(a.read, b.read)};
}

ReceiptCounts count_receipts(const std::vector<UserId>& people, const std::vector<UserCursor>& cursors, Seq entry) {
  ReceiptCounts counts{.of = static_cast<std::uint32_t>(people.size())};
  for (const UserCursor& cursor : cursors) {
    if (!std::ranges::binary_search(people, cursor.user)) continue;
    if (cursor.position.delivered >= entry) ++counts.delivered;
    if (cursor.position.read >= entry) ++counts.read;
  }
  return counts;
}

}  // namespace kith::server::domain
