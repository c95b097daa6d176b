#include "client/core/chats.h"

#include <algorithm>
#include <functional>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kSettlingMs = 10'000;
}  // namespace

bool Chats::restore(ByteView id, ByteView bytes) {
  const auto conversation = ConversationId::from(id);
  auto record = mls::decoded<ChatRecord>(bytes);
  if (!conversation || !record) return false;
  auto chat = std::make_unique<Chat>(machine_, *conversation, *std::move(record));
  const ChatRecord& restored = chat->record();
  const bool is_hidden = restored.archive.shadow == Shadow::hidden;
  // A link led nowhere.
  if (restored.membership == Membership::out && !is_hidden && !chat->is_shown())
    return machine_.erase(row_key::chat(*conversation)), true;
  // These two go on without anything else happening here.
  if (restored.muted_until_ms != 0 || restored.is_unread_old) poke(*conversation);
  if (is_hidden) shadows_.insert(*conversation);
  chats_.insert_or_assign(*conversation, std::move(chat));
  return true;
}

Chat* Chats::find_shown_or_not(const ConversationId& id) {
  const auto at = chats_.find(id);
  return at == chats_.end() ? nullptr : at->second.get();
}

Chat* Chats::find(const ConversationId& id) {
  Chat* chat = find_shown_or_not(id);
  return chat == nullptr || chat->record().archive.shadow != Shadow::none ? nullptr : chat;
}

Chat* Chats::find_shown(const ConversationId& id) {
  Chat* chat = find_shown_or_not(id);
  return chat == nullptr || chat->record().archive.shadow == Shadow::hidden ? nullptr : chat;
}

Chat& Chats::recollect(const ConversationId& conversation, const std::optional<UserId>& peer) {
  if (Chat* known = find_shown_or_not(conversation)) return *known;
  ChatRecord record{.last = {}};
  if (peer) {
    record.peer = *peer;
  } else {
    record.group.emplace();
    record.membership = Membership::out;
  }
  record.archive.shadow = Shadow::hidden;
  shadows_.insert(conversation);
  return add(conversation, std::move(record));
}

void Chats::show_shadows() {
  if (shadows_.empty() || !machine_.arrivals.is_done() || machine_.mailbox.has_mail()) return;
  for (const ConversationId& id : std::exchange(shadows_, {})) {
    Chat& chat = *find_shown_or_not(id);
    chat.record().archive.shadow = Shadow::shown;
    chat.changed();
  }
}

Chat& Chats::made_real(Chat& shadow) {
  shadow.record().archive.shadow = Shadow::none;
  shadow.record().membership = Membership::none;
  shadow.has_only_messages();
  shadows_.erase(shadow.id());
  shadow.changed();
  return shadow;
}

Chat& Chats::with(const UserId& peer) {
  const ConversationId id = keys::direct_conversation(machine_.account.user(), peer);
  if (Chat* known = find_shown_or_not(id))
    return known->record().archive.shadow == Shadow::none ? *known : made_real(*known);
  return add(id, {.peer = peer, .last = {}});
}

Chat& Chats::group(const ConversationId& id) {
  Chat* known = find_shown_or_not(id);
  if (known != nullptr && known->record().archive.shadow == Shadow::none) return *known;
  GroupFacts facts;
  if (const auto foretold = foretold_.find(id); foretold != foretold_.end()) {
    facts.profile.name = foretold->second;
    facts.source = ProfileSource::before;
    machine_.erase(row_key::foretold(id));
    foretold_.erase(foretold);
  }
  if (known != nullptr) {
    GroupFacts& recalled = *known->record().group;
    if (recalled.profile.name.empty()) recalled = std::move(facts);
    return made_real(*known);
  }
  return add(id, {.group = std::move(facts), .last = {}});
}

Chat& Chats::add(const ConversationId& id, ChatRecord record) {
  record.order_base = ChatArchive::kRoomForOlder;
  auto& chat = chats_[id];
  record.history = machine_.sync.history();
  chat = Chat::make_new(machine_, id, std::move(record));
  chat->changed();
  return *chat;
}

