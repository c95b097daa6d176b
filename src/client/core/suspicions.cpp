#include "client/core/suspicions.h"

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

std::optional<std::int64_t> Suspicions::settle() {
  const std::int64_t clock_ms = chat_.machine().clock_ms();
  std::erase_if(lasting_, [&](const auto& item) { return !now_.contains(item.first); });
  std::optional<std::int64_t> again;
  for (const auto& [user, sentence] : now_) {
    Lasting& lasting = lasting_.try_emplace(user, clock_ms).first->second;
    if (lasting.is_told) continue;
    lasting.is_told = clock_ms >= lasting.since_ms + kPatienceMs;
    if (lasting.is_told) {
      chat_.machine().warn("device_list_refused", sentence, &chat_.id());
    } else {
      again = clock_ms + kLookAgainMs;
    }
  }
  return again;
}

}  // namespace kith::client
