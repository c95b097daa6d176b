#include "client/core/chat_archive.h"

#include <algorithm>
#include <set>

#include "client/core/archive_content.h"
#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {

// What is left of [from, to] behind what these take away from its beginning, and before what they take from the rest.
std::optional<std::pair<Seq, Seq>> first_left(const HistoryId& history, Seq from, Seq to,
                                              std::vector<ArchivedRange> taken) {
  std::ranges::sort(taken, {}, &ArchivedRange::from);
  for (const ArchivedRange& range : taken) {
    if (range.history != history || range.to < from) continue;
    if (range.from > from) {
      to = std::min(to, Seq{range.from.value - 1});
      break;
    }
    from = range.to.next();
  }
  return from <= to ? std::optional(std::pair(from, to)) : std::nullopt;
}

// The number at the end of a row's key.
std::uint64_t order_in(ByteView key, std::size_t prefix) {
  std::uint64_t order = 0;
  for (const std::uint8_t b : key.subspan(prefix, std::min<std::size_t>(8, key.size() - prefix)))
    order = order << 8 | b;
  return order;
}

}  // namespace

ChatArchiveRecord& ChatArchive::record() const { return chat_.record().archive; }

// ---- what this device has ----

void ChatArchive::has_read(Seq seq) {
  hold({.history = chat_.machine().sync.history(), .from = seq, .to = seq, .base = chat_.record().order_base});
}

void ChatArchive::has_passed(Seq seq) {
  // What the archive has for it is no further ahead any more.
  if (has_place(seq)) chat_.unread_changed();
  if (record().held.size() >= kMaxHeld) has_read(seq);
}

void ChatArchive::hold(HeldRange range) {
  auto& all = record().held;
  std::erase_if(all, [&](const HeldRange& other) {
    const bool is_like_it =
        other.history == range.history && other.base == range.base && other.is_shared == range.is_shared;
    if (!is_like_it || other.from > range.to.next() || range.from > other.to.next()) return false;
    range.from = std::min(range.from, other.from);
    range.to = std::max(range.to, other.to);
    return true;
  });
  all.push_back(range);
  chat_.changed_quietly();
}

void ChatArchive::has_shown() { chat_.machine().archive.writer.chat_has_news(chat_.id(), true); }

void ChatArchive::history_moved(const HistoryId& former, Seq end) {
  const HistoryId& present = chat_.machine().sync.history();
  const auto& held = record().held;
  if (std::ranges::find(held, present, &HeldRange::history) != held.end()) return;
  for (const HeldRange& range : std::vector(held)) {
    if (range.history == former && range.from <= end)
      hold({present, range.from, std::min(range.to, end), range.base, true});
  }
}

std::uint64_t ChatArchive::base_behind(const std::optional<Seq>& end) const {
  const ChatRecord& chat = chat_.record();
  std::uint64_t base = chat.order_base + chat.position.value - end.value_or(Seq{}).value;
  for (const HeldRange& range : record().held) {
    if (range.history == chat_.machine().sync.history()) {
      // The archive was faster.
      base = std::max(base, range.base);
    } else if (!end && range.to > chat.position) {
      base = std::max(base, range.base + kRoomOfOne);
    }
  }
  return base;
}

bool ChatArchive::holds(const HistoryId& history, Seq seq) const {
  return std::ranges::any_of(record().held, [&](const HeldRange& range) {
    return range.history == history && range.from <= seq && seq <= range.to;
  });
}

bool ChatArchive::has_place(Seq seq) const { return holds(chat_.machine().sync.history(), seq); }

bool ChatArchive::is_past(std::uint64_t order) const {
  const ChatRecord& chat = chat_.record();
  return chat.membership == Membership::out || order <= chat.order_base + chat.position.value;
}

std::vector<HeldRange> ChatArchive::held_between(Seq after, Seq before) const {
  std::vector<HeldRange> between;
  for (HeldRange range : record().held) {
    range.from = std::max(range.from, after.next());
    range.to = std::min(range.to, Seq{before.value - 1});
    if (range.history == chat_.machine().sync.history() && range.from <= range.to) between.push_back(range);
  }
  std::ranges::sort(between, {}, &HeldRange::from);
  return between;
}

// ---- what the archive has ----

void ChatArchive::learn(const wire::ArchivedSpan& span) {
  auto& all = record().archived;
  ArchivedRange range{span.history, span.from, span.to};
  std::erase_if(all, [&](const ArchivedRange& other) {
    const bool touches =
        other.history == range.history && other.from <= range.to.next() && range.from <= other.to.next();
    if (!touches) return false;
    range.from = std::min(range.from, other.from);
    range.to = std::max(range.to, other.to);
    return true;
  });
  all.push_back(range);
  chat_.changed_quietly();
}

