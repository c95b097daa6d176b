#include "client/core/log.h"

#include <algorithm>
#include <iterator>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
// Hints and answers overtake one another; a gap gets this long to close before the log is read.
constexpr std::int64_t kGapPatienceMs = 150;
// Where a sync or a read spoke of more, nothing overtook anything: such a gap is read at once.
constexpr std::int64_t kLongAgo = 1;
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
// Asked again after 1, 2, 4 and 8 seconds.
constexpr std::uint32_t kMostLies = 4;
}  // namespace

void Log::hinted(const wire::Entry& entry) {
  if (entry.seq <= chat_.record().position) return;
  chat_.saw_head(entry.seq);
  keep(LogEntry::from(entry), false);
  chat_.poke();
}

void Log::acked(LogEntry entry) {
  if (entry.facts.seq <= chat_.record().position) return;
  chat_.saw_head(entry.facts.seq);
  keep(std::move(entry), false, true);
  chat_.poke();
}

void Log::head_is(Seq head) {
  if (head <= chat_.record().position) return;
  chat_.saw_head(head);
  gap_since_ = kLongAgo;
  chat_.poke();
}

void Log::read_now(Seq head) {
  chat_.saw_head(head);
  must_read_ = true;
  chat_.poke();
}

void Log::read_commit(Seq head, Epoch ended) {
  // Its hint may have been faster.
  expects_commit_ = chat_.group.get() != nullptr && chat_.group.get()->epoch() == ended.value;
  read_now(head);
}

void Log::drop(std::map<Seq, Ahead>::iterator ahead) {
  ahead_bytes_ -= ahead->second.entry.payload.size();
  ahead_.erase(ahead);
}

void Log::drop_all() {
  ahead_.clear();
  ahead_bytes_ = 0;
}

void Log::keep(LogEntry entry, bool replace, bool is_word) {
  const Seq seq = entry.facts.seq;
  const auto at = ahead_.find(seq);
  if (at != ahead_.end()) {
    if (!replace && (is_word || !at->second.is_word)) return;
    drop(at);
  }
  const bool is_next = seq == chat_.record().position.next();
  if (!is_next && !replace && (ahead_.size() >= kMaxAhead || ahead_bytes_ + entry.payload.size() > kMaxAheadBytes))
    return;
  ahead_bytes_ += entry.payload.size();
  ahead_.emplace(seq, Ahead{std::move(entry), is_word});
}

std::vector<LogEntry> Log::read_behind(Seq place) const {
  std::vector<LogEntry> entries;
  for (auto at = ahead_.upper_bound(place); at != ahead_.end() && at->first == place.next(); ++at) {
    place = at->first;
    entries.push_back(at->second.entry);
  }
  return entries;
}

bool Log::has_work() const {
  return must_read_ || !ahead_.empty() || chat_.record().head > chat_.record().position || chat_.junction.has_work();
}

void Log::advance() {
  ChatRecord& record = chat_.record();
  // Where its places are in another history is found out first.
  if (!chat_.is_in_history()) return;
  while (record.membership == Membership::member && !ahead_.empty() &&
         ahead_.begin()->first <= record.position.next()) {
    const LogEntry entry = ahead_.begin()->second.entry;
    const bool is_next = entry.facts.seq > record.position;
    if (const auto why = is_next ? chat_.inbox.why_never_next(entry) : std::string(); !why.empty()) {
      distrust(why);
      break;
    }
    drop(ahead_.begin());
    if (is_next) apply(entry);
  }
  if (record.membership != Membership::member) return;
  if (expects_commit_ && !must_read_ && !reading_ && record.head <= record.position) {
    expects_commit_ = false;
    distrust("the server speaks of a commit that it does not show");
  }
  if (record.membership != Membership::member) return;
  const std::int64_t now = chat_.machine().clock_ms();
  if (record.head <= record.position) {
    gap_since_ = 0;
  } else if (gap_since_ == 0) {
    gap_since_ = now;
  }
  if ((gap_since_ == 0 && !must_read_) || reading_ || !chat_.machine().connection.is_greeted()) return;
  const std::int64_t at = std::max(pause_until_, must_read_ ? 0 : gap_since_ + kGapPatienceMs);
  if (now < at) return chat_.wake(at);
  if (chat_.machine().connection.free_slots() == 0) return chat_.wait_for_slot();
  read();
}

