#include "client/core/commits.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"
#include "client/core/welcomes.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::uint64_t kSpreadOfLosersMs = 300;
// What a frame holds, with some room for what is around it.
constexpr std::size_t kMaxRequestBytes = 900 * 1024;
constexpr std::size_t kBesideAWelcome = 96;

// What a commit is for, as its bytes say: it may be of another life of this program.
struct Purpose {
  keys::Grounds grounds;       // the lists, notes and marks that it follows
  bool changes_group = false;  // it does more than to give this leaf new keys
};

Purpose purpose_of(ByteView commit) {
  const auto message = mls::decoded_message<mls::PublicMessage>(commit);
  if (!message) return {};
  auto grounds = keys::Grounds::of(message->content.authenticated_data);
  const auto* body = std::get_if<mls::Commit>(&message->content.content);
  return {.grounds = grounds ? *std::move(grounds) : keys::Grounds{},
          .changes_group = body != nullptr && !body->proposals.empty()};
}
}  // namespace

// As good as random, and the same after a restart.
std::int64_t Commits::refresh_after_ms() const {
  const auto& id = chat_.id().value;
  const std::int64_t spread = (id[0] << 16 | id[1] << 8 | id[2]) + chat_.machine().account.device().value[0] * 65'537;
  return kRefreshMs + spread % kSpreadMs;
}

std::int64_t Commits::refresh_at_ms() const {
  const ChatRecord& record = chat_.record();
  return record.sent_since_refresh >= kRefreshMessages ? 0 : record.refreshed_ms + refresh_after_ms();
}

bool Commits::has_work() const {
  if (chat_.record().membership != Membership::member) return false;
  return chat_.group.pending() != nullptr || chat_.machine().now().value >= refresh_at_ms() ||
         chat_.devices.difference().has_value() || chat_.members.wants_commit();
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

void Commits::refresh_soon() {
  Machine& machine = chat_.machine();
  const std::int64_t at = machine.now().value + static_cast<std::int64_t>(machine.random_below(kSoonMs));
  if (refresh_at_ms() <= at) return;
  chat_.record().refreshed_ms = at - refresh_after_ms();
  chat_.changed_quietly();
  chat_.poke();
}

void Commits::advance() {
  const Machine& machine = chat_.machine();
  if (chat_.record().membership != Membership::member || busy_ || !machine.connection.is_online()) return;
  if (refusal_ && !chat_.log.has_work() && !chat_.log.is_reading()) end_refused(*std::exchange(refusal_, {}));
  if (refusal_) return;
  if (!has_work()) return plan();
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  // On what the log says last: anything else would come too late.
  if (chat_.log.has_work() || chat_.record().outlived) return;
  // A server that was restored takes no leaf under keys that it does not know yet.
  if (machine.account.record().is_list_doubtful) return;
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  drop_former();
  // A leave note names this leaf as it is.
  if (chat_.group.pending() == nullptr && (chat_.departure.is_leaving() || !build())) return;
  transmit();
}

// The log as this history has it is read to its end without it. To whoever came to this history since and never met the
// one that it names, it would be what the server showed to this device only.
void Commits::drop_former() {
  const PendingRecord* pending = chat_.group.pending();
  if (pending == nullptr || is_of(chat_.machine().connection.history(), *pending)) return;
  chat_.group.drop_pending();
  chat_.members.lost_race();
  chat_.poke();
}

bool Commits::build() {
  Machine& machine = chat_.machine();
  const mls::Group& group = *chat_.group.get();
  const bool is_due = machine.now().value >= refresh_at_ms();
  PendingRecord record{.external = false, .id = machine.new_client_id(), .epoch = {group.epoch()}};
  CommitPlan plan = chat_.devices.difference().value_or(CommitPlan{});
  const bool has_grounds = plan.grounds != keys::Grounds{};
  const bool has_to = is_due || has_grounds;
  if (chat_.is_group()) chat_.members.join_in(plan);
  if (!has_to && plan.adds.empty() && plan.removes.empty() && !plan.policy) return false;
  if (chat_.is_group()) chat_.members.tidy(plan);
  mls::CommitOptions options;
  options.tree_in_welcome = false;
  options.removes = std::move(plan.removes);
  for (auto& newcomer : plan.adds) {
    record.welcomed.push_back(welcomed(newcomer.user, newcomer.device, newcomer.package));
    options.adds.push_back(std::move(newcomer.package));
  }
  if (plan.policy) options.extensions = keys::group_extensions(*plan.policy);
  // The leaf comes under the account's present generation with the next path that it makes.
  if (const auto leaf = machine.account.leaf(); leaf.credential != group.own_leaf_node().credential)
    options.new_leaf = leaf;
  options.authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit, plan.grounds.encode());
  auto pending = group.commit(options, machine.entropy);
  if (!pending) {
    cannot_build(plan.grounds, mls::name(pending.error().code));
    return false;
  }
  std::size_t size = pending->commit.size() + pending->group_info.size();
  for (const WelcomedRecord& to : record.welcomed) {
    const auto theirs = mls::welcome_for(pending->welcome, to.ref);
    size += theirs ? theirs->size() + kBesideAWelcome : 0;
  }
  if (size > kMaxRequestBytes && chat_.members.is_out()) {
    chat_.members.shrink();
    return false;
  }
  chat_.group.set_pending(std::move(record), *std::move(pending));
  return true;
}