void ChatArchive::forget_archived() {
  record().archived.clear();
  record().settings_archived_ms = 0;
  chat_.changed_quietly();
}

std::optional<HeldRange> ChatArchive::next_to_archive(const std::vector<ArchivedRange>& under_way) const {
  std::vector<ArchivedRange> taken = record().archived;
  taken.insert(taken.end(), under_way.begin(), under_way.end());
  for (const HeldRange& range : record().held) {
    if (range.is_shared) continue;
    if (const auto left = first_left(range.history, range.from, range.to, taken))
      return HeldRange{range.history, left->first, left->second, range.base};
  }
  return std::nullopt;
}

// ---- what comes from it ----

bool ChatArchive::lies_between(const wire::ArchivedSpan& span) const {
  return std::ranges::any_of(record().held, [&](const HeldRange& range) {
    return range.history == span.history && range.from <= span.to && !span.messages.empty() &&
           span.messages.back().seq > range.to;
  });
}

bool ChatArchive::is_of_another_history(const HistoryId& history) const {
  return std::ranges::any_of(record().held, [&](const HeldRange& range) { return range.history != history; });
}

bool ChatArchive::has(const wire::ArchivedSpan& span, const wire::ArchivedMessage& message) const {
  // Where it came again this device may have passed it, since it waited for nothing there.
  return holds(span.history, message.first_seq.value > 0 ? message.first_seq : message.seq);
}

bool ChatArchive::has_news(const wire::ArchivedSpan& span) const {
  return !std::ranges::all_of(span.messages, [&](const auto& message) { return has(span, message); });
}

std::optional<ChatArchive::KeyRange> ChatArchive::rows_needed(const wire::ArchivedSpan& span) const {
  if (!has_news(span)) return std::nullopt;
  // Where places are not comparable, or may be wrong and some messages stand where they came again, far behind them.
  if (is_of_another_history(span.history) || (chat_.record().is_doubted && chat_.record().has_again))
    return KeyRange{row_key::message(chat_.id(), 0), row_key::message(chat_.id(), ~std::uint64_t{0})};
  const auto base = base_of(span.history, span.to);
  if (chat_.record().is_doubted && base) {
    const std::uint64_t from = *base + span.from.value;
    return KeyRange{row_key::message(chat_.id(), from - std::min(from, kDoubtedPlaces)),
                    row_key::message(chat_.id(), *base + span.to.value + kDoubtedPlaces)};
  }
  if (!lies_between(span) && !chat_.record().has_again) return std::nullopt;
  return KeyRange{row_key::again(chat_.id(), 0), row_key::again(chat_.id(), ~std::uint64_t{0})};
}

std::optional<std::uint64_t> ChatArchive::base_of(const HistoryId& history, Seq seq) const {
  const HeldRange* next = nullptr;  // that has it, or begins behind it
  const HeldRange* last = nullptr;
  std::set<std::uint64_t> older;
  for (const HeldRange& range : record().held) {
    if (range.base < kRoomForOlder) older.insert(range.base);
    if (range.history != history) continue;
    if (last == nullptr || range.from > last->from) last = &range;
    if (range.to >= seq && (next == nullptr || range.from < next->from)) next = &range;
  }
  // What was lost stands behind what the histories share, and before all that came instead.
  if (next != nullptr) return next->base;
  if (history == chat_.machine().sync.history())
    return chat_.is_in_history() ? chat_.record().order_base : base_behind(std::nullopt);
  if (last != nullptr) return last->base;
  const std::uint64_t room = (older.size() + 1) * kRoomOfOne;
  if (chat_.record().order_base < kRoomForOlder || room >= kRoomForOlder || seq.value >= kRoomOfOne)
    return std::nullopt;
  return kRoomForOlder - room;
}

