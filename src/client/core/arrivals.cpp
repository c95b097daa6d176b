#include "client/core/arrivals.h"

#include <algorithm>

#include "client/core/group_reader.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {

// What is wrong with what the server shows; empty: this account is in it, on this very identity.
std::string wrong_with(const mls::PublicGroup& group, const Parties& parties, const keys::PublicKey& identity) {
  if (auto why = wrong_with_group(group, parties); !why.empty()) return why;
  const bool is_in = std::ranges::any_of(group.members(), [&](const mls::Member& member) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    return who && who->user == parties.self && who->identity_key == identity;
  });
  return is_in ? "" : "this account is not in it";
}

}  // namespace

void Arrivals::named(const ConversationId& conversation) {
  if (coming_.contains(conversation) || waiting_.contains(conversation)) return;
  if (waiting_.size() >= kMostNamed) {
    left_some_out_ = true;
    return;
  }
  const std::int64_t now = machine_.clock_ms();
  const std::int64_t soon = hurries_ ? now : now + kPatienceMs;
  const auto refused = refused_.find(conversation);
  wait(conversation, {.rank = --front_,
                      .since_ms = now,
                      .at_ms = refused == refused_.end() ? soon : std::max(soon, refused->second.until_ms)});
}

void Arrivals::wait(const ConversationId& conversation, const Waiting& waiting) {
  waiting_.insert_or_assign(conversation, waiting);
  later_.emplace(waiting.at_ms, conversation);
}

bool Arrivals::has_all() const { return is_done() && refused_.empty() && !left_some_out_; }

bool Arrivals::is_done() const {
  const auto is_read = [](const auto& item) { return item.second.until_ms.has_value(); };
  const auto was_refused = [&](const auto& item) { return refused_.contains(item.first); };
  return std::ranges::all_of(waiting_, was_refused) && std::ranges::all_of(coming_, is_read);
}

void Arrivals::disconnected() {
  has_warned_ = false;
  for (auto at = coming_.begin(); at != coming_.end();) {
    const auto& [conversation, coming] = *at;
    const bool is_read = coming.until_ms.has_value();
    if (!is_read) wait(conversation, {.rank = --front_, .since_ms = coming.since_ms, .at_ms = machine_.clock_ms()});
    at = is_read ? std::next(at) : coming_.erase(at);
  }
}

// It is in now, or goes on by itself.
void Arrivals::end_turns() {
  std::erase_if(coming_, [&](const auto& item) {
    if (!item.second.until_ms) return false;
    const Chat* chat = machine_.chats.find(item.first);
    return chat == nullptr || chat->record().membership != Membership::lost || chat->founding.has_failed() ||
           machine_.clock_ms() >= *item.second.until_ms;
  });
}

bool Arrivals::may_begin() const {
  return !ready_.empty() && coming_.size() < kAtOnce && refused_.size() < kMostRefused &&
         machine_.connection.free_slots() > kKeptSlots && machine_.chats.never_joined() < kMostUnentered;
}

void Arrivals::advance() {
  if (!machine_.connection.is_online() || machine_.mailbox.has_mail()) return;
  end_turns();
  while (!later_.empty() && later_.begin()->first <= machine_.clock_ms()) {
    const ConversationId due = later_.extract(later_.begin()).value().second;
    ready_.emplace(waiting_.at(due).rank, due);
  }
  while (may_begin()) {
    const ConversationId next = ready_.extract(ready_.begin()).mapped();
    const std::int64_t since_ms = waiting_.extract(next).mapped().since_ms;
    // Another way was shorter, where it is known.
    if (machine_.chats.find(next) == nullptr) look(next, since_ms);
  }
  if (coming_.empty() && is_done()) hurries_ = false;
  if (has_all()) machine_.sync.arrived();
}

// Who waits for a turn, a slot or an entry gets it with the input that brings one.
std::optional<std::int64_t> Arrivals::wake_at() const {
  if (!machine_.connection.is_online() || machine_.mailbox.has_mail()) return std::nullopt;
  std::optional<std::int64_t> at;
  const auto sooner = [&](std::int64_t when) { at = at ? std::min(*at, when) : when; };
  for (const auto& [id, coming] : coming_) {
    if (coming.until_ms) sooner(*coming.until_ms);
  }
  if (!later_.empty()) sooner(later_.begin()->first);
  return at;
}

void Arrivals::look(const ConversationId& conversation, std::int64_t since_ms) {
  coming_[conversation] = {.since_ms = since_ms};
  const auto then = [this, conversation, since_ms](const ShownGroup* group, const wire::Error* error) {
    coming_.erase(conversation);
    if (group != nullptr) return shown(conversation, since_ms, *group);
    const bool is_over = error->code == wire::ErrorCode::not_found || error->code == wire::ErrorCode::not_member;
    if (is_over) refused_.erase(conversation);
    const std::int64_t pause = std::clamp<std::int64_t>(error->retry_after_ms, kRetryMs, kMaxRetryMs);
    if (!is_over) wait(conversation, {.rank = ++back_, .since_ms = since_ms, .at_ms = machine_.clock_ms() + pause});
  };
  GroupReader::ask(machine_, conversation, {}, then);
}

void Arrivals::shown(const ConversationId& conversation, std::int64_t since_ms, const ShownGroup& group) {
  if (machine_.chats.find(conversation) != nullptr) return;
  const Account& account = machine_.account;
  const Parties parties{
      .conversation = conversation, .self = account.user(), .peer = peer_in(group, conversation, account.user())};
  const auto own = keys::DeviceCredential::decode(account.record().credential);
  auto open = opened(group, conversation, parties.kind());
  const std::string why = !open  ? open.error()
                          : !own ? "this device has no credential"
                                 : wrong_with(open->group, parties, own->identity_key);
  if (!why.empty()) return refuse(conversation, why);
  // Who added this device sends it a Welcome.
  const std::int64_t patient_until = since_ms + kPatienceMs;
  if (open->has({account.user(), account.device()}) && machine_.clock_ms() < patient_until)
    return wait(conversation, {.rank = --front_, .since_ms = since_ms, .at_ms = patient_until});
  refused_.erase(conversation);
  Chat& chat = parties.peer ? machine_.chats.with(*parties.peer) : machine_.chats.group(conversation);
  chat.come_in(*std::move(open));
  coming_[conversation] = {.since_ms = since_ms, .until_ms = machine_.clock_ms() + kTurnMs};
}

void Arrivals::refuse(const ConversationId& conversation, const std::string& why) {
  Refusal& refusal = refused_[conversation];
  refusal.pause_ms = std::clamp(2 * refusal.pause_ms, kRefusedMs, kMaxRefusedMs);
  refusal.until_ms = machine_.clock_ms() + refusal.pause_ms;
  // Nobody names it again where nothing happens in it.
  wait(conversation, {.rank = ++back_, .since_ms = machine_.clock_ms(), .at_ms = refusal.until_ms});
  if (!std::exchange(has_warned_, true))
    machine_.warn("group_refused", "The server names a conversation that cannot be entered: " + why + ".");
}

}  // namespace kith::client