bool Chats::meets_history() const {
  return std::ranges::any_of(chats_, [](const auto& chat) { return chat.second->junction.has_work(); });
}

std::vector<ConversationId> Chats::ids() const {
  std::vector<ConversationId> ids;
  for (const auto& [id, chat] : chats_) {
    if (chat->record().archive.shadow == Shadow::none) ids.push_back(id);
  }
  return ids;
}

std::vector<ConversationId> Chats::all_ids() const {
  std::vector<ConversationId> ids;
  for (const auto& [id, chat] : chats_) ids.push_back(id);
  return ids;
}

void Chats::foretell(const std::vector<keys::KnownGroup>& groups) {
  for (const keys::KnownGroup& group : groups) {
    if (group.name.empty()) continue;
    machine_.put(row_key::foretold(group.conversation), to_secret(as_view(group.name)));
    foretold_.insert_or_assign(group.conversation, group.name);
  }
}

void Chats::forget_foretold() {
  for (const auto& [id, name] : foretold_) machine_.erase(row_key::foretold(id));
  foretold_.clear();
}

bool Chats::restore_foretold(ByteView id, ByteView name) {
  const auto conversation = ConversationId::from(id);
  if (conversation) foretold_.insert_or_assign(*conversation, std::string(as_text(name)));
  return conversation.has_value();
}

std::vector<keys::KnownGroup> Chats::known_groups(std::size_t most) const {
  std::vector<std::pair<std::int64_t, keys::KnownGroup>> found;
  for (const auto& [id, chat] : chats_) {
    const ChatRecord& record = chat->record();
    if (!record.group || record.membership != Membership::member || record.group->profile.name.empty() ||
        record.group->profile.name.size() > keys::KnownGroup::kMaxNameBytes)
      continue;
    found.emplace_back(record.last_ms, keys::KnownGroup{id, record.group->profile.name});
  }
  std::ranges::sort(found, std::greater{}, &std::pair<std::int64_t, keys::KnownGroup>::first);
  std::vector<keys::KnownGroup> groups;
  for (auto& [last_ms, group] : found) {
    if (groups.size() < most) groups.push_back(std::move(group));
  }
  return groups;
}

std::size_t Chats::never_joined() const {
  return static_cast<std::size_t>(std::ranges::count_if(chats_, [](const auto& chat) {
    const ChatRecord& record = chat.second->record();
    return record.membership == Membership::lost && record.position.value == 0;
  }));
}

Json Chats::list() const {
  std::vector<const Chat*> chats;
  for (const auto& [id, chat] : chats_) {
    if (chat->is_shown()) chats.push_back(chat.get());
  }
  std::ranges::sort(chats, std::greater{},
                    [](const Chat* chat) { return std::pair(chat->record().last_ms, chat->id()); });
  Json list = Json::array();
  for (const Chat* chat : chats) list.push_back(chat->json());
  return list;
}

void Chats::show_all() {
  for (const auto& [id, chat] : chats_) {
    if (chat->is_shown()) machine_.show({{"type", "chat"}, {"chat", chat->json()}});
  }
}

void Chats::hinted(const wire::EntryHint& hint) {
  // A conversation that is not known, or not any more, is parked: its Welcome is in the mailbox, and its log is read
  // from there; or there is none, since another device of this account, which began it, has not brought this one in.
  Chat* chat = find(hint.conversation);
  if (chat == nullptr) machine_.arrivals.named(hint.conversation);
  if (chat == nullptr || chat->record().membership == Membership::out) {
    if (chat != nullptr) chat->departure.log_is_told_of(hint.entry.seq);
    return machine_.mailbox.read_now();
  }
  // Somebody may have brought this device back.
  if (chat->record().membership == Membership::lost) machine_.mailbox.read_now();
  chat->exists();
  chat->log.hinted(hint.entry);
}

void Chats::hinted(const wire::CursorHint& hint) {
  if (Chat* chat = find(hint.conversation)) chat->receipts.hinted({hint.cursor});
}

void Chats::hinted(const wire::CursorsHint& hint) {
  if (Chat* chat = find(hint.conversation)) chat->receipts.hinted(hint.cursors);
}