bool ChatArchive::take(const wire::ArchivedSpan& span, const std::vector<Row>& rows) {
  const UserId& self = chat_.machine().account.user();
  const std::size_t prefix = row_key::message(chat_.id(), 0).size() - sizeof(std::uint64_t);
  std::set<std::uint64_t> orders;
  std::set<ClientId> ids;
  for (const Row& row : rows) {
    orders.insert(order_in(row.key, prefix));
    const auto message = row.key.front() == 'm' ? mls::decoded<MessageRecord>(row.value) : fail(mls::Errc::bad_value);
    if (!message) continue;
    ids.insert(message->id);
    if (message->is_again) ids.insert(message->first_id);
  }
  if (chat_.is_group()) chat_.profile.recalled(span.name);
  std::vector<ArchivedRange> came{{span.history, span.from, span.to}};
  bool is_changed = false;
  if (!base_of(span.history, span.to)) return false;
  for (const wire::ArchivedMessage& archived : span.messages) {
    if (has(span, archived)) continue;
    const Seq place = archived.first_seq.value > 0 ? archived.first_seq : archived.seq;
    auto message = recalled(archived, base_of(span.history, place).value_or(0), self);
    if (!message || orders.contains(message->order) || ids.contains(message->id)) continue;
    // Of two devices one can have been told another place.
    if (chat_.repeats.find(message->sender, message->id)) continue;
    is_changed = true;
    if (archived.first_seq.value > 0) came.push_back({span.history, archived.first_seq, archived.first_seq});
    put(*std::move(message));
  }
  for (const ArchivedRange& range : came) hold_what_is_new(range);
  if (is_changed) chat_.unread_changed();
  return is_changed;
}

// Only where nothing is held: what was read in the log stays as it is.
void ChatArchive::hold_what_is_new(const ArchivedRange& range) {
  std::vector<ArchivedRange> taken;
  for (const HeldRange& held : record().held) taken.push_back({held.history, held.from, held.to});
  Seq from = range.from;
  while (from <= range.to) {
    const auto left = first_left(range.history, from, range.to, taken);
    if (!left) return;
    hold({range.history, left->first, left->second, base_of(range.history, left->second).value_or(0), false});
    from = left->second.next();
  }
}

void ChatArchive::put(MessageRecord message) {
  ChatRecord& chat = chat_.record();
  chat_.machine().put(row_key::message(chat_.id(), message.order), mls::encoded_secret(message));
  chat_.repeats.came(message);
  if (!message.is_line()) chat_.missing.found(message.sender, message.seq);
  // Of what the log is still to show, the log says whether it is there.
  if (is_past(message.order) && message.sender == chat_.machine().account.user()) chat_.outbox.was_archived(message.id);
  if (chat.last && chat.last->order >= message.order) return;
  // A chat that was made just now is as old as what is in it.
  chat.last_ms = chat.last ? std::max(chat.last_ms, message.time_ms) : message.time_ms;
  shorten(message);
  chat.last = std::move(message);
  chat_.changed();
}

// ---- how the chat is shown ----

void ChatArchive::setting_changed() {
  record().settings_ms = std::max(chat_.machine().now().value, record().settings_ms + 1);
  chat_.machine().archive.writer.chat_has_news(chat_.id(), false);
  chat_.changed();
}

void ChatArchive::set_pinned(bool is_pinned) {
  if (std::exchange(record().is_pinned, is_pinned) != is_pinned) setting_changed();
}

void ChatArchive::set_put_away(bool is_put_away) {
  if (std::exchange(record().is_put_away, is_put_away) != is_put_away) setting_changed();
}

void ChatArchive::message_came() {
  if (record().is_put_away && !chat_.alerts.is_muted()) set_put_away(false);
}

bool ChatArchive::has_settings_to_archive() const { return record().settings_ms > record().settings_archived_ms; }

wire::ArchivedChat ChatArchive::settings() const {
  const ChatRecord& chat = chat_.record();
  return {.conversation = chat_.id(),
          .at_ms = record().settings_ms,
          .muted_until_ms = chat.muted_until_ms,
          .alerts = static_cast<std::uint8_t>(chat.alerts),
          .is_pinned = record().is_pinned,
          .is_put_away = record().is_put_away,
          .peer = chat_.is_group() ? std::nullopt : std::optional(chat.peer)};
}

void ChatArchive::recall(const wire::ArchivedChat& told) {
  if (chat_.machine().archive.is_of_the_future(told.at_ms)) return;
  if (told.at_ms > record().settings_ms) {
    chat_.record().muted_until_ms = told.muted_until_ms;
    chat_.record().alerts = told.alerts > static_cast<std::uint8_t>(AlertLevel::none)
                                ? AlertLevel::none
                                : static_cast<AlertLevel>(told.alerts);
    record().is_pinned = told.is_pinned;
    record().is_put_away = told.is_put_away;
    record().settings_ms = told.at_ms;
    chat_.changed();
    chat_.poke();
  }
  wire::ArchivedChat own = settings();
  own.at_ms = told.at_ms;
  if (told.at_ms == record().settings_ms || own == told) record().settings_archived_ms = record().settings_ms;
  chat_.changed_quietly();
}

}  // namespace kith::client