void Log::distrust(const std::string& why) {
  const std::vector<LogEntry> shown = read_behind(chat_.record().position);
  drop_all();
  const std::int64_t now = chat_.machine().clock_ms();
  must_read_ = true;
  if (now < pause_until_) return;
  if (lies_ == 0) chat_.inbox.refuse(chat_.record().position.next(), why);
  if (lies_ >= kMostLies) {
    lies_ = 0;
    return chat_.inbox.lose(shown, "the server stays with a log that is not this conversation's");
  }
  pause_until_ = now + (kRetryMs << lies_);
  ++lies_;
}

void Log::apply(const LogEntry& entry) {
  ChatRecord& record = chat_.record();
  lies_ = 0;
  if (entry.kind() == wire::EntryKind::commit) expects_commit_ = false;
  // It stands here, and nowhere else.
  const auto said_elsewhere = std::ranges::find_if(ahead_, [&](const auto& ahead) {
    return ahead.second.is_word && ahead.second.entry.facts.client_id == entry.facts.client_id;
  });
  if (said_elsewhere != ahead_.end()) drop(said_elsewhere);
  const bool is_vouched_for = chat_.inbox.apply(entry);
  // The chain goes on whatever the entry was: it is what the server says, not what it is worth.
  if (record.membership == Membership::out) chat_.archive.has_read(entry.facts.seq);
  if (record.membership != Membership::member) return;
  const Bytes step = keys::log_step(entry.facts, entry.payload);
  chat_.junction.passed(step);
  if (record.anchored) {
    hashes_.emplace_back(record.position, record.hash);
    if (hashes_.size() > kKeptHashes) hashes_.pop_front();
  }
  if (std::exchange(chain_begins_, false)) {
    record.hash = keys::kEmptyLog;
    record.anchored = true;
    steps_.clear();
  }
  if (record.anchored) {
    record.hash = keys::next_log_hash(record.hash, step);
  } else {
    steps_.emplace_back(entry.facts.seq, step);
    if (steps_.size() > kKeptHashes) steps_.pop_front();
  }
  record.position = entry.facts.seq;
  gap_since_ = 0;
  is_vouched_for ? chat_.archive.has_read(entry.facts.seq) : chat_.archive.has_passed(entry.facts.seq);
  chat_.receipts.position_moved();
  chat_.changed_quietly();
}

Log::Agreement Log::compare(Seq seen, const keys::LogHash& hash) {
  ChatRecord& record = chat_.record();
  if (seen.value == 0 || seen > record.position) return Agreement::unknown;
  if (!record.anchored) {
    anchor(seen, hash);
    return Agreement::unknown;
  }
  const keys::LogHash* own = seen == record.position ? &record.hash : nullptr;
  const auto at = std::ranges::lower_bound(hashes_, seen, {}, &std::pair<Seq, keys::LogHash>::first);
  if (own == nullptr && at != hashes_.end() && at->first == seen) own = &at->second;
  if (own == nullptr) return Agreement::unknown;
  return *own == hash ? Agreement::agrees : Agreement::forked;
}

// A joiner cannot know the hash of what came before it; the first who saw a place that it has seen too says it.
void Log::anchor(Seq at, const keys::LogHash& hash) {
  ChatRecord& record = chat_.record();
  const bool is_kept = !steps_.empty() && steps_.back().first == record.position && at.next() >= steps_.front().first;
  if (at != record.position && !is_kept) return;
  record.hash = hash;
  record.anchored = true;
  for (const auto& [seq, step] : std::exchange(steps_, {})) {
    if (seq <= at) continue;
    hashes_.emplace_back(Seq{seq.value - 1}, record.hash);
    record.hash = keys::next_log_hash(record.hash, step);
  }
}

void Log::read() {
  const Seq after = chat_.record().position;
  claimed_ = chat_.record().head;
  reading_ = true;
  must_read_ = false;
  chat_.machine().connection.request(wire::Read{.conversation = chat_.id(), .after_seq = after},
                                     [this, after](const wire::Body& body) { read_answered(after, body); });
}

