#include "client/core/missing.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Missing::came_back(Seq after, Seq before) {
  if (after.next() >= before) return;
  auto& gaps = chat_.record().gaps;
  gaps.push_back({.after = after, .before = before});
  if (gaps.size() > kMaxGaps) gaps.erase(gaps.begin());
  chat_.outbox.add({.kind = OutgoingKind::missed, .after = after, .before = before});
  chat_.changed_quietly();
}

void Missing::returned(const LogEntry& entry) {
  auto& returns = chat_.record().returns;
  returns.push_back({.user = entry.facts.sender_user, .device = entry.facts.sender_device, .at = entry.facts.seq});
  if (returns.size() > kMaxReturns) returns.erase(returns.begin());
  chat_.changed_quietly();
}

void Missing::asked(const LogEntry& entry, const wire::Missed& range) {
  const auto is_its = [&](const ReturnRecord& r) {
    return r.user == entry.facts.sender_user && r.device == entry.facts.sender_device && r.at == range.before;
  };
  const auto at = std::ranges::find_if(chat_.record().returns, is_its);
  if (at == chat_.record().returns.end() || at->is_asked || range.after >= range.before) return;
  at->is_asked = true;
  at->after = range.after;
  chat_.changed_quietly();
  chat_.poke();
}

bool Missing::takes(Seq original) {
  for (GapRecord& gap : chat_.record().gaps) {
    if (original <= gap.after || original >= gap.before) continue;
    // They may overtake one another on their way.
    const auto place = std::ranges::lower_bound(gap.filled, original);
    if ((place != gap.filled.end() && *place == original) || gap.filled.size() >= kMaxSentAgain) return false;
    gap.filled.insert(place, original);
    chat_.changed_quietly();
    return true;
  }
  return false;
}

bool Missing::has_gap_at(Seq seq) const {
  return std::ranges::any_of(chat_.record().gaps,
                             [&](const GapRecord& gap) { return gap.after < seq && seq < gap.before; });
}

bool Missing::has_work() const { return std::ranges::any_of(chat_.record().returns, &ReturnRecord::is_asked); }

void Missing::advance() {
  if (loading_ || !has_work()) return;
  const ReturnRecord& next = *std::ranges::find_if(chat_.record().returns, &ReturnRecord::is_asked);
  const std::uint64_t base = chat_.record().order_base;
  loading_ = true;
  // The newest first, should there be too many.
  chat_.machine().load(row_key::message(chat_.id(), base + next.after.value + 1),
                       row_key::message(chat_.id(), base + next.at.value), kMaxSentAgain, true,
                       [this](const std::vector<Row>& rows) { send_again(rows); });
}

// In one batch: the messages wait to be sent, and the question is answered.
void Missing::send_again(const std::vector<Row>& rows) {
  loading_ = false;
  const UserId& self = chat_.machine().account.user();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    auto message = mls::decoded<MessageRecord>(row->value);
    if (!message || message->sender != self || !message->text) continue;
    chat_.outbox.add({.sent_ms = message->sent_ms,
                      .text = std::move(*message->text),
                      .kind = OutgoingKind::again,
                      .after = message->seq});
  }
  const auto at = std::ranges::find_if(chat_.record().returns, &ReturnRecord::is_asked);
  if (at != chat_.record().returns.end()) chat_.record().returns.erase(at);
  chat_.changed_quietly();
  chat_.poke();
}

}  // namespace kith::client
