#include "client/core/junction.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {

constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;

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
  const std::uint64_t lost = record.position.value - position.value;
  record.newest.resize(record.newest.size() - std::min<std::uint64_t>(record.newest.size(), lost));
}

bool Junction::has_work() const {
  const ChatRecord& record = chat_.record();
  const bool is_in = record.membership == Membership::member || record.membership == Membership::lost;
  return is_in && record.position.value > 0 && !chat_.is_in_history();
}

void Junction::disconnected() {
  busy_ = false;
  same_ = 0;
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

void Junction::read() {
  const ChatRecord& record = chat_.record();
  const Seq after{record.position.value - record.newest.size() + same_};
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
  compare(*answer);
}

void Junction::compare(const wire::Entries& answer) {
  const auto& newest = chat_.record().newest;
  std::size_t read = 0;
  for (; read < answer.entries.size() && same_ < newest.size(); ++read, ++same_) {
    const LogEntry entry = LogEntry::from(answer.entries[read]);
    if (digest_of(keys::log_step(entry.facts, entry.payload)) != newest[same_]) return found(answer, read);
  }
  // An answer holds no more than fits.
  const bool has_more = !answer.entries.empty() && answer.entries.back().seq < answer.head_seq;
  if (same_ < newest.size() && has_more) return;
  found(answer, read);
}

void Junction::found(const wire::Entries& answer, std::size_t same) {
  const ChatRecord& record = chat_.record();
  const Seq end =
      std::min(Seq{record.position.value - record.newest.size() + std::exchange(same_, 0)}, answer.head_seq);
  const bool is_shorter = end < record.position;
  const Epoch epoch = same < answer.entries.size() ? answer.entries[same].epoch : epoch_;
  chat_.meet_history(end, !is_shorter && !record.newest.empty());
  chat_.saw_head(answer.head_seq);
  const mls::Group* group = chat_.group.get();
  if (is_shorter && group != nullptr && chat_.record().membership == Membership::member &&
      epoch.value != group->epoch())
    chat_.lose("the server was restored to before a change of it");
}

void Junction::refused(const wire::Error& error) {
  switch (error.code) {
    case wire::ErrorCode::not_member:
    case wire::ErrorCode::not_found:
      return chat_.is_forgotten();
    case wire::ErrorCode::trimmed:
      chat_.meet_history(chat_.record().position);
      if (chat_.record().membership == Membership::member) chat_.lose("the log is not kept that far back");
      return;
    default:
      retry_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error.retry_after_ms, kRetryMs, kMaxRetryMs);
  }
}

}  // namespace kith::client
