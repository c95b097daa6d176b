#include "client/core/gap.h"

#include <algorithm>

namespace kith::client {

namespace {
// The end of the year 9999: calendars know nothing later.
constexpr std::int64_t kLatestMs = 253'402'300'799'999;
}  // namespace

void Gap::grow(Seq from, Seq before, UnixMillis now) {
  if (is_listed()) record_.listed = from;
  record_.before = before;
  record_.since_ms = now.value;
  record_.is_overdue = false;
  for (AnswerRecord& other : record_.others) other.is_done = false;
  // The newest places are looked at, should there be too many.
  if (record_.listed.value + kMaxExpected + 1 < before.value) blur({before.value - 1 - kMaxExpected});
}

AnswerRecord* Gap::find(const UserId& user, const DeviceId& device) {
  const auto is_it = [&](const AnswerRecord& other) { return other.user == user && other.device == device; };
  const auto at = std::ranges::find_if(record_.others, is_it);
  return at == record_.others.end() ? nullptr : &*at;
}

bool Gap::knows(const UserId& user, const DeviceId& device) {
  if (find(user, device) != nullptr) return true;
  if (record_.others.size() >= kMaxOthers) return false;
  record_.others.push_back({.user = user, .device = device});
  return true;
}

void Gap::is_known_to(const UserId& user, const DeviceId& device) {
  if (user != user_ || device != device_) (void)knows(user, device);
}

void Gap::list(const wire::Entry& entry) {
  record_.listed = entry.seq;
  const bool is_mine = entry.sender_user == user_ && entry.sender_device == device_;
  if (entry.kind != wire::EntryKind::application || is_mine) return;
  if (std::ranges::binary_search(record_.filled, FilledRecord{entry.seq, entry.sender_user == user_})) return;
  if (record_.missing.size() >= kMaxExpected || !knows(entry.sender_user, entry.sender_device)) {
    record_.is_blurred = true;
    return;
  }
  const auto author = find(entry.sender_user, entry.sender_device) - record_.others.data();
  record_.missing.push_back(
      {.seq = entry.seq, .time_ms = std::min(entry.time_ms, kLatestMs), .author = static_cast<std::uint8_t>(author)});
}

void Gap::blur(Seq up_to) {
  record_.is_blurred = true;
  record_.listed = std::max(record_.listed, up_to);
}

bool Gap::takes(const UserId& sender, Seq original, bool may_write) {
  const auto is_theirs = [&](const ExpectedRecord& expected) {
    return expected.seq == original && record_.others[expected.author].user == sender;
  };
  if (!may_write && sender != user_ && std::ranges::none_of(record_.missing, is_theirs)) return false;
  const FilledRecord place{original, sender == user_};
  // They may overtake one another on their way.
  const auto at = std::ranges::lower_bound(record_.filled, place);
  if (at != record_.filled.end() && *at == place) return false;
  const auto all = std::ranges::count(record_.filled, place.is_own, &FilledRecord::is_own);
  if (static_cast<std::size_t>(all) >= kMaxFilled) return false;
  record_.filled.insert(at, place);
  std::erase_if(record_.missing, is_theirs);
  return true;
}

bool Gap::ends(const UserId& user, const DeviceId& device, const wire::AgainDone& end) {
  const bool is_asked = record_.asked >= record_.before;
  if (!is_asked || (end.before != record_.before && end.before != record_.asked)) return false;
  AnswerRecord* other = find(user, device);
  if (other == nullptr || other->is_done) return false;
  other->is_done = true;
  other->after = end.after;
  std::vector<Seq> unshown = end.unshown;
  std::ranges::sort(unshown);
  std::erase_if(record_.missing, [&](const ExpectedRecord& expected) {
    return record_.others[expected.author].user == user && std::ranges::binary_search(unshown, expected.seq);
  });
  return true;
}

bool Gap::awaits(const UserId& user, const DeviceId& device) const {
  return is_waiting() && std::ranges::any_of(record_.others, [&](const AnswerRecord& other) {
           return other.user == user && other.device == device && !other.is_done;
         });
}

// Of places that nobody told of, the other side knows best; it holds for them once one of its devices says so.
bool Gap::is_waiting() const {
  const auto is_open = [&](const ExpectedRecord& expected) { return !record_.others[expected.author].is_done; };
  const auto is_theirs = [&](const AnswerRecord& other) { return other.user != user_ && other.is_done; };
  return std::ranges::any_of(record_.missing, is_open) ||
         (record_.is_blurred && std::ranges::none_of(record_.others, is_theirs));
}

std::optional<LossRecord> Gap::loss() const {
  LossRecord loss;
  bool is_certain = true;
  for (const ExpectedRecord& expected : record_.missing) {
    const AnswerRecord& author = record_.others[expected.author];
    if (author.is_done && author.after < expected.seq) {
      loss.from_ms = loss.count == 0 ? expected.time_ms : std::min(loss.from_ms, expected.time_ms);
      loss.to_ms = std::max(loss.to_ms, expected.time_ms);
      ++loss.count;
    } else if (author.is_done || record_.is_overdue) {
      // Perhaps nothing that was for people.
      is_certain = false;
    }
  }
  if (record_.is_blurred) {
    const auto is_theirs = [&](const AnswerRecord& other) { return other.user != user_ && other.is_done; };
    const auto knows_all = [&](const AnswerRecord& other) { return is_theirs(other) && other.after <= record_.after; };
    const bool is_answered = std::ranges::any_of(record_.others, is_theirs);
    if ((is_answered || record_.is_overdue) && std::ranges::none_of(record_.others, knows_all)) is_certain = false;
  }
  if (!is_certain) return LossRecord{};
  return loss.count > 0 ? std::optional(loss) : std::nullopt;
}

bool Gap::is_whole() const {
  const bool all_answered = !record_.others.empty() && std::ranges::all_of(record_.others, &AnswerRecord::is_done);
  return is_listed() && record_.missing.empty() && (all_answered || record_.is_overdue) && !loss();
}

void Gap::close() {
  record_ = {
      .id = record_.id, .place = record_.place, .after = record_.after, .before = record_.before, .is_closed = true};
}

}  // namespace kith::client
