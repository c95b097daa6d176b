// The model server's part in receipts. It gathers nothing: each cursor that moves is a hint of its own.
#include <algorithm>

#include "tests/support/model_server.h"

namespace kith::test {

namespace {

std::set<UserId> users_of(const ModelServer::Conversation& conversation) {
  std::set<UserId> users;
  for (const ModelServer::Device& device : conversation.leaves) users.insert(device.first);
  return users;
}

}  // namespace

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::SetCursor& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end() || !at->second.leaves.contains(device))
    return error(from, id, wire::ErrorCode::not_member);
  wire::Cursor& cursor = at->second.cursors[device.first];
  cursor.delivered = std::max(cursor.delivered, body.delivered);
  cursor.read = std::max(cursor.read, body.read);
  at->second.change = ++change_;
  cursors_set_at.push_back(now_ms);
  answer(from, id, wire::Ok{});
  const std::size_t people = users_of(at->second).size();
  for (const auto& [connection, live] : connections_) {
    if (!live || !at->second.leaves.contains(*live)) continue;
    if (!at->second.is_group) {
      if (*live != device) answer(connection, 0, wire::CursorHint{body.conversation, cursor});
    } else if (people <= most_hinted || (people <= most_told && watching_[connection].contains(body.conversation))) {
      answer(connection, 0, wire::CursorsHint{body.conversation, {cursor}});
    }
  }
}

// Who came after the entry is counted as well: to know better takes the epochs.
void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::GetReceipts& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end() || !at->second.leaves.contains(device))
    return error(from, id, wire::ErrorCode::not_member);
  if (body.watch) {
    watching_[from].insert(body.conversation);
  } else {
    watching_[from].erase(body.conversation);
  }
  wire::Receipts told;
  const auto users = users_of(at->second);
  if (users.size() > most_told) {
    if (body.seq == Seq{} || body.seq.value > at->second.log.size())
      return error(from, id, wire::ErrorCode::invalid_argument);
    told.counted = true;
    told.of = static_cast<std::uint32_t>(users.size() - 1);
    for (const auto& [user, cursor] : at->second.cursors) {
      if (user == at->second.log[body.seq.value - 1].sender.first) continue;
      if (cursor.delivered >= body.seq) ++told.delivered;
      if (cursor.read >= body.seq) ++told.read;
    }
  } else {
    for (const auto& [user, cursor] : at->second.cursors) told.cursors.push_back(cursor);
  }
  answer(from, id, told);
}

}  // namespace kith::test
