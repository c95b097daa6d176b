#include "client/core/junction.h"

#include <algorithm>
#include <limits>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {

constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::uint64_t kLookedBack = 256;  // entries at a time
constexpr std::uint32_t kMostRows = 1'000;  // messages, and lines behind them

std::uint64_t digest_of(ByteView log_step) {
  const keys::LogHash hash = keys::next_log_hash(keys::kEmptyLog, log_step);
  std::uint64_t digest = 0;
  for (const std::uint8_t b : ByteView(hash).first(sizeof digest)) digest = digest << 8 | b;
  return digest;
}

}  // namespace

void Junction::passed(ByteView log_step) {
  auto& newest = chat_.record().newest;
  newest.push_back(digest_of(log_step));
  if (newest.size() > kKept) newest.erase(newest.begin());
}

void Junction::begin_anew() { chat_.record().newest.clear(); }

void Junction::end_at(Seq position) {
  ChatRecord& record = chat_.record();
  const std::uint64_t lost = std::min<std::uint64_t>(record.newest.size(), record.position.value - position.value);
  record.newest.resize(record.newest.size() - static_cast<std::size_t>(lost));
}

bool Junction::has_work() const {
  const ChatRecord& record = chat_.record();
  const bool is_in = record.membership == Membership::member || record.membership == Membership::lost;
  return is_in && record.position.value > 0 && !chat_.is_in_history();
}

void Junction::disconnected() {
  busy_ = false;
  same_ = 0;
  looks_back_after_.reset();
  last_same_ = {};
  shown_after_ = {};
  retry_at_ = 0;
  epoch_ = {};
}

// Only once the sync has told of all that there is: of what it does not name the read tells that it is not there.
void Junction::advance() {
  const Machine& machine = chat_.machine();
  if (!has_work() || busy_ || !machine.connection.is_online()) return;
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  read();
}

Seq Junction::kept_after() const {
  const ChatRecord& record = chat_.record();
  return {record.position.value - record.newest.size()};
}

void Junction::read() {
  const Seq after = looks_back_after_.value_or(Seq{kept_after().value + same_});
  busy_ = true;
  chat_.machine().connection.request(wire::Read{.conversation = chat_.id(), .after_seq = after},
                                     [this, after](const wire::Body& body) { answered(after, body); });
}

void Junction::answered(Seq after, const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  if (!has_work()) return;
  if (const auto* error = std::get_if<wire::Error>(&body)) return refused(*error);
  const auto* answer = std::get_if<wire::Entries>(&body);
  if (answer == nullptr) return chat_.machine().connection.give_up("the server answered a read with something else");
  for (Seq next = after; const wire::Entry& entry : answer->entries) {
    next = next.next();
    if (entry.seq != next) return chat_.machine().connection.give_up("the server left out entries of a log");
  }
  looks_back_after_ ? compare_messages(*answer) : compare(*answer);
}

void Junction::compare(const wire::Entries& answer) {
  const auto& newest = chat_.record().newest;
  bool is_other = false;
  for (std::size_t read = 0; read < answer.entries.size() && same_ < newest.size(); ++read) {
    const LogEntry entry = LogEntry::from(answer.entries[read]);
    is_other = digest_of(keys::log_step(entry.facts, entry.payload)) != newest[same_];
    if (is_other) break;
    epoch_ = entry.kind() == wire::EntryKind::commit ? entry.facts.epoch.next() : entry.facts.epoch;
    ++same_;
  }
  // An answer holds no more than fits.
  const bool has_more = !answer.entries.empty() && answer.entries.back().seq < answer.head_seq;
  if (!is_other && same_ < newest.size() && has_more) return;
  if (same_ == 0 && !newest.empty() && kept_after().value > 0) return look_back_before(kept_after(), answer.head_seq);
  const bool is_shorter = answer.head_seq < chat_.record().position;
  if (newest.empty() && is_shorter) return not_even_there(answer.head_seq);
  if (newest.empty() && chat_.group.get() != nullptr) return ask_group(answer.head_seq);
  found(answer.head_seq);
}

// Nothing was read since this device came in, or what it has read is not kept there any more. Whether the commit that
// led to its group is there, the group of that epoch tells.
void Junction::ask_group(Seq head) {
  busy_ = true;
  // Beyond the end of every tree: the GroupInfo alone.
  chat_.machine().connection.request(wire::GetGroup{.conversation = chat_.id(),
                                                    .epoch = {chat_.group.get()->epoch()},
                                                    .first_node = std::numeric_limits<std::uint32_t>::max()},
                                     [this, head](const wire::Body& body) { group_shown(head, body); });
}

void Junction::group_shown(Seq head, const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  if (!has_work()) return;
  const auto* error = std::get_if<wire::Error>(&body);
  const auto* answer = std::get_if<wire::Group>(&body);
  // It is not there, or of a time before this user was in.
  const bool has_no_such_epoch =
      error != nullptr && (error->code == wire::ErrorCode::not_found || error->code == wire::ErrorCode::trimmed);
  if (error != nullptr && !has_no_such_epoch) return refused(*error);
  if (error == nullptr && answer == nullptr)
    return chat_.machine().connection.give_up("the server answered for a group with something else");
  const mls::Group* group = chat_.group.get();
  const auto info = answer != nullptr ? mls::decoded_message<mls::GroupInfo>(answer->group_info)
                                      : mls::Result<mls::GroupInfo>(fail(mls::Errc::wrong_epoch));
  if (group != nullptr && info && info->confirmation_tag == group->public_group().confirmation_tag())
    return found(head);
  not_even_there(head);
}

