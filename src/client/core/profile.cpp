#include "client/core/profile.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kTurnMs = 2'000;  // between one member and the next
// Whoever may not edit leaves the first turns to those who may, and who holds an old word to those who know better.
constexpr std::int64_t kTurnsOfEditors = 2;
constexpr std::int64_t kTurnsOfKnowers = 4;
}  // namespace

bool Profile::may_edit(const UserId& user) const {
  const auto policy = chat_.group.policy();
  return policy && policy->may(policy->may_edit, user);
}

bool Profile::may_edit() const { return may_edit(chat_.machine().account.user()); }

void Profile::change(const wire::GroupProfile& profile, std::function<void(bool)> then) {
  const OutgoingRecord& message =
      chat_.outbox.add({.text = profile.name, .description = profile.description, .kind = OutgoingKind::profile});
  waiting_.emplace_back(message.id, std::move(then));
}

// Those who are in by this epoch are told what is held in it.
bool Profile::completes(OutgoingRecord& message) const {
  if (message.kind == OutgoingKind::profile) return may_edit();
  if (message.kind != OutgoingKind::retold) return true;
  const GroupFacts& facts = *chat_.record().group;
  message.text = facts.profile.name;
  message.description = facts.profile.description;
  message.retold = wire::Retold{facts.named_at, static_cast<std::uint8_t>(facts.source)};
  return true;
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

// ---- what is heard ----

ProfileWord Profile::heard(const LogEntry& entry, const wire::GroupProfile& profile,
                           const std::optional<wire::Retold>& retold) const {
  const Seq here = entry.facts.seq;
  // Of an own one from before this device came back others have heard since what it has not.
  if (here <= chat_.record().position) return {profile, ProfileSource::before, here};
  const ProfileSource most = may_edit(entry.facts.sender_user) ? ProfileSource::given : ProfileSource::hearsay;
  if (!retold) return {profile, most, here};
  return {profile, std::max(most, profile_source(retold->source)), std::min(retold->at, Seq{here.value - 1})};
}

ProfileWord Profile::own_word() const {
  ProfileWord word = chat_.record().group->word();
  if (!may_edit()) word.source = std::max(word.source, ProfileSource::hearsay);
  return word;
}

void Profile::told(const LogEntry& entry, const wire::GroupProfile& profile,
                   const std::optional<wire::Retold>& retold) {
  if (!chat_.record().group) return;
  GroupFacts& facts = *chat_.record().group;
  const ProfileWord word = heard(entry, profile, retold);
  const bool is_other = facts.profile != profile;
  if (is_other && contradicts(word, !retold))
    chat_.machine().warn("entry_refused", "Somebody who may not do so names the group otherwise.", &chat_.id());
  // That somebody says so does not make a change of it.
  if (!retold && word.source == ProfileSource::hearsay) return;
  if (word.beats(facts.word())) return hold(entry, word, !retold);
  const ProfileWord own = own_word();
  if (!own.beats(word)) {
    facts.profile_due_ms = 0;  // whoever is new has heard it
    return chat_.changed_quietly();
  }
  const auto sender = leaf_of(entry.facts.sender_user, entry.facts.sender_device);
  if (is_other && sender) say_after(turns_behind(*sender));
}

// Whoever has it from somebody who may say so has seen every change since.
bool Profile::contradicts(const ProfileWord& word, bool is_change) const {
  const GroupFacts& facts = *chat_.record().group;
  return word.source == ProfileSource::hearsay && word.at > facts.named_at && !facts.profile.name.empty() &&
         (is_change || facts.source == ProfileSource::given);
}

void Profile::hold(const LogEntry& entry, const ProfileWord& word, bool is_change) {
  GroupFacts& facts = *chat_.record().group;
  const ProfileWord before = facts.word();
  facts.profile = word.profile;
  facts.source = word.source;
  facts.named_at = word.at;
  facts.profile_due_ms = 0;
  if (before.profile == word.profile) return chat_.changed_quietly();
  LineRecord line{.by = entry.facts.sender_user};
  if (before.profile.name != word.profile.name)
    line.changes.push_back({.kind = ChangeKind::name, .text = word.profile.name});
  if (before.profile.description != word.profile.description) line.changes.push_back({.kind = ChangeKind::description});
  // Whoever held an old word, or none, has not seen it change.
  const bool was_held = before.source == word.source && word.source != ProfileSource::before;
  if (!before.profile.name.empty() && (is_change || was_held))
    chat_.show_line(entry.facts.seq, static_cast<std::int64_t>(entry.facts.time_ms), entry.facts.client_id,
                    std::move(line));
  chat_.group_changed();
  chat_.changed();
}

void Profile::recalled(const std::string& name) {
  GroupFacts& facts = *chat_.record().group;
  if (!facts.profile.name.empty() || name.empty()) return;
  facts.profile.name = name;
  came_in();
  chat_.changed();
}

// ---- what is said ----

void Profile::newcomers(mls::LeafIndex committer) { say_after(turns_behind(committer)); }

void Profile::came_in() {
  auto& facts = chat_.record().group;
  if (!facts) return;
  const bool is_alone = chat_.group.get() != nullptr && chat_.group.get()->members().size() == 1;
  facts->source = is_alone ? ProfileSource::given : ProfileSource::before;
  if (!is_alone && chat_.record().membership == Membership::member) say_after(1);
}

void Profile::log_ends_at(Seq head) {
  auto& facts = chat_.record().group;
  if (!facts || head >= chat_.record().position) return;
  facts->named_at = std::min(facts->named_at, head);
  facts->source = ProfileSource::before;
  say_after(1);
}

void Profile::say_after(std::int64_t turns) {
  GroupFacts& facts = *chat_.record().group;
  if (facts.profile.name.empty()) return;
  if (turns > 0 && !may_edit()) turns += kTurnsOfEditors;
  if (facts.source == ProfileSource::before) turns += kTurnsOfKnowers;
  const std::int64_t due_ms = chat_.machine().now().value + turns * kTurnMs;
  if (facts.profile_due_ms == 0 || facts.profile_due_ms > due_ms) facts.profile_due_ms = due_ms;
  chat_.changed_quietly();
  chat_.poke();
}

// 0: its own. Otherwise those who sit between the two, going round, come first.
std::int64_t Profile::turns_behind(mls::LeafIndex leaf) const {
  const auto members = chat_.group.get()->members();
  const auto place = [&](mls::LeafIndex of) {
    return std::ranges::count_if(members, [&](const mls::Member& member) { return member.leaf < of; });
  };
  const auto count = static_cast<std::ptrdiff_t>(members.size());
  return (place(chat_.group.get()->own_leaf()) - place(leaf) + count) % count;
}

std::optional<mls::LeafIndex> Profile::leaf_of(const UserId& user, const DeviceId& device) const {
  for (const mls::Member& member : chat_.group.get()->members()) {
    const auto who = chat_.group.who(member.leaf);
    if (who && who->user == user && who->device == device) return member.leaf;
  }
  return std::nullopt;
}

bool Profile::is_owed() const {
  const auto is_out = [&](OutgoingKind kind) { return chat_.outbox.has(kind); };
  return chat_.record().group && (has_work() || is_out(OutgoingKind::profile) || is_out(OutgoingKind::retold));
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
  chat_.record().group->profile_due_ms = 0;
  // One that is still to go out says what is held then.
  if (!chat_.outbox.has(OutgoingKind::retold)) chat_.outbox.add({.kind = OutgoingKind::retold});
  chat_.changed_quietly();
}

}  // namespace kith::client