void Log::read_answered(Seq after, const wire::Body& body) {
  reading_ = false;
  chat_.poke();
  if (const auto* error = std::get_if<wire::Error>(&body)) return refused(*error);
  if (const auto* entries = std::get_if<wire::Entries>(&body)) return take(after, *entries);
  chat_.machine().connection.give_up("the server answered a read with something else");
}

void Log::take(Seq after, const wire::Entries& answer) {
  ChatRecord& record = chat_.record();
  Seq next = after.next();
  for (const wire::Entry& entry : answer.entries) {
    if (entry.seq != next) return chat_.machine().connection.give_up("the server left out entries of a log");
    next = next.next();
    if (entry.seq > record.position) keep(LogEntry::from(entry), true);
  }
  // Where a commit of this device landed is the server's word alone, and this log never came so far.
  if (answer.head_seq < after && record.position == after) return chat_.lose("the log is shorter than the server said");
  chat_.saw_head(answer.head_seq);
  gap_since_ = kLongAgo;
  was_told_trimmed_ = false;
  if (answer.entries.empty() && record.head > record.position && record.position == after) {
    if (answer.head_seq > after) return chat_.machine().connection.give_up("the server withholds entries of a log");
    // Told meanwhile, and faster than this answer.
    if (record.head > claimed_) return;
    // An earlier claim was wrong (or is of another history): the log ends where it ends.
    record.head = record.position;
    drop_all();
    chat_.outbox.log_ends_at(record.head);
    chat_.changed_quietly();
  }
}

void Log::refused(const wire::Error& error) {
  switch (error.code) {
    case wire::ErrorCode::trimmed:
      if (chat_.departure.is_told()) return chat_.departure.is_out(false);
      // The group is given up for it, and whoever alone knows one has nobody to come back to: one answer is not enough.
      if (!std::exchange(was_told_trimmed_, true)) return void(must_read_ = true);
      return chat_.lose("the log is not kept that far back");
    case wire::ErrorCode::not_member:
    case wire::ErrorCode::not_found:
      chat_.record().head = chat_.record().position;
      drop_all();
      chat_.changed_quietly();
      if (std::exchange(warned_not_member_, true)) return;
      return chat_.machine().warn("not_member", "The server does not show this conversation.", &chat_.id());
    default:
      must_read_ = true;
      pause_until_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error.retry_after_ms, kRetryMs, kMaxRetryMs);
  }
}

void Log::disconnected() {
  must_read_ = must_read_ || reading_;
  reading_ = false;
  gap_since_ = 0;
  // Another connection is no reason to ask a server sooner that stays with a lie.
  if (lies_ == 0) pause_until_ = 0;
}

void Log::ends_at(Seq head) {
  while (!ahead_.empty() && ahead_.rbegin()->first > head) drop(std::prev(ahead_.end()));
  hashes_.clear();
  steps_.clear();
}

void Log::begin_at(Seq position, const std::optional<Bytes>& step) {
  ChatRecord& record = chat_.record();
  // What is here stays where it is, and how far it was read and told of says nothing of this log.
  if (position < record.position) {
    record.order_base += record.position.value - position.value;
    chat_.receipts.clamp(position);
    chat_.again.log_ends_at(position);
    chat_.places_go_back_to(position);
  }
  record.position = position;
  record.anchored = step.has_value();
  record.hash = step ? keys::next_log_hash(keys::kEmptyLog, *step) : keys::kEmptyLog;
  chat_.junction.begin_anew();
  // Whether there is more is not known: as if there were, so that it is read even after a restart.
  record.head = std::max(record.head, position.next());
  hashes_.clear();
  steps_.clear();
  while (!ahead_.empty() && ahead_.begin()->first <= position) drop(ahead_.begin());
  lies_ = 0;
  was_told_trimmed_ = false;
  expects_commit_ = false;
  gap_since_ = kLongAgo;
  chat_.outbox.drop_archived();
  chat_.unread_changed();
  chat_.changed();
}

}  // namespace kith::client
