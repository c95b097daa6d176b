#include "client/core/sync.h"

#include <utility>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kSecondSyncMs = 2'000;
constexpr std::int64_t kPeriodMs = 5 * 60'000;
constexpr std::int64_t kIdlePeriodMs = 15 * 60'000;
constexpr std::int64_t kRetryMs = 2'000;
constexpr std::size_t kMaxTokenBytes = 1024;
constexpr std::size_t kMaxEarlier = 64;  // a server is restored a few times in its life
}  // namespace

bool Sync::restore(ByteView record) {
  auto read = mls::decoded<SyncRecord>(record);
  if (!read) return false;
  record_ = *std::move(read);
  stored_token_ = record_.token;
  return true;
}

void Sync::store() {
  if (machine_.arrivals.has_all()) stored_token_ = record_.token;
  SyncRecord stored = record_;
  stored.token = stored_token_;
  machine_.put(row_key::sync(), mls::encoded_secret(stored));
}

void Sync::arrived() {
  if (!same_bytes(stored_token_, record_.token)) store();
}

void Sync::mailbox_processed(Seq up_to) {
  record_.mailbox = up_to;
  store();
}

void Sync::adopt(const HistoryId& history) {
  // It may have met none yet.
  if (history == HistoryId{}) return;
  record_ = {.history = history};
  stored_token_.clear();
  store();
}

void Sync::connected() {
  complete_ = false;
  meet_history(machine_.connection.history());
  if (record_.token.empty()) machine_.arrivals.hurry();
  ask();
}

void Sync::disconnected() {
  asking_ = false;
  again_ = false;
  next_at_ = 0;
}

void Sync::meet_history(const HistoryId& history) {
  if (record_.history == history) return;
  const bool is_another = record_.history.has_value();
  if (is_another) record_.earlier.push_back(*record_.history);
  if (record_.earlier.size() > kMaxEarlier) record_.earlier.erase(record_.earlier.begin());
  record_.history = history;
  record_.token.clear();
  stored_token_.clear();
  if (is_another) {
    // What was processed is not there any more, or does no harm.
    record_.mailbox = {};
    machine_.mailbox.history_changed();
    machine_.account.history_changed();
    machine_.contacts.history_changed();
    machine_.key_packages.history_changed();
  }
  store();
  if (is_another)
    machine_.warn("history_changed", "The server was restored from a backup; some messages may have to be sent again.");
}

void Sync::set_active(bool active) {
  if (!std::exchange(active_, active) && active) wanted();
}

void Sync::wanted() {
  if (!machine_.connection.is_greeted()) return;
  if (asking_) {
    again_ = true;
  } else {
    ask();
  }
}

void Sync::ask() {
  if (machine_.connection.free_slots() == 0) {
    next_at_ = machine_.clock_ms() + kRetryMs;
    return;
  }
  asking_ = true;
  again_ = false;
  next_at_ = 0;
  machine_.archive.asking_sync();
  machine_.connection.request(wire::Sync{.token = record_.token}, [this](const wire::Body& body) {
    asking_ = false;
    if (const auto* answer = std::get_if<wire::SyncOk>(&body)) return told(*answer);
    if (const auto* error = std::get_if<wire::Error>(&body)) {
      // A token that the server does not know any more is the same as none.
      if (error->code == wire::ErrorCode::invalid_argument) record_.token.clear();
      next_at_ = machine_.clock_ms() + std::max<std::int64_t>(error->retry_after_ms, kRetryMs);
      return;
    }
    machine_.connection.give_up("the server answered a sync with something else");
  });
}

void Sync::told(const wire::SyncOk& answer) {
  if (answer.token.size() > kMaxTokenBytes) return machine_.connection.give_up("the sync token is too large");
  if (answer.history_id != record_.history) return machine_.connection.give_up("the history changed in mid-connection");
  for (const wire::Head& head : answer.heads) machine_.chats.told(head);
  const bool moved = !same_bytes(record_.token, answer.token);
  record_.token = to_bytes(answer.token);
  if (moved) store();
  machine_.mailbox.told(answer.mailbox_head);
  machine_.archive.told(answer.archive_head);
  // A server that says "more" without getting anywhere would be asked forever.
  if ((answer.more && moved) || again_) return ask();
  const bool first = !complete_;
  complete_ = true;
  next_at_ = machine_.clock_ms() + (first ? kSecondSyncMs : active_ ? kPeriodMs : kIdlePeriodMs);
  if (first) {
    machine_.connection.synced();
    machine_.chats.online();
  }
  machine_.key_packages.look();
  machine_.own_requests.look();
}

void Sync::tick() {
  if (next_at_ != 0 && machine_.clock_ms() >= next_at_ && machine_.connection.is_greeted() && !asking_) ask();
}

std::optional<std::int64_t> Sync::wake_at() const { return next_at_ != 0 ? std::optional(next_at_) : std::nullopt; }

}  // namespace kith::client
