#include "client/core/missing.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::int64_t kLookAgainMs = 60'000;

bool is_unlisted(const GapRecord& record) { return !record.is_closed && record.listed.next() < record.before; }
bool is_unasked(const GapRecord& record) {
  return !record.is_closed && !is_unlisted(record) && (record.asked < record.before || record.asks_again);
}
}  // namespace

Gap Missing::gap(GapRecord& record) const {
  const Account& account = chat_.machine().account;
  return {record, account.user(), account.device()};
}

void Missing::came_back(Seq after, Seq before, const ClientId& id) {
  if (after.next() >= before) return;
  ChatRecord& chat = chat_.record();
  const bool goes_on =
      !chat.gaps.empty() && !chat.gaps.back().is_closed && (!chat.last || chat.last->order < chat.gaps.back().place);
  if (!goes_on) {
    if (chat.gaps.size() >= kMaxGaps) forget_oldest();
    chat.gaps.push_back({.id = id, .place = chat.order_base + before.value, .after = after});
  }
  Gap last = gap(chat.gaps.back());
  last.grow(after, before, chat_.machine().now());
  for (const keys::VerifiedDevice& device : chat_.group.devices()) last.is_known_to(device.user, device.device);
  chat_.changed_quietly();
  chat_.poke();
}

bool Missing::was_away_at(Seq seq) const {
  return std::ranges::any_of(chat_.record().gaps,
                             [&](const GapRecord& gap) { return gap.after < seq && seq < gap.before; });
}

void Missing::log_ends_at(Seq head) {
  auto& gaps = chat_.record().gaps;
  std::erase_if(gaps, [&](const GapRecord& record) { return record.before > head; });
  for (GapRecord& record : gaps) record.asks_again = !record.is_closed && gap(record).is_waiting();
}

bool Missing::is_to_be_listed() const { return std::ranges::any_of(chat_.record().gaps, is_unlisted); }

// Nothing of it can be brought back any more.
void Missing::forget_oldest() {
  auto& gaps = chat_.record().gaps;
  if (GapRecord& oldest = gaps.front(); !oldest.is_closed) {
    if (is_unlisted(oldest)) gap(oldest).blur(oldest.before);
    oldest.is_overdue = true;
    weigh(oldest);
  }
  gaps.erase(gaps.begin());
}

std::optional<Seq> Missing::takes(const LogEntry& entry, Seq original) {
  const auto policy = chat_.group.policy();
  const bool may_write = !policy || policy->may(policy->may_send, entry.facts.sender_user);
  for (GapRecord& record : chat_.record().gaps) {
    if (record.is_closed || !gap(record).holds(original)) continue;
    const bool is_first = gap(record).takes(entry.facts.sender_user, original, may_write);
    if (is_first) weigh(record);
    if (is_first && !chat_.archive.has_place(original)) return original;
    // The archive was faster; or it has something else there, since the device that wrote it was told so. While all
    // names are known here, they tell.
    const bool has_names = chat_.repeats.has_all_from(chat_.record().order_base + original.value);
    return may_write && has_names ? std::optional(Seq{}) : std::nullopt;
  }
  return std::nullopt;
}

void Missing::found(const UserId& sender, Seq original) {
  for (GapRecord& record : chat_.record().gaps) {
    if (record.is_closed || !gap(record).holds(original)) continue;
    if (gap(record).takes(sender, original, true)) weigh(record);
  }
}

void Missing::answered(const LogEntry& entry, const wire::AgainDone& end) {
  for (GapRecord& record : chat_.record().gaps) {
    if (!record.is_closed && gap(record).ends(entry.facts.sender_user, entry.facts.sender_device, end)) weigh(record);
  }
}

void Missing::returned(const LogEntry& entry) {
  for (GapRecord& record : chat_.record().gaps) {
    if (!record.is_closed && gap(record).awaits(entry.facts.sender_user, entry.facts.sender_device))
      record.asks_again = true;
  }
  chat_.poke();
}

void Missing::question_is_out(Seq before) {
  for (GapRecord& record : chat_.record().gaps) {
    if (!record.is_closed && record.before == before) record.since_ms = chat_.machine().now().value;
  }
  chat_.changed_quietly();
}

// ---- in time ----

bool Missing::is_due(const GapRecord& record) const {
  return !record.is_closed && !record.is_overdue && chat_.machine().now().value >= record.since_ms + kPatienceMs;
}

bool Missing::has_work() const {
  return std::ranges::any_of(chat_.record().gaps, [this](const GapRecord& record) {
    return is_unlisted(record) || is_unasked(record) || is_due(record);
  });
}

void Missing::plan() const {
  const Machine& machine = chat_.machine();
  for (const GapRecord& record : chat_.record().gaps) {
    if (record.is_closed || record.is_overdue) continue;
    const std::int64_t left = record.since_ms + kPatienceMs - machine.now().value;
    if (left > 0) chat_.wake(machine.clock_ms() + left);
  }
}