void Chats::hinted(const wire::ChangesHint& hint) {
  if (Chat* chat = find(hint.conversation)) chat->devices.hinted();
}

void Chats::told(const wire::Head& head) {
  Chat* chat = find(head.conversation);
  if (chat == nullptr) return machine_.arrivals.named(head.conversation);
  if (chat->record().membership == Membership::out) return chat->departure.log_is_told_of(head.head_seq);
  if (!chat->junction.has_work()) chat->meet_history(head.head_seq);
  chat->exists();
  chat->log.head_is(head.head_seq);
  chat->receipts.told(head.cursors);
}

void Chats::set_active(bool active) {
  active_ = active;
  if (open_) poke(*open_);
}

void Chats::open(const std::optional<ConversationId>& id) {
  for (const auto& changed : {std::exchange(open_, id), id}) {
    if (changed) poke(*changed);
  }
}

bool Chats::is_settling() const {
  return !machine_.connection.is_online() || machine_.clock_ms() - online_at_ < kSettlingMs;
}

void Chats::read_groups() {
  for (const auto& [id, chat] : chats_) {
    if (!chat->is_group() || chat->record().membership != Membership::member) continue;
    chat->log.read_now({});
    chat->departure.may_have_been_told();
  }
}

void Chats::online() {
  online_at_ = machine_.clock_ms();
  for (const auto& [id, chat] : chats_) poke(id);
  machine_.contacts.online();
}

void Chats::disconnected() {
  waiting_.clear();
  is_waiting_.clear();
  for (const auto& [id, chat] : chats_) chat->disconnected();
  machine_.arrivals.disconnected();
  machine_.group_commands.disconnected();
  machine_.own_requests.disconnected();
}

void Chats::contact_changed(const UserId& user) {
  for (const auto& [id, chat] : chats_) {
    if (std::ranges::find(chat->requests.who_asks(), user) != chat->requests.who_asks().end()) chat->group_changed();
  }
  const auto at = chats_.find(keys::direct_conversation(machine_.account.user(), user));
  if (at == chats_.end()) return;
  const ContactRecord* contact = machine_.contacts.find(user);
  if (contact != nullptr && contact->identity_changed()) {
    Chat& chat = *at->second;
    chat.when_loaded(
        [&chat] { chat.outbox.fail_all("identity_changed", "This person's identity is another one than before."); });
  }
  at->second->changed();
  at->second->poke();
}

void Chats::wake(const ConversationId& id, std::int64_t when) {
  const auto [at, is_new] = alarm_of_.try_emplace(id, when);
  if (!is_new) {
    if (at->second <= when) return;
    alarms_.erase({at->second, id});
    at->second = when;
  }
  alarms_.insert({when, id});
}

void Chats::wait_for_slot(const ConversationId& id) {
  if (is_waiting_.insert(id).second) waiting_.push_back(id);
}

void Chats::tick() {
  while (!alarms_.empty() && alarms_.begin()->first <= machine_.clock_ms()) {
    const ConversationId id = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    alarm_of_.erase(id);
    poke(id);
  }
}

std::optional<std::int64_t> Chats::wake_at() const {
  return alarms_.empty() ? std::nullopt : std::optional(alarms_.begin()->first);
}

void Chats::run() {
  // Whoever waited for a slot gets its turn before the slots are gone again, in the order in which they came.
  std::size_t turns = std::min(waiting_.size(), machine_.connection.free_slots());
  while (true) {
    while (!poked_.empty()) {
      const ConversationId id = *poked_.begin();
      poked_.erase(poked_.begin());
      if (Chat* chat = find_shown_or_not(id)) chat->advance();
      if (machine_.stopped()) return;
    }
    if (turns == 0 || waiting_.empty() || machine_.connection.free_slots() == 0) return;
    --turns;
    const ConversationId next = waiting_.front();
    waiting_.pop_front();
    is_waiting_.erase(next);
    poke(next);
  }
}

void Chats::flush() {
  for (const ConversationId& id : std::exchange(touched_, {})) {
    if (Chat* chat = find_shown_or_not(id)) chat->flush();
  }
}

}  // namespace kith::client
