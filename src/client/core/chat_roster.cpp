// Who is in a group, as far as this device saw them come and go: chat.h.
#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
// Of those who went as many are kept: it is written with each message.
constexpr std::size_t kMostWent = 64;
}  // namespace

Seq Chat::in_since(const UserId& user) const {
  if (!is_group()) return {};
  const auto at = std::ranges::find(record_.group->since, user, &SinceRecord::user);
  return at == record_.group->since.end() ? record_.group->floor : std::max(at->seq, record_.group->floor);
}

bool Chat::is_back(const UserId& user) const {
  return is_group() && std::ranges::any_of(record_.group->since, [&](const SinceRecord& since) {
           return since.user == user && since.is_back;
         });
}

void Chat::came_and_went(const std::set<UserId>& came, const std::set<UserId>& gone, Seq at) {
  if (!is_group()) return;
  GroupFacts& facts = *record_.group;
  const auto is_over = [&](const auto& one) { return gone.contains(one.user) || came.contains(one.user); };
  std::erase_if(facts.went, is_over);
  for (const UserId& user : gone) facts.went.push_back({user, at, in_since(user)});
  std::erase_if(facts.since, is_over);
  for (const UserId& user : came) facts.since.push_back({user, at});
  const std::size_t kept = std::min(facts.went.size(), kMostWent);
  facts.went.erase(facts.went.begin(), facts.went.end() - static_cast<std::ptrdiff_t>(kept));
}

// Nobody who went is taken for one whom a restored server has in again because this log is said to be shorter.
void Chat::places_go_back_to(Seq position) {
  if (!is_group()) return;
  for (WentRecord& went : record_.group->went) went.seq = std::min(went.seq, position);
}

void Chat::remember_roster() {
  if (!is_group() || group.get() == nullptr) return;
  record_.group->roster.clear();
  for (const UserId& user : group.users()) {
    const auto identity = identity_of(user);
    if (identity) record_.group->roster.push_back({user, to_bytes(*identity)});
  }
  // A commit of this device that nobody has answered may be in the log.
  if (const PendingRecord* pending = group.pending()) {
    for (const WelcomedRecord& to : pending->welcomed) remember_newcomer(to.user, record_.position.next());
  }
}

// By the identity that is pinned: what brought that person in is not there to be looked at.
void Chat::remember_newcomer(const UserId& user, Seq at) {
  auto& roster = record_.group->roster;
  const ContactRecord* contact = machine_.contacts.find(user);
  const bool is_known = std::ranges::find(roster, user, &KnownRecord::user) != roster.end();
  if (is_known || contact == nullptr || contact->identity_changed()) return;
  came_and_went({user}, {}, at);
  roster.push_back({user, contact->identity_key});
}

void Chat::remember_newcomers(const mls::PublicGroup& shown, const std::map<UserId, Seq>& came) {
  for (const mls::Member& member : shown.members()) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (!is_group() || !who || !came.contains(who->user)) continue;
    auto& roster = record_.group->roster;
    if (std::ranges::find(roster, who->user, &KnownRecord::user) == roster.end())
      roster.push_back({who->user, to_bytes(who->identity_key)});
  }
  changed_quietly();
}

bool Chat::knew(const mls::PublicGroup& shown, mls::LeafIndex leaf) const {
  if (!is_group() || record_.group->roster.empty()) return true;
  const auto member = shown.member(leaf);
  const auto who = member ? keys::DeviceCredential::decode(member->credential.identity) : fail(keys::Errc::malformed);
  if (!who) return false;
  const bool was_in = std::ranges::any_of(record_.group->roster, [&](const KnownRecord& known) {
    return known.user == who->user && same_bytes(known.identity_key, who->identity_key);
  });
  // Of a server that was restored the log parts from what was read here before some of those went. Whoever may take
  // them away again comes back to them as well; the others follow, so that a server and somebody who was removed draw
  // nobody else aside.
  const ContactRecord* contact = machine_.contacts.find(who->user);
  const bool may_remove = record_.group->role != keys::Role::member;
  const bool is_in_again = may_remove && std::ranges::any_of(record_.group->went, [&](const WentRecord& went) {
                             return went.user == who->user && went.seq > record_.position;
                           });
  return was_in || introductions.know(*who) ||
         (is_in_again && contact != nullptr && same_bytes(contact->identity_key, who->identity_key));
}

}  // namespace kith::client
