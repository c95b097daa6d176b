#include "client/core/members.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
// A link that may still hold for the server is left alone.
constexpr std::uint64_t kClocksDifferS = 3600;
}  // namespace

// ---- whom the user wants in ----

void Members::add(const std::vector<UserId>& users, const std::optional<Reply>& reply) {
  GroupFacts& facts = *chat_.record().group;
  const auto here = chat_.group.users();
  std::set<UserId> left;
  for (const UserId& user : users) {
    if (std::ranges::binary_search(here, user) || facts.to_add.size() >= kMaxWanted) continue;
    left.insert(user);
    if (std::ranges::find(facts.to_add, user) == facts.to_add.end()) facts.to_add.push_back(user);
  }
  if (reply && left.empty()) reply->done({{"not_added", Json::array()}});
  if (reply && !left.empty()) asked_.push_back({.reply = *reply, .left = std::move(left)});
  chat_.changed_quietly();
  chat_.poke();
}

std::optional<UserId> Members::next_to_claim() const {
  if (ready_.size() >= batch_) return std::nullopt;
  for (const UserId& user : chat_.record().group->to_add) {
    if (!ready_.contains(user)) return user;
  }
  for (const auto& [user, proof] : along_) {
    if (!ready_.contains(user)) return user;
  }
  return std::nullopt;
}

bool Members::is_wanted(const UserId& user) const {
  const auto& wanted = chat_.record().group->to_add;
  return std::ranges::find(wanted, user) != wanted.end();
}

// Whose link was revoked meanwhile is not added by this member's right instead.
void Members::forget_unwanted() {
  std::erase_if(ready_, [&](const auto& one) { return !along_.contains(one.first) && !is_wanted(one.first); });
}

void Members::take_along(const keys::JoinProof& proof) {
  if (along_.size() < keys::Grounds::kMaxJoins) along_.insert_or_assign(proof.user, proof);
  chat_.poke();
}

bool Members::has_work() const {
  const ChatRecord& record = chat_.record();
  return record.group && record.membership == Membership::member &&
         (!record.group->to_add.empty() || !along_.empty() || wants_commit());
}

void Members::advance() {
  const Machine& machine = chat_.machine();
  answer_whoever_asked();
  if (!has_work() || claiming_ || !machine.connection.is_online()) return;
  const auto user = next_to_claim();
  if (!user) return;
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  claiming_ = true;
  claim_packages(chat_.machine(), *user, [this, user = *user](const auto& packages) {
    claiming_ = false;
    chat_.poke();
    if (packages) return claimed(user, *packages);
    const ClaimFailure& why = packages.error();
    if (!why.is_transient || !is_wanted(user)) return cannot_add(user, why.error, why.message);
    retry_at_ = chat_.machine().clock_ms() + std::clamp(why.retry_after_ms, kRetryMs, kMaxRetryMs);
  });
}

void Members::claimed(const UserId& user, const std::vector<ClaimedPackage>& packages) {
  if (along_.contains(user) || is_wanted(user)) ready_.insert_or_assign(user, packages);
}

void Members::cannot_add(const UserId& user, const std::string& error, const std::string& message) {
  settle(user, Json{{"user", user.text()}, {"error", error}, {"message", message}});
}

void Members::settle(const UserId& user, const std::optional<Json>& why_not) {
  const bool was_wanted = std::erase(chat_.record().group->to_add, user) != 0;
  along_.erase(user);
  ready_.erase(user);
  out_.erase(user);
  bool is_told = false;
  for (Asked& asked : asked_) {
    if (asked.left.erase(user) == 0) continue;
    is_told = true;
    if (why_not) asked.not_added.push_back(*why_not);
  }
  if (why_not && !is_told && was_wanted) {
    Machine& machine = chat_.machine();
    machine.warn("not_added", machine.contacts.title(user) + " could not be added: " + why_not->value("message", ""),
                 &chat_.id());
  }
  chat_.changed_quietly();
  chat_.group_changed();
  chat_.poke();
}

// Those who came know the group's name then, though this program may end with the answer.
void Members::answer_whoever_asked() {
  if (chat_.profile.is_owed()) return;
  std::erase_if(asked_, [](const Asked& asked) {
    if (asked.left.empty()) asked.reply.done({{"not_added", asked.not_added}});
    return asked.left.empty();
  });
}

void Members::group_moved() {
  for (const UserId& user : chat_.group.users()) {
    if (along_.contains(user) || is_wanted(user)) settle(user, std::nullopt);
  }
}