void Commits::cannot_build(const keys::Grounds& grounds, const std::string& why) {
  Machine& machine = chat_.machine();
  const bool has_grounds = grounds != keys::Grounds{};
  if (has_grounds || chat_.members.has_work()) {
    // A key package that cannot be used after all.
    if (has_grounds) chat_.devices.failed(grounds);
    chat_.members.refused("internal", "The group could not be changed.");
    return pause();
  }
  machine.warn("internal", "This device's keys cannot be renewed: " + why + ".", &chat_.id());
  leaf_is_fresh();  // or it would be tried for ever
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
  const Welcomes welcomes(record);
  commit.welcomes = welcomes.all();
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
    // That place was read without it: either of the two is a lie, and behind such a commit nothing can be read.
    if (appended->seq <= chat_.record().position) return chat_.log.read_commit(appended->seq, pending->epoch);
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
      // Somebody was first: the log says who, and drops ours. Of those who lost, not all try again at once.
      retry_at_ =
          chat_.machine().clock_ms() + static_cast<std::int64_t>(chat_.machine().random_below(kSpreadOfLosersMs));
      return chat_.log.read_commit(error->head_seq, pending->epoch);
    default:
      if (error->code == wire::ErrorCode::not_member) pause();
      refusal_ = *error;
      return chat_.log.read_now({});
  }
}

// The log was read to its end, and our commit is not in it.
void Commits::end_refused(const wire::Error& error) {
  if (chat_.group.pending() == nullptr) return;
  const Purpose purpose = purpose_of(chat_.group.pending()->commit);
  chat_.group.drop_pending();
  switch (error.code) {
    case wire::ErrorCode::commit_first:
      chat_.members.lost_race();
      return chat_.devices.look();
    case wire::ErrorCode::not_member:
      chat_.members.refused("not_member", "The server does not take changes of this group from you.");
      if (chat_.is_group()) return;
      break;
    case wire::ErrorCode::not_allowed:
      chat_.members.refused("not_allowed", "The server did not take this change.");
      break;
    case wire::ErrorCode::group_full:
      chat_.members.refused("group_full", "The group has as many members as it may.");
      break;
    default:
      chat_.members.refused("invalid_commit", "The server did not take this change.");
  }
  if (purpose.grounds != keys::Grounds{}) {
    // A list changed once more, or a device is not what it was.
    pause();
    return chat_.devices.failed(purpose.grounds);
  }
  if (purpose.changes_group) return;
  chat_.machine().warn("commit_refused", "The server did not take this device's new keys.", &chat_.id());
  leaf_is_fresh();  // not again before its time
}

}  // namespace kith::client
