#include "client/core/again.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Again::expect(ReturnRecord question) {
  auto& returns = chat_.record().returns;
  returns.push_back(question);
  if (returns.size() > kMaxReturns) returns.erase(returns.begin());
  chat_.changed_quietly();
}

void Again::returned(const LogEntry& entry) {
  expect({.user = entry.facts.sender_user, .device = entry.facts.sender_device, .at = entry.facts.seq});
}

void Again::replaced(const UserId& user, const DeviceId& device, Seq at) {
  expect({.user = user, .device = device, .at = at});
}

void Again::was_away(Seq at) {
  const DeviceId& self = chat_.machine().account.device();
  for (const keys::VerifiedDevice& other : chat_.group.devices()) {
    if (other.device == self) continue;
    std::erase_if(chat_.record().returns,
                  [&](const ReturnRecord& r) { return r.is_unseen && r.device == other.device; });
    expect({.user = other.user, .device = other.device, .at = at, .is_unseen = true});
  }
}

void Again::log_ends_at(Seq head) {
  std::erase_if(chat_.record().returns, [&](const ReturnRecord& question) { return question.at > head; });
}

void Again::asked(const LogEntry& entry, const wire::Missed& range) {
  const auto is_its = [&](const ReturnRecord& r) {
    const bool is_then = r.is_unseen ? range.before < r.at : range.before == r.at;
    return r.user == entry.facts.sender_user && r.device == entry.facts.sender_device && is_then && !r.is_asked;
  };
  const auto at = std::ranges::find_if(chat_.record().returns, is_its);
  // Nobody is sent what was said before it came.
  if (at == chat_.record().returns.end() || std::max(range.after, chat_.in_since(at->user)) >= range.before) return;
  at->at = range.before;
  at->is_unseen = false;
  at->is_asked = true;
  at->after = std::max(range.after, chat_.in_since(entry.facts.sender_user));
  chat_.changed_quietly();
  chat_.poke();
}

void Again::was_not_shown(const LogEntry& entry) {
  Machine& machine = chat_.machine();
  if (entry.facts.sender_user != machine.account.user()) return;
  machine.put(row_key::unshown(chat_.id(), chat_.record().order_base + entry.facts.seq.value),
              mls::encoded_secret(UnshownRecord{entry.facts.seq}));
}

bool Again::has_work() const { return std::ranges::any_of(chat_.record().returns, &ReturnRecord::is_asked); }

void Again::advance() {
  if (loading_ || !has_work()) return;
  const ReturnRecord question = *std::ranges::find_if(chat_.record().returns, &ReturnRecord::is_asked);
  loading_ = true;
  // The newest first, should there be too many.
  look_in(chat_.archive.held_between(question.after, question.at), row_key::message, kMaxSentAgain, {},
          [this, question](const Found& messages) { look_for_unshown(question, messages); });
}

void Again::look_in(std::vector<HeldRange> ranges, RowKey key, std::uint32_t most, Found found, const Then& then) {
  if (ranges.empty() || found.rows.size() >= most) return then(found);
  const HeldRange range = ranges.back();
  ranges.pop_back();
  const auto left = most - static_cast<std::uint32_t>(found.rows.size());
  chat_.machine().load(key(chat_.id(), range.base + range.from.value), key(chat_.id(), range.base + range.to.value + 1),
                       left, true,
                       [this, ranges = std::move(ranges), key, most, found = std::move(found), base = range.base,
                        then](const std::vector<Row>& rows) mutable {
                         found.rows.insert(found.rows.end(), rows.begin(), rows.end());
                         found.base = base;
                         look_in(std::move(ranges), key, most, std::move(found), then);
                       });
}

void Again::look_for_unshown(const ReturnRecord& question, const Found& messages) {
  Seq after = question.after;
  // Behind the oldest of as many as were asked for: what was before it is not looked at.
  if (messages.rows.size() >= kMaxSentAgain) {
    if (const auto oldest = mls::decoded<MessageRecord>(messages.rows.back().value))
      after = std::max(after, Seq{oldest->order - messages.base - (oldest->place > 0 ? 0 : 1)});
  }
  look_in(chat_.archive.held_between(after, question.at), row_key::unshown, kMaxUnshown, {},
          [this, question, after, messages = messages.rows](const Found& unshown) {
            answer(question, after, messages, unshown.rows);
          });
}

// In one batch: the messages wait to be sent, and the question is answered.
void Again::answer(const ReturnRecord& question, Seq after, const std::vector<Row>& messages,
                   const std::vector<Row>& rest) {
  loading_ = false;
  chat_.poke();
  const auto is_it = [&](const ReturnRecord& r) {
    return r.is_asked && r.device == question.device && r.at == question.at;
  };
  const auto at = std::ranges::find_if(chat_.record().returns, is_it);
  // Another history began meanwhile.
  if (at == chat_.record().returns.end()) return;
  std::vector<Seq> unshown;
  for (const Row& row : rest) {
    if (const auto entry = mls::decoded<UnshownRecord>(row.value)) unshown.push_back(entry->seq);
  }
  if (rest.size() >= kMaxUnshown && !unshown.empty()) after = std::max(after, Seq{unshown.back().value - 1});
  for (auto row = messages.rbegin(); row != messages.rend(); ++row) {
    auto message = mls::decoded<MessageRecord>(row->value);
    if (!message || message->sender != chat_.machine().account.user() || message->lost) continue;
    if (message->is_again) unshown.push_back(message->seq);
    // What came again itself is sent for its first place: the device that said it there may be gone.
    const Seq place = message->is_again ? message->first_seq : message->seq;
    if (place <= question.after || !message->text) continue;
    chat_.outbox.add({.sent_ms = message->sent_ms,
                      .text = std::move(*message->text),
                      .kind = OutgoingKind::again,
                      .after = place,
                      .reply = std::move(message->reply),
                      .mentions = std::move(message->mentions),
                      .first_id = message->is_again ? message->first_id : message->id});
  }
  std::ranges::sort(unshown);
  chat_.outbox.add(
      {.kind = OutgoingKind::again_done, .after = after, .before = question.at, .unshown = std::move(unshown)});
  chat_.record().returns.erase(at);
  chat_.changed_quietly();
}

}  // namespace kith::client
