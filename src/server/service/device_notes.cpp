// Where the leaves of a conversation do not agree with a user's device list.
#include "server/service/conversations.h"
#include "server/service/rows.h"

namespace kith::server::service {

// On the list and the seats of now, whatever led here and however often: an older reason does not undo a newer one.
Task<bool> ConversationService::compare_devices(ConversationId conversation, UserId user) {
  while (true) {
    const auto state = co_await load_state(conversation);
    const auto directory = co_await directory_of({user});
    if (!state || !directory) co_return false;
    if (!*state || directory->empty()) co_return true;
    const domain::ConversationState& now = **state;
    const keys::FollowedList& list = directory->at(user).followed;
    const bool agrees = domain::agrees(now.group.seats, list);
    const auto noted = now.notes.find(user);
    if (agrees ? noted == now.notes.end() : noted != now.notes.end() && noted->second == list) co_return true;
    domain::Transaction t{.partition = domain::partition_of(conversation)};
    t.expects.push_back({domain::group_row(), now.version});
    t.expects.push_back({domain::notes_row(), now.notes_version});
    if (!agrees) {
      t.writes = domain::note_rows(list);
    } else {
      t.writes.push_back({domain::noted_list_row(user), std::nullopt});
      if (now.notes.size() == 1) t.writes.push_back({domain::notes_row(), std::nullopt});
    }
    const auto outcome = co_await ports_.store.commit(std::move(t));
    if (!outcome) co_return false;
    if (!std::holds_alternative<domain::Committed>(*outcome)) continue;
    cache_.forget(conversation);
    const domain::BusMessage message{.frame = ports_.hints.changes(conversation)};
    for (const UserId& member : now.members) ports_.bus.publish(member, message);
    co_return true;
  }
}

}  // namespace kith::server::service
