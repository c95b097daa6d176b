// What MLS costs: messages, the first commit of a direct conversation, and groups of many members.
#include <benchmark/benchmark.h>

#include <map>

#include "bench/crowd.h"

namespace kith::bench {
namespace {

Crowd& crowd_of(std::int64_t members) {
  static std::map<std::int64_t, Crowd> crowds;
  const auto at = crowds.find(members);
  return at != crowds.end() ? at->second
                            : crowds.emplace(members, filled(static_cast<std::size_t>(members))).first->second;
}

void make_key_package(benchmark::State& state) {
  Person person;
  for (auto _ : state) benchmark::DoNotOptimize(secrets_of(person));
}
BENCHMARK(make_key_package)->Unit(benchmark::kMicrosecond);

void make_first_commit(benchmark::State& state) {
  Person creator;
  Person peer;
  const auto group = group_of(creator);
  for (auto _ : state) benchmark::DoNotOptimize(commit_adding(creator, group, peer));
}
BENCHMARK(make_first_commit)->Unit(benchmark::kMicrosecond);

void protect_and_unprotect_200_bytes(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const Bytes text(200, 'a');
  const Bytes bound(110, 'b');
  for (auto _ : state) {
    const auto sealed = crowd.first->protect(bound, text, crowd.first_person.entropy);
    if (!crowd.last->unprotect(*sealed)) state.SkipWithError("a message that does not open");
  }
}
BENCHMARK(protect_and_unprotect_200_bytes)->Arg(2)->Arg(128)->Arg(500)->Unit(benchmark::kMicrosecond);

void create_in_one_commit(benchmark::State& state) {
  const auto packages = many_packages(static_cast<std::size_t>(state.range(0)) - 1);
  Person creator;
  for (auto _ : state) {
    const auto pending = group_of(creator).commit({.adds = packages}, creator.entropy);
    benchmark::DoNotOptimize(pending->welcome);
  }
}
BENCHMARK(create_in_one_commit)->Arg(128)->Arg(1000)->Unit(benchmark::kMillisecond);

void update_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(crowd.first->commit({}, crowd.first_person.entropy));
}
BENCHMARK(update_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void add_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  Person guest;
  const auto package = secrets_of(guest);
  for (auto _ : state) {
    CommitOptions options;
    options.adds.push_back(verified(package));
    benchmark::DoNotOptimize(crowd.first->commit(options, crowd.first_person.entropy));
  }
}
BENCHMARK(add_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void receive_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const auto pending = *crowd.last->commit({}, crowd.last_person.entropy);
  for (auto _ : state) {
    if (!crowd.first->process(pending.commit)) state.SkipWithError("a commit that does not hold");
  }
}
BENCHMARK(receive_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void join_by_welcome(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  Person guest;
  const auto package = secrets_of(guest);
  CommitOptions options;
  options.adds.push_back(verified(package));
  const auto pending = *crowd.first->commit(options, crowd.first_person.entropy);
  for (auto _ : state) {
    if (!Group::join(pending.welcome, package, guest.key)) state.SkipWithError("a Welcome that does not hold");
  }
}
BENCHMARK(join_by_welcome)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void validate_commit_without_secrets(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const auto pending = *crowd.last->commit({}, crowd.last_person.entropy);
  const auto message = *decoded_message<PublicMessage>(pending.commit);
  const auto info = *decoded_message<GroupInfo>(pending.group_info);
  for (auto _ : state) {
    const auto staged = crowd.first->public_group().stage(*crowd.first->public_group().verify(message.authenticated()));
    if (!staged || !staged->next.check_group_info(info)) state.SkipWithError("a commit that does not hold");
  }
}
BENCHMARK(validate_commit_without_secrets)->Arg(128)->Arg(1000)->Unit(benchmark::kMillisecond);

void store_and_restore(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const auto next = crowd.first->commit({}, crowd.first_person.entropy)->next;
  const auto changes = next.epoch_changes(&crowd.first->public_group().tree());
  std::size_t written = changes.head.size();
  for (const auto& node : changes.nodes) written += node.bytes.size();
  state.counters["commit_writes_bytes"] = static_cast<double>(written);
  state.counters["commit_writes_nodes"] = static_cast<double>(changes.nodes.size());
  for (auto _ : state) {
    const auto epoch = crowd.first->epoch_record();
    const auto ratchet = crowd.first->ratchet_record();
    benchmark::DoNotOptimize(Group::restore(epoch, ratchet, crowd.first_person.key));
    state.counters["epoch_bytes"] = static_cast<double>(epoch.size());
  }
}
BENCHMARK(store_and_restore)->Arg(2)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kith::bench
