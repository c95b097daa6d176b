#include "client/core/repeats.h"

#include <algorithm>

namespace kith::client {

void Repeats::restore(const std::vector<Row>& rows) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const auto message = mls::decoded<MessageRecord>(row->value);
    if (!message) continue;
    // There may be more before the oldest of so many.
    if (row == rows.rbegin() && rows.size() >= kKept) all_from_ = message->order + 1;
    came(*message);
  }
}

void Repeats::came(const MessageRecord& message) {
  if (message.place > 0) return;
  const ClientId& id = message.is_again ? message.first_id : message.id;
  std::erase_if(names_, [&](const Name& name) {
    return name.order == message.order || (!message.is_line() && name.sender == message.sender && name.id == id);
  });
  // A line has its entry's name by the server's word alone.
  if (message.is_line()) return;
  names_.push_back({message.sender, id, message.order});
  if (names_.size() <= kKept) return;
  const auto oldest = std::ranges::min_element(names_, {}, &Name::order);
  all_from_ = std::max(all_from_, oldest->order + 1);
  names_.erase(oldest);
}

std::optional<std::uint64_t> Repeats::find(const UserId& sender, const ClientId& id) const {
  const auto at = std::find_if(names_.rbegin(), names_.rend(),
                               [&](const Name& name) { return name.sender == sender && name.id == id; });
  return at == names_.rend() ? std::nullopt : std::optional(at->order);
}

}  // namespace kith::client