// Something else stands where this device came in, or nothing.
void Junction::not_even_there(Seq head) {
  const Seq before{chat_.record().position.value - 1};
  // What it was away from until then it has not read, here or there.
  if (chat_.missing.was_away_at(before)) return look_back_before(kept_after(), head);
  chat_.meet_history(std::min(before, head));
  chat_.saw_head(head);
  if (chat_.record().membership == Membership::member) chat_.lose("the server was restored to before a change of it");
}

void Junction::found(Seq head) {
  const ChatRecord& record = chat_.record();
  const mls::Group* group = chat_.group.get();
  // Where none is the same, not even what this device came in by is there.
  const bool is_followed = same_ > 0 && group != nullptr && epoch_.value == group->epoch();
  const Seq end = std::min(Seq{kept_after().value + std::exchange(same_, 0)}, head);
  const bool is_shorter = end < record.position;
  chat_.meet_history(end, !is_shorter && !record.newest.empty());
  chat_.saw_head(head);
  if (is_shorter && !is_followed && record.membership == Membership::member)
    chat_.lose("the server was restored to before a change of it");
}

// Of what is kept nothing is there: more was lost. The messages that are stored know their places and names.
void Junction::look_back_before(Seq place, Seq head) {
  const std::uint64_t end = std::min(place, head).value;
  looks_back_after_ = std::max(Seq{end - std::min(end, kLookedBack)}, shown_after_);
}

void Junction::compare_messages(const wire::Entries& answer) {
  const ChatRecord& record = chat_.record();
  std::vector<std::pair<Seq, ClientId>> shown;
  for (const wire::Entry& entry : answer.entries) {
    if (entry.seq <= kept_after()) shown.emplace_back(entry.seq, entry.client_id);
  }
  const Bytes from = row_key::message(chat_.id(), record.order_base + looks_back_after_->value + 1);
  const Bytes to = row_key::message(chat_.id(), record.order_base + kept_after().value + 1);
  busy_ = true;
  chat_.machine().load(from, to, kMostRows, false,
                       [this, shown = std::move(shown), head = answer.head_seq](const std::vector<Row>& rows) {
                         busy_ = false;
                         chat_.poke();
                         if (has_work() && looks_back_after_) looked_back(shown, rows, head);
                       });
}

void Junction::looked_back(const std::vector<std::pair<Seq, ClientId>>& shown, const std::vector<Row>& rows, Seq head) {
  // An answer holds no more than fits.
  const Seq shown_up_to = shown.empty() ? *looks_back_after_ : shown.back().first;
  const bool has_more = shown_up_to < std::min(kept_after(), head);
  bool is_other = false;
  for (const Row& row : rows) {
    const auto message = mls::decoded<MessageRecord>(row.value);
    if (!message || message->is_line() || message->is_again || is_other) continue;
    if (message->seq > shown_up_to && has_more) break;
    const auto at = std::ranges::find(shown, message->seq, &std::pair<Seq, ClientId>::first);
    is_other = at == shown.end() || at->second != message->id;
    if (!is_other) last_same_ = message->seq;
  }
  const bool is_any_same = last_same_.value > 0;
  if (!is_any_same && *looks_back_after_ > shown_after_) return look_back_before(*looks_back_after_, head);
  if (is_any_same && !is_other && has_more && !shown.empty()) return void(looks_back_after_ = shown_up_to);
  looked_back_to(last_same_);
  chat_.saw_head(head);
}

// What is before that nobody shows to this device.
void Junction::look_back_to(Seq shown_after) {
  const bool is_behind = shown_after > *looks_back_after_;
  shown_after_ = std::min(shown_after, kept_after());
  if (is_behind && shown_after_ < kept_after()) return void(looks_back_after_ = shown_after_);
  looked_back_to({});
}

void Junction::looked_back_to(Seq last_same) {
  looks_back_after_.reset();
  last_same_ = {};
  chat_.meet_history(std::max(last_same, std::exchange(shown_after_, {})));
  if (chat_.record().membership == Membership::member) chat_.lose("the server was restored to long before");
}

// What is still there can be compared.
void Junction::forget_before(Seq first) {
  auto& newest = chat_.record().newest;
  const std::uint64_t next = kept_after().next().value;
  const std::uint64_t gone =
      first.value > next ? std::min<std::uint64_t>(newest.size(), first.value - next) : newest.size();
  newest.erase(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(gone));
  same_ = 0;
}

void Junction::refused(const wire::Error& error) {
  switch (error.code) {
    case wire::ErrorCode::not_member:
    case wire::ErrorCode::not_found:
      return chat_.is_forgotten();
    case wire::ErrorCode::trimmed:
      if (looks_back_after_) return look_back_to({std::max<std::uint64_t>(error.first_seq.value, 1) - 1});
      if (!chat_.record().newest.empty()) return forget_before(error.first_seq);
      chat_.meet_history(chat_.record().position);
      if (chat_.record().membership == Membership::member) chat_.lose("the log is not kept that far back");
      return;
    default:
      retry_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error.retry_after_ms, kRetryMs, kMaxRetryMs);
  }
}

}  // namespace kith::client
