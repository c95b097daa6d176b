// What follows in accounts and notes from who is in a conversation now, whatever led here and however often: an older
// reason does not undo a newer one.
#include "server/service/conversations.h"
#include "server/service/rows.h"

namespace kith::server::service {

Task<bool> ConversationService::settle(ConversationId conversation, UserId user) {
  const auto account = domain::account_partition(user);
  const domain::RowKey key{domain::RowKind::membership, to_bytes(conversation.view())};
  while (true) {
    const auto state = co_await load_state(conversation);
    const auto row = co_await ports_.store.row(account, key);
    if (!state || !row) co_return false;
    const bool is_in = *state && (*state)->has_member(user);
    if (is_in == row->has_value()) co_return co_await compare_devices(conversation, user);
    domain::Transaction t{.partition = account};
    t.expects.push_back({key, *row ? (*row)->version : 0});
    t.writes.push_back({key, is_in ? std::optional(Bytes{1}) : std::nullopt});
    const auto outcome = co_await ports_.store.commit(std::move(t));
    if (!outcome) co_return false;
    // Looked at again: what this rests on may have moved while it was written, and been settled before it.
  }
}

// On the list and the seats of now.
Task<bool> ConversationService::compare_devices(ConversationId conversation, UserId user) {
  while (true) {
    const auto state = co_await load_state(conversation);
    const auto directory = co_await directory_of({user});
    if (!state || !directory) co_return false;
    if (!*state || directory->empty()) co_return true;
    const domain::ConversationState& now = **state;
    const keys::FollowedList& list = directory->at(user).followed;
    // Of whoever leaves all leaves go, whatever the list says.
    const bool agrees = !now.has_member(user) || domain::agrees(now.group.seats, list);
    const auto noted = now.notes.lists.find(user);
    const bool is_noted = noted != now.notes.lists.end();
    if (agrees && !is_noted) co_return true;
    if (!agrees && is_noted && noted->second == list) {
      hints_.tell_changes(now, std::nullopt);  // looked at again: whoever noted it may have died before it told
      co_return true;
    }
    domain::Transaction t{.partition = domain::partition_of(conversation)};
    t.expects.push_back({domain::group_row(), now.version});
    t.expects.push_back({domain::notes_row(), now.notes_version});
    if (!agrees) {
      t.writes = domain::note_rows(list);
    } else {
      t.writes.push_back({domain::noted_list_row(user), std::nullopt});
      bool is_last = now.notes.size() == 1;
      if (is_last) {
        const auto marks = co_await ports_.store.rows(t.partition, domain::RowKind::broken_mark, {}, {}, 1);
        if (!marks) co_return false;
        is_last = marks->empty();
      }
      // Whatever is left is another set of notes, which the version stands for.
      t.writes.push_back({domain::notes_row(), is_last ? std::nullopt : std::optional(Bytes{1})});
    }
    const auto outcome = co_await ports_.store.commit(std::move(t));
    if (!outcome) co_return false;
    if (!std::holds_alternative<domain::Committed>(*outcome)) continue;
    cache_.forget(conversation);
    hints_.tell_changes(now, std::nullopt);
    co_return true;
  }
}

}  // namespace kith::server::service
