#include "client/core/profile.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kTurnMs = 3'000;  // between one member and the next
}  // namespace

void Profile::change(const wire::GroupProfile& profile, std::function<void(bool)> then) {
  const OutgoingRecord& message =
      chat_.outbox.add({.text = profile.name, .description = profile.description, .kind = OutgoingKind::profile});
  waiting_.emplace_back(message.id, std::move(then));
}

void Profile::settled(const ClientId& id, bool is_done) {
  const auto at = std::ranges::find(waiting_, id, &std::pair<ClientId, std::function<void(bool)>>::first);
  if (at == waiting_.end()) return;
  const auto then = std::move(at->second);
  waiting_.erase(at);
  then(is_done);
}

void Profile::founded(const wire::Appended& at, const ClientId& first_commit) {
  const UserId& self = chat_.machine().account.user();
  chat_.show_line(at.seq, at.time_ms, first_commit, {.by = self, .changes = {{.kind = ChangeKind::created}}});
  chat_.epoch_moved();
}

void Profile::told(const LogEntry& entry, const wire::GroupProfile& profile) {
  if (!chat_.record().group) return;
  GroupFacts& facts = *chat_.record().group;
  const auto policy = chat_.group.policy();
  const UserId& by = entry.facts.sender_user;
  const bool may_edit = policy && policy->may(policy->may_edit, by);
  const ProfileSource source = may_edit ? ProfileSource::given : ProfileSource::hearsay;
  if (facts.profile == profile) {
    facts.profile_due_ms = 0;  // whoever is new has heard it
    if (facts.source != ProfileSource::given) facts.source = source;
    return chat_.changed_quietly();
  }
  // Whoever knows none takes anybody's word, until one comes who may give it.
  const bool is_first = facts.profile.name.empty() || facts.source > source;
  if (!is_first && !may_edit) {
    return chat_.machine().warn("entry_refused", "Somebody who may not do so names the group otherwise.", &chat_.id());
  }
  LineRecord line{.by = by};
  if (facts.profile.name != profile.name) line.changes.push_back({.kind = ChangeKind::name, .text = profile.name});
  if (facts.profile.description != profile.description) line.changes.push_back({.kind = ChangeKind::description});
  facts.profile = profile;
  facts.source = source;
  if (!is_first)
    chat_.show_line(entry.facts.seq, static_cast<std::int64_t>(entry.facts.time_ms), entry.facts.client_id,
                    std::move(line));
  chat_.group_changed();
  chat_.changed();
}

void Profile::newcomers(mls::LeafIndex committer) {
  GroupFacts& facts = *chat_.record().group;
  const auto by = chat_.group.who(committer);
  const bool is_ours = committer == chat_.group.get()->own_leaf();
  const bool is_own_users = by && by->user == chat_.machine().account.user();
  // A new device may have brought them that does not know the name itself: after all others its user's devices tell it.
  const auto turn = is_own_users ? std::optional(GroupState::kWitnesses) : chat_.group.turn_after(committer);
  if (!turn || facts.profile.name.empty() || facts.source != ProfileSource::given) return;
  const std::int64_t wait = is_ours ? 0 : (*turn + 1) * kTurnMs;
  facts.profile_due_ms = chat_.machine().now().value + wait;
  chat_.changed_quietly();
  chat_.poke();
}

void Profile::recalled(const std::string& name) {
  GroupFacts& facts = *chat_.record().group;
  if (!facts.profile.name.empty() || name.empty()) return;
  facts.profile.name = name;
  came_in();
  chat_.changed();
}

void Profile::came_in() {
  auto& facts = chat_.record().group;
  if (facts) facts->source = facts->members == 1 ? ProfileSource::given : ProfileSource::before;
}

bool Profile::is_owed() const {
  const auto& facts = chat_.record().group;
  return facts && (facts->profile_due_ms != 0 || chat_.outbox.has(OutgoingKind::profile));
}

bool Profile::has_work() const {
  const auto& facts = chat_.record().group;
  return facts && facts->profile_due_ms != 0 && chat_.machine().now().value >= facts->profile_due_ms;
}

void Profile::plan() const {
  const Machine& machine = chat_.machine();
  const auto& facts = chat_.record().group;
  const std::int64_t left = facts ? facts->profile_due_ms - machine.now().value : 0;
  // What is overdue waits for a connection, and that one comes by itself.
  if (left > 0) chat_.wake(machine.clock_ms() + left);
}

void Profile::advance() {
  if (!has_work()) return plan();
  if (chat_.record().membership != Membership::member || chat_.log.has_work()) return;
  GroupFacts& facts = *chat_.record().group;
  facts.profile_due_ms = 0;
  chat_.outbox.add(
      {.text = facts.profile.name, .description = facts.profile.description, .kind = OutgoingKind::profile});
  chat_.changed_quietly();
}

}  // namespace kith::client
