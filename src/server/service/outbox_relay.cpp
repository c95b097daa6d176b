#include "server/service/outbox_relay.h"

#include <map>

#include "server/domain/records.h"

namespace kith::server::service {
namespace {

constexpr std::size_t kConversationsAtOnce = 256;
constexpr std::size_t kAtOnce = 128;
constexpr std::chrono::seconds kRetry{1};
constexpr std::chrono::seconds kLook{5};

// Rows that are not written but followed.
bool is_news(domain::RowKind kind) {
  using enum domain::RowKind;
  return kind == list_changed || kind == membership || kind == refresh;
}

}  // namespace

OutboxRelay::OutboxRelay(Ports ports) : ports_(ports) {}

void OutboxRelay::kick() {
  again_ = true;
  if (!running_) tasks_.spawn(run());
}

void OutboxRelay::start() {
  kick();
  tasks_.spawn(look_after());
}

// The oldest row goes first: as long as that is another one each time, somebody is at it.
Task<void> OutboxRelay::look_after() {
  for (std::uint64_t known = 0;;) {
    co_await ports_.scheduler.sleep_for(kLook);
    const auto pending = co_await ports_.store.outbox(1);
    const std::uint64_t oldest = pending && !pending->empty() ? pending->front().number : 0;
    if (oldest != 0 && oldest == known) kick();
    known = oldest;
  }
}

Task<void> OutboxRelay::drain() {
  const OneShot<bool> done;
  waiting_.push_back(done);
  kick();
  co_await done;
}

Task<void> OutboxRelay::run() {
  running_ = true;
  while (std::exchange(again_, false)) {
    // Those who wait were here before this look at the outbox, so it covers what they wait for.
    auto waiting = std::exchange(waiting_, {});
    while (co_await relay_some()) {
    }
    for (const auto& one : waiting) one.set(true);
  }
  running_ = false;
  if (failed_ && !retrying_) tasks_.spawn(retry());
}

Task<void> OutboxRelay::retry() {
  retrying_ = true;
  co_await ports_.scheduler.sleep_for(kRetry);
  retrying_ = false;
  kick();
}

// One batch: partitions side by side, each one's rows in order. True where there may be more.
Task<bool> OutboxRelay::relay_some() {
  failed_ = false;
  auto pending = co_await ports_.store.outbox(kAtOnce);
  failed_ = !pending.has_value();
  if (failed_ || pending->empty()) co_return false;
  std::map<domain::Partition, std::vector<const domain::PendingOutbox*>> targets;
  for (const auto& one : *pending) targets[one.row.target].push_back(&one);

  std::vector<std::uint64_t> done;
  std::size_t running = targets.size();
  const OneShot<bool> finished;
  TaskScope side_by_side;
  const auto carry = [&](const std::vector<const domain::PendingOutbox*>& rows) -> Task<void> {
    for (const auto* one : rows) {
      if (!co_await relay(*one)) break;
      done.push_back(one->number);
    }
    if (--running == 0) finished.set(true);
  };
  for (const auto& [target, rows] : targets) side_by_side.spawn(carry(rows));
  co_await finished;
  // The scope must not be left from inside one of its tasks.
  co_await ports_.scheduler.yield();

  const bool all = done.size() == pending->size();
  const bool removed = done.empty() || (co_await ports_.store.outbox_done(std::move(done))).has_value();
  failed_ = !all || !removed;
  co_return !failed_;
}

Task<bool> OutboxRelay::follow(const domain::OutboxRow& row) {
  const auto user = UserId::from(row.target.id);
  if (row.target.kind != domain::PartitionKind::account || !user || !followers_.settle) co_return true;
  for (const auto& write : row.writes) {
    if (write.key.kind == domain::RowKind::refresh)
      ports_.bus.publish(*user, {.kind = domain::BusMessageKind::logged_out, .only = DeviceId::from(write.key.id)});
    if (write.key.kind == domain::RowKind::list_changed && !co_await compare_everywhere(*user)) co_return false;
    if (write.key.kind != domain::RowKind::membership) continue;
    const auto conversation = ConversationId::from(write.key.id);
    if (conversation && !co_await followers_.settle(*conversation, *user)) co_return false;
  }
  co_return true;
}

Task<bool> OutboxRelay::compare_everywhere(UserId user) {
  Bytes from;
  while (true) {
    const auto rows = co_await ports_.store.rows(domain::account_partition(user), domain::RowKind::membership, {}, from,
                                                 kConversationsAtOnce);
    if (!rows) co_return false;
    for (const auto& row : *rows) {
      const auto conversation = ConversationId::from(row.key.id);
      if (conversation && !co_await followers_.compare_devices(*conversation, user)) co_return false;
    }
    if (rows->size() < kConversationsAtOnce) co_return true;
    from = rows->back().key.id;
    from.push_back(0);
  }
}

Task<bool> OutboxRelay::relay(const domain::PendingOutbox& pending) {
  domain::Transaction t{.partition = pending.row.target};
  for (const auto& write : pending.row.writes) {
    if (is_news(write.key.kind)) continue;
    const auto there = co_await ports_.store.row(t.partition, write.key);
    if (!there) co_return false;
    const bool same = *there ? write.value && (*there)->value == *write.value : !write.value;
    if (!same) t.writes.push_back(write);
  }
  for (const auto& append : pending.row.appends) {
    auto body = std::make_shared<Bytes>(*append.body);
    const bool from_conversation = pending.source.kind == domain::PartitionKind::conversation && !pending.seqs.empty();
    if (from_conversation && !domain::place_mail(*body, pending.seqs.front())) co_return false;
    t.appends.push_back({append.log, append.client_id, std::move(body)});
  }
  if (t.writes.empty() && t.appends.empty()) co_return co_await follow(pending.row);
  const auto appends = t.appends;
  auto outcome = co_await ports_.store.commit(std::move(t));
  if (!outcome || std::holds_alternative<domain::Conflict>(*outcome)) co_return false;
  hint(pending.row.target, appends, *outcome);
  co_return co_await follow(pending.row);
}

void OutboxRelay::hint(const domain::Partition& target, const std::vector<domain::LogAppend>& appends,
                       const domain::CommitOutcome& outcome) {
  const auto user = UserId::from(target.id);
  if (target.kind != domain::PartitionKind::account || !user) return;
  if (std::holds_alternative<domain::Duplicate>(outcome))
    return ports_.bus.publish(*user, {.kind = domain::BusMessageKind::lost});
  const auto& committed = std::get<domain::Committed>(outcome);
  for (std::size_t i = 0; i < appends.size(); ++i) {
    const domain::LogRecord record{committed.seqs[i], committed.time, appends[i].client_id, *appends[i].body};
    const auto mail = domain::mail_of(record);
    const auto device = DeviceId::from(appends[i].log);
    if (mail && device) ports_.bus.publish(*user, {.frame = ports_.hints.mail(*mail), .only = device});
  }
}

}  // namespace kith::server::service
