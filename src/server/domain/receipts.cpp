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

}  // namespace kith::server::domain
