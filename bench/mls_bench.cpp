// What MLS costs: messages, the first commit of a direct conversation, and groups of many members.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include "bench/crowd.h"
#include "tests/support/insider.h"

namespace kith::bench {
namespace {

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
BENCHMARK(update_commit)->Arg(128)->Arg(500)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

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
BENCHMARK(receive_commit)->Arg(128)->Arg(500)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

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
  {
    const auto epoch = crowd.first->epoch_record();
    const auto ratchets = crowd.first->ratchet_pieces();
    const std::size_t before = mallinfo2().uordblks;
    const auto restored = Group::restore(epoch, ratchets, crowd.first_person.key);
    state.counters["heap_bytes"] = static_cast<double>(mallinfo2().uordblks - before);
  }
  for (auto _ : state) {
    const auto epoch = crowd.first->epoch_record();
    const auto ratchets = crowd.first->ratchet_pieces();
    benchmark::DoNotOptimize(Group::restore(epoch, ratchets, crowd.first_person.key));
    state.counters["epoch_bytes"] = static_cast<double>(epoch.size());
  }
}
BENCHMARK(store_and_restore)->Arg(2)->Arg(500)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

// What a member says next, in its place.
Bytes said_by(std::uint32_t leaf, SecretTree& ratchets, Crowd& crowd) {
  const Group& group = *crowd.first;
  AuthenticatedContent message;
  message.wire_format = WireFormat::private_message;
  message.content = {group.group_id(), group.epoch(), Sender::member({leaf}), Bytes(110, 'b'),
                     ApplicationData{SecretBytes(200, 'a')}};
  sign(group.suite(), message, group.public_group().context(), crowd.keys[leaf]);
  const SecretBytes sender_data = kith::test::secret_of(group, kith::test::MemberSecret::sender_data);
  return encoded_message(protect_private(group.suite(), message, ratchets, sender_data, 0, crowd.first_person.entropy));
}

std::size_t size_of(const RatchetPieces& pieces) {
  std::size_t size = 0;
  for (const RatchetPiece& piece : pieces) size += piece.bytes.size();
  return size;
}

// Receives messages and takes what is to be written of the ratchets. `first_...`: of a leaf's first message, at the
// most and on average; `message_...`: once all have spoken; `all_...`: what there is then.
void receive_message_and_write_ratchets(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  Group group = *crowd.first;
  SecretTree ratchets = kith::test::ratchets_of(group);
  const auto written = [&](const Bytes& message) {
    if (!group.unprotect(message)) state.SkipWithError("a message that does not open");
    return group.take_ratchet_changes();
  };
  (void)group.take_ratchet_changes();
  std::size_t most = 0;
  std::size_t bytes = 0;
  const auto members = static_cast<std::uint32_t>(state.range(0));
  for (std::uint32_t leaf = 1; leaf < members; ++leaf) {
    const auto changes = written(said_by(leaf, ratchets, crowd));
    most = std::max(most, changes.size());
    bytes += size_of(changes);
  }
  state.counters["first_pieces_most"] = static_cast<double>(most);
  state.counters["first_bytes_average"] = static_cast<double>(bytes / (members - 1));
  state.counters["all_pieces"] = static_cast<double>(group.ratchet_pieces().size());
  state.counters["all_bytes"] = static_cast<double>(size_of(group.ratchet_pieces()));
  for (auto _ : state) {
    state.PauseTiming();
    const Bytes message = said_by(members / 2, ratchets, crowd);
    state.ResumeTiming();
    const auto changes = written(message);
    state.counters["message_pieces"] = static_cast<double>(changes.size());
    state.counters["message_bytes"] = static_cast<double>(size_of(changes));
  }
}
BENCHMARK(receive_message_and_write_ratchets)->Arg(2)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kith::bench