// ---- what the next commit does ----

void Members::change(Wish wish) {
  wishes_.push_back(std::move(wish));
  chat_.poke();
}

bool Members::wants_commit() const {
  const auto waits = [](const Wish& wish) { return !wish.is_out; };
  return std::ranges::any_of(wishes_, waits) || (!ready_.empty() && !next_to_claim());
}

bool Members::wants_invite(const keys::PublicKey& key) const {
  return std::ranges::any_of(wishes_, [&](const Wish& wish) { return wish.invite && wish.invite->key == key; });
}

void Members::join_in(CommitPlan& plan) {
  const auto policy = chat_.group.policy();
  if (!policy) return;
  keys::GroupPolicy next = plan.policy.value_or(*policy);
  std::erase_if(wishes_, [&](Wish& wish) {
    const Verdict verdict = judge(wish, plan, next);
    wish.is_out = verdict == Verdict::fine;
    if (wish.is_out || verdict == Verdict::later) return false;
    answer(wish, verdict);
    return true;
  });
  if (next != *policy) plan.policy = next;
  join_in_adds(plan);
}

void Members::tidy(CommitPlan& plan) const {
  const auto policy = chat_.group.policy();
  const Machine& machine = chat_.machine();
  if (!policy || policy->role_of(machine.account.user()) == keys::Role::member) return;
  keys::GroupPolicy next = plan.policy.value_or(*policy);
  const auto now_s = static_cast<std::uint64_t>(machine.now().value / 1000);
  const auto is_over = [&](const keys::Invite& invite) {
    return invite.expires_s != 0 && invite.expires_s + kClocksDifferS < now_s;
  };
  if (std::erase_if(next.invites, is_over) > 0) plan.policy = std::move(next);
}

void Members::join_in_adds(CommitPlan& plan) {
  const auto policy = chat_.group.policy();
  if (!policy->may(policy->may_add, chat_.machine().account.user())) {
    for (const UserId& user : std::vector(chat_.record().group->to_add)) {
      if (!along_.contains(user)) cannot_add(user, "not_allowed", "Only admins can add people to this group.");
    }
  }
  std::erase_if(along_, [&](const auto& one) {
    const keys::Invite* invite = policy->find_invite(one.second.invite);
    return invite == nullptr || invite->needs_approval;
  });
  forget_unwanted();
  const bool has_other_grounds = plan.grounds != keys::Grounds{};
  for (const auto& [user, packages] : ready_) {
    const bool by_own_right = is_wanted(user) && policy->may(policy->may_add, chat_.machine().account.user());
    // What others have a right to is not put at risk by who may turn out to be too late.
    if (!by_own_right && has_other_grounds) continue;
    const std::size_t proposals = plan.removes.size() + plan.adds.size() + packages.size() + 1;
    const bool is_full = plan.adds.size() + packages.size() > kMaxDevices || proposals > keys::kMaxProposals;
    if (out_.size() >= batch_ || (is_full && !(plan.adds.empty() && plan.removes.empty()))) return;
    out_.insert(user);
    if (!by_own_right) plan.grounds.joins.push_back(along_.at(user));
    for (const ClaimedPackage& claim : packages) plan.adds.push_back({user, claim.device, claim.package});
  }
}

Members::Verdict Members::judge(const Wish& wish, CommitPlan& plan, keys::GroupPolicy& policy) const {
  if (wish.remove) return judge_removal(*wish.remove, plan, policy);
  if (wish.role) return judge_role(wish.role->first, wish.role->second, policy);
  if (policy.role_of(chat_.machine().account.user()) == keys::Role::member) return Verdict::not_allowed;
  if (wish.invite || wish.revoke) return judge_invite(wish, policy);
  const keys::GroupPolicy before = policy;
  policy.may_send = wish.may_send.value_or(policy.may_send);
  policy.may_edit = wish.may_edit.value_or(policy.may_edit);
  policy.may_add = wish.may_add.value_or(policy.may_add);
  return policy == before ? Verdict::nothing_to_do : Verdict::fine;
}

