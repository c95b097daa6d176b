#include "client/core/commits.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
}  // namespace

std::int64_t Commits::refresh_at_ms() const {
  const ChatRecord& record = chat_.record();
  if (record.sent_since_refresh >= kRefreshMessages) return 0;
  // As good as random, and the same after a restart.
  const auto& id = chat_.id().value;
  const std::int64_t spread = (id[0] << 16 | id[1] << 8 | id[2]) + chat_.machine().account.device().value[0] * 65'537;
  return record.refreshed_ms + kRefreshMs + spread % kSpreadMs;
}

bool Commits::has_work() const {
  if (chat_.record().membership != Membership::member) return false;
  return chat_.group.pending() != nullptr || chat_.machine().now().value >= refresh_at_ms() ||
         chat_.devices.difference().has_value();
}

void Commits::plan() const {
  const Machine& machine = chat_.machine();
  if (chat_.record().membership != Membership::member || has_work()) return;
  chat_.wake(machine.clock_ms() + refresh_at_ms() - machine.now().value);
}

void Commits::leaf_is_fresh() {
  chat_.record().refreshed_ms = chat_.machine().now().value;
  chat_.record().sent_since_refresh = 0;
  chat_.changed_quietly();
}

void Commits::advance() {
  const Machine& machine = chat_.machine();
  if (chat_.record().membership != Membership::member || busy_ || !machine.connection.is_online()) return;
  if (!has_work()) return plan();
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  // On what the log says last: anything else would come too late.
  if (chat_.log.has_work() || chat_.record().outlived) return;
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  if (chat_.group.pending() == nullptr && !build()) return;
  transmit();
}

bool Commits::build() {
  Machine& machine = chat_.machine();
  const mls::Group& group = *chat_.group.get();
  PendingRecord record{.external = false, .id = machine.new_client_id(), .epoch = {group.epoch()}};
  mls::CommitOptions options;
  options.tree_in_welcome = false;
  keys::Grounds grounds;
  if (auto difference = chat_.devices.difference()) {
    options.removes = std::move(difference->removes);
    for (auto& newcomer : difference->adds) {
      options.adds.push_back(std::move(newcomer.package));
      record.welcomed.emplace_back(newcomer.user, newcomer.device);
    }
    grounds.lists = std::move(difference->lists);
  }
  follows_lists_ = !grounds.lists.empty();
  options.authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit, grounds.encode());
  auto pending = group.commit(options, machine.entropy);
  if (!pending && follows_lists_) {
    // A key package that cannot be used after all.
    chat_.devices.failed();
    pause();
    return false;
  }
  if (!pending) {
    machine.warn("internal",
                 std::string("This device's keys cannot be renewed: ") + mls::name(pending.error().code) + ".",
                 &chat_.id());
    leaf_is_fresh();  // or it would be tried for ever
    return false;
  }
  chat_.group.set_pending(std::move(record), *std::move(pending));
  return true;
}

void Commits::pause() {
  retry_at_ = chat_.machine().clock_ms() + std::min(kMaxRetryMs, kRetryMs << std::min(failures_, 10U));
  ++failures_;
}

void Commits::transmit() {
  busy_ = true;
  const PendingRecord& record = *chat_.group.pending();
  wire::Commit commit{.conversation = chat_.id(),
                      .client_id = record.id,
                      .epoch = record.epoch,
                      .payload = record.commit,
                      .group_info = record.group_info,
                      .welcomes = {}};
  for (const auto& [user, device] : record.welcomed) commit.welcomes.push_back({user, device, record.welcome});
  chat_.machine().connection.request(std::move(commit), [this](const wire::Body& body) { answered(body); });
}

void Commits::answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  const PendingRecord* pending = chat_.group.pending();
  if (chat_.record().membership != Membership::member || pending == nullptr) return;  // the log was faster
  if (const auto* appended = std::get_if<wire::Appended>(&body)) {
    const Account& account = chat_.machine().account;
    failures_ = 0;
    retry_at_ = chat_.machine().clock_ms() + kRetryMs;  // for a server that does not keep what it says it has
    return chat_.log.acked({{.seq = appended->seq,
                             .time_ms = static_cast<std::uint64_t>(appended->time_ms),
                             .sender_user = account.user(),
                             .sender_device = account.device(),
                             .client_id = pending->id,
                             .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                             .epoch = pending->epoch},
                            pending->commit});
  }
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr) return chat_.machine().connection.give_up("the server answered a commit with something else");
  retry_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error->retry_after_ms, kRetryMs, kMaxRetryMs);
  switch (error->code) {
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      return;
    case wire::ErrorCode::stale_epoch:
      // Somebody was first: the log says who, and drops ours.
      return chat_.log.read_now(error->head_seq);
    case wire::ErrorCode::commit_first:
      chat_.group.drop_pending();
      return chat_.devices.look();
    default:
      if (std::exchange(follows_lists_, false)) {
        // A list changed once more, or a device is not what it was.
        chat_.group.drop_pending();
        pause();
        return chat_.devices.failed();
      }
      chat_.machine().warn("commit_refused", "The server did not take this device's new keys.", &chat_.id());
      chat_.group.drop_pending();
      leaf_is_fresh();  // not again before its time
  }
}

}  // namespace kith::client