void Missing::advance() {
  if (chat_.record().membership != Membership::member || !chat_.machine().connection.is_online()) return;
  list();
  ask();
  lose_patience();
  plan();
}

// The server tells of the entries; what is in them nobody here can open.
void Missing::list() {
  Machine& machine = chat_.machine();
  const auto next = std::ranges::find_if(chat_.record().gaps, is_unlisted);
  if (reading_ || next == chat_.record().gaps.end()) return;
  if (machine.clock_ms() < pause_until_) return chat_.wake(pause_until_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  reading_ = true;
  machine.connection.request(
      wire::Read{.conversation = chat_.id(), .after_seq = next->listed},
      [this, before = next->before, after = next->listed](const wire::Body& body) { listed(before, after, body); });
}

void Missing::listed(Seq before, Seq after, const wire::Body& body) {
  reading_ = false;
  chat_.poke();
  const auto is_it = [&](const GapRecord& gap) { return gap.before == before && gap.listed == after; };
  const auto at = std::ranges::find_if(chat_.record().gaps, is_it);
  if (at == chat_.record().gaps.end() || !is_unlisted(*at)) return;
  Gap listing = gap(*at);
  const auto* error = std::get_if<wire::Error>(&body);
  if (error != nullptr && (error->code == wire::ErrorCode::rate_limited || error->code == wire::ErrorCode::overloaded ||
                           error->code == wire::ErrorCode::internal)) {
    pause_until_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error->retry_after_ms, kRetryMs, kMaxRetryMs);
    return;
  }
  if (const auto* entries = std::get_if<wire::Entries>(&body)) {
    for (const wire::Entry& entry : entries->entries) {
      if (entry.seq != at->listed.next() || entry.seq >= before) break;
      listing.list(entry);
      chat_.outbox.is_in_gap(LogEntry::from(entry));
      // The archive was faster.
      const bool is_here = entry.kind == wire::EntryKind::application && chat_.archive.has_place(entry.seq);
      if (is_here) (void)listing.takes(entry.sender_user, entry.seq);
    }
  }
  // Where the log begins later, what was before is not known; whatever else does not help is not asked twice. Whoever
  // has read nothing yet, or had been taken out, was not in then.
  const bool begins_later =
      error != nullptr && error->code == wire::ErrorCode::trimmed && after.next() < error->first_seq;
  const bool was_out = at->after.value == 0 || chat_.in_since(chat_.machine().account.user()) > at->after;
  const Seq told_up_to{(begins_later ? std::min(error->first_seq, before) : before).value - 1};
  if (at->listed == after && begins_later && was_out) {
    at->listed = told_up_to;
  } else if (at->listed == after) {
    listing.blur(told_up_to);
  }
  chat_.changed_quietly();
}

// One question for all that is still awaited: what was on its way when this device was lost again is in the next gap.
void Missing::ask() {
  auto& gaps = chat_.record().gaps;
  if (is_to_be_listed() || std::ranges::none_of(gaps, is_unasked)) return;
  const Seq before = gaps.back().before;
  Seq after = gaps.back().after;
  for (GapRecord& record : gaps) {
    if (record.is_closed || !(is_unasked(record) || gap(record).is_waiting())) continue;
    after = std::min(after, record.after);
    record.asked = before;
    record.asks_again = false;
  }
  chat_.outbox.add({.kind = OutgoingKind::missed, .after = after, .before = before});
  chat_.changed_quietly();
}

// Who was asked had all this time, and the log has been read to its end.
void Missing::lose_patience() {
  auto& gaps = chat_.record().gaps;
  if (std::ranges::none_of(gaps, [this](const GapRecord& record) { return is_due(record); })) return;
  if (chat_.log.has_work() || chat_.outbox.has(OutgoingKind::missed))
    return chat_.wake(chat_.machine().clock_ms() + kLookAgainMs);
  for (GapRecord& record : gaps) {
    if (!is_due(record)) continue;
    record.is_overdue = true;
    weigh(record);
  }
}

// ---- the line ----

void Missing::weigh(GapRecord& record) {
  const auto loss = gap(record).loss();
  if (loss != record.said) {
    record.said = loss;
    show_line(record);
  }
  if (gap(record).is_whole()) gap(record).close();
  chat_.changed_quietly();
}

void Missing::show_line(const GapRecord& record) {
  Machine& machine = chat_.machine();
  const Bytes key = row_key::message(chat_.id(), record.place);
  if (!record.said) {
    machine.erase(key);
    return machine.show({{"type", "message_gone"}, {"conversation", chat_.id().text()}, {"message", record.id.text()}});
  }
  const std::int64_t at = record.said->count > 0 ? record.said->from_ms : record.since_ms;
  const MessageRecord line{.id = record.id,
                           .seq = record.before,
                           .order = record.place,
                           .sender = machine.account.user(),
                           .sent_ms = at,
                           .time_ms = at,
                           .lost = record.said};
  machine.put(key, mls::encoded_secret(line));
  chat_.show_message(chat_.json(line), false);
}

}  // namespace kith::client