Members::Verdict Members::judge_removal(const UserId& user, CommitPlan& plan, keys::GroupPolicy& policy) const {
  const UserId& self = chat_.machine().account.user();
  const mls::Group& group = *chat_.group.get();
  std::vector<mls::LeafIndex> leaves;
  for (const mls::Member& member : group.members()) {
    const auto who = chat_.group.who(member.leaf);
    if (who && who->user == user) leaves.push_back(member.leaf);
  }
  if (leaves.empty()) return Verdict::not_there;
  if (!plan.removes.empty() && plan.removes.size() + plan.adds.size() + leaves.size() + 1 > keys::kMaxProposals)
    return Verdict::later;
  if (user == self || user == policy.owner || policy.role_of(self) == keys::Role::member) return Verdict::not_allowed;
  for (const mls::LeafIndex leaf : leaves) {
    if (std::ranges::find(plan.removes, leaf) == plan.removes.end()) plan.removes.push_back(leaf);
  }
  // Nor does anything else in this commit bring the user in.
  std::erase_if(plan.adds, [&](const CommitPlan::Newcomer& newcomer) { return newcomer.user == user; });
  std::erase_if(plan.grounds.broken, [&](const keys::BrokenMark& mark) { return mark.user == user; });
  policy.forget(user);
  return Verdict::fine;
}

Members::Verdict Members::judge_invite(const Wish& wish, keys::GroupPolicy& policy) const {
  const bool is_there = policy.find_invite(wish.invite ? wish.invite->key : *wish.revoke) != nullptr;
  if (is_there != wish.revoke.has_value()) return Verdict::nothing_to_do;
  if (wish.revoke) {
    std::erase_if(policy.invites, [&](const keys::Invite& invite) { return invite.key == *wish.revoke; });
    return Verdict::fine;
  }
  if (policy.invites.size() >= keys::GroupPolicy::kMaxInvites) return Verdict::not_allowed;
  policy.add_invite(*wish.invite);
  return Verdict::fine;
}

Members::Verdict Members::judge_role(const UserId& user, keys::Role role, keys::GroupPolicy& policy) const {
  const keys::Role own = policy.role_of(chat_.machine().account.user());
  if (!std::ranges::binary_search(chat_.group.users(), user)) return Verdict::not_there;
  if (policy.role_of(user) == role) return Verdict::nothing_to_do;
  if (own == keys::Role::member || user == policy.owner) return Verdict::not_allowed;
  if (role == keys::Role::owner) {
    if (own != keys::Role::owner) return Verdict::not_allowed;
    policy.hand_over(user);
  } else {
    policy.set_admin(user, role == keys::Role::admin);
  }
  return policy.admins.size() > keys::GroupPolicy::kMaxAdmins ? Verdict::not_allowed : Verdict::fine;
}

void Members::answer(const Wish& wish, Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
    case Verdict::nothing_to_do:
      return wish.reply.done(wish.result);
    case Verdict::later:
      return;
    case Verdict::not_allowed:
      return wish.reply.failed("not_allowed", "Your role in this group does not allow that.");
    case Verdict::not_there:
      return wish.reply.failed("not_found", "This person is not in the group.");
  }
}

// ---- what became of it ----

bool Members::is_out() const { return !out_.empty() || std::ranges::any_of(wishes_, &Wish::is_out); }

void Members::committed() {
  std::erase_if(wishes_, [](const Wish& wish) {
    if (wish.is_out) answer(wish, Verdict::fine);
    return wish.is_out;
  });
  out_.clear();
  batch_ = kBatch;
}

void Members::shrink() {
  const auto out = std::exchange(out_, {});
  lost_race();
  if (batch_ > 1) {
    batch_ = std::max<std::size_t>(1, std::min(batch_, out.size()) / 2);
    return chat_.poke();
  }
  for (const UserId& user : out) cannot_add(user, "too_large", "The group cannot take this person in.");
}

void Members::lost_race() {
  for (Wish& wish : wishes_) wish.is_out = false;
  out_.clear();
}

// Of several who were to come one may be the reason: they are tried one by one.
void Members::refused(const std::string& error, const std::string& message) {
  std::erase_if(wishes_, [&](const Wish& wish) {
    if (wish.is_out) wish.reply.failed(error, message);
    return wish.is_out;
  });
  const auto out = std::exchange(out_, {});
  if (out.size() > 1 && error != "group_full") {
    batch_ = 1;
    return chat_.poke();
  }
  for (const UserId& user : out) cannot_add(user, error, message);
}

// Nobody waits any longer for those who were to come.
void Members::dissolve() {
  along_.clear();
  ready_.clear();
  for (const UserId& user : std::vector(chat_.record().group->to_add))
    cannot_add(user, "not_member", "You are not in this group any more.");
  for (const Wish& wish : std::exchange(wishes_, {}))
    wish.reply.failed("not_member", "You are not in this group any more.");
  answer_whoever_asked();
}

}  // namespace kith::client
