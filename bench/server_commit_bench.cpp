// What a commit of a large group costs the server: judged on the nodes that it needs, from rows as the store has them.
#include <benchmark/benchmark.h>

#include <map>

#include "bench/crowd.h"
#include "server/domain/group_change.h"

namespace kith::bench {
namespace {

using namespace server::domain;

// A group of a filled tree in rows, and a commit that waits to be judged.
struct StoredCrowd {
  explicit StoredCrowd(std::int64_t members) {
    Crowd& crowd = crowd_of(members);
    const PublicGroup& group = crowd.first->public_group();
    GroupRecord record{ConversationKind::group, 0, Epoch{group.epoch()}, *keys::seats_of(group),
                       *keys::policy_of(group.context().extensions)};
    put(rows_of({.before = nullptr,
                 .group_info_before = {},
                 .after = record,
                 .group_info = {},
                 .head = group.head_record(),
                 .tree = group.tree().to_store(RatchetTree(group.suite())),
                 .replaced = {},
                 .notes = {},
                 .came = users_of(record.seats),
                 .gone = {}}));
    state = ConversationState::from({}, std::move(record), 1);
    state.group_id = group.context().group_id;
    pending = *crowd.last->commit({}, crowd.last_person.entropy);
    const Person& by = crowd.last_person;
    sender = {by.user, by.device};
    ListedUser& user = directory[by.user];
    user.identity_key = to_bytes(by.identity.public_key);
    user.followed.list.user = by.user;
    user.followed.list.devices = {{by.device, by.key.public_key}};
  }
  void put(const std::vector<RowWrite>& writes) {
    for (const RowWrite& write : writes) {
      if (write.value) rows[write.key] = *write.value;
    }
  }

  ConversationState state;
  std::map<RowKey, Bytes> rows;
  std::optional<PendingCommit> pending;
  Caller sender;
  DirectoryOf directory;
};

// As the service does it, with a map for a store.
server::domain::Result<AcceptedCommit> judge(const StoredCrowd& crowd, const ProposedCommit& commit,
                                             std::size_t& nodes_read) {
  const auto parts = std::make_shared<TreeParts>();
  while (true) {
    auto accepted = accept_commit(crowd.state, crowd.rows.at(tree_head_row()), parts, commit,
                                  {crowd.directory, UnixMillis{static_cast<std::int64_t>(kNow_s) * 1000}});
    if (parts->is_complete()) return accepted;
    const auto find = [&](const RowKey& key) {
      const auto at = crowd.rows.find(key);
      return at != crowd.rows.end() ? &at->second : nullptr;
    };
    for (const NodeIndex n : std::set(parts->wanted_nodes())) {
      const Bytes* row = find(tree_node_row(n));
      parts->put(n, row != nullptr ? decode_node(*row) : std::nullopt);
      ++nodes_read;
    }
    for (const KeyName& name : std::set(parts->wanted_keys())) {
      const Bytes* row = find(tree_key_row(name));
      parts->put(name, row != nullptr ? decode_holder(*row) : std::nullopt);
    }
  }
}

void judge_commit_from_stored_nodes(benchmark::State& state) {
  static std::map<std::int64_t, StoredCrowd> crowds;
  const StoredCrowd& crowd = crowds.try_emplace(state.range(0), state.range(0)).first->second;
  const ProposedCommit commit{crowd.sender,
                              crowd.state.group.epoch,
                              crowd.pending->commit,
                              crowd.pending->group_info,
                              {},
                              ReadCommit::of(crowd.pending->commit)};
  std::size_t nodes_read = 0;
  for (auto _ : state) {
    const auto accepted = judge(crowd, commit, nodes_read);
    if (!accepted) {
      state.SkipWithError(accepted.error().detail.c_str());
      return;
    }
    const auto rows = rows_of({.before = &crowd.state.group,
                               .group_info_before = commit.group_info,
                               .after = accepted->group,
                               .group_info = commit.group_info,
                               .head = accepted->head,
                               .tree = accepted->tree,
                               .replaced = accepted->replaced,
                               .notes = {},
                               .came = accepted->came,
                               .gone = {}});
    std::size_t bytes = 0;
    for (const RowWrite& row : rows) bytes += row.value ? row.value->size() : 0;
    state.counters["rows_written"] = static_cast<double>(rows.size());
    state.counters["bytes_written"] = static_cast<double>(bytes);
  }
  state.counters["nodes_read"] = static_cast<double>(nodes_read) / static_cast<double>(state.iterations());
  state.counters["nodes_stored"] = static_cast<double>(crowd.pending->next.public_group().tree().size().nodes());
}
BENCHMARK(judge_commit_from_stored_nodes)->Arg(2)->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kith::bench
