// What a frame costs on its way in and out.
#include <benchmark/benchmark.h>

#include "wire/frame.h"

namespace kith::wire {
namespace {

template <class Id>
Id id_of(std::uint8_t byte) {
  Id id;
  id.value.fill(byte);
  return id;
}

Entry entry_of(const Bytes& payload) {
  return {.seq = {7},
          .time_ms = 1'700'000'000'000,
          .sender_user = id_of<UserId>(1),
          .sender_device = id_of<DeviceId>(2),
          .client_id = id_of<ClientId>(3),
          .kind = EntryKind::application,
          .epoch = {1},
          .payload = payload};
}

void encode_append(benchmark::State& state) {
  const Bytes payload(static_cast<std::size_t>(state.range(0)), 0x5A);
  const Frame frame{
      .id = 9,
      .body = Append{
          .conversation = id_of<ConversationId>(4), .client_id = id_of<ClientId>(3), .epoch = {1}, .payload = payload}};
  for (auto _ : state) benchmark::DoNotOptimize(encode(frame));
}
BENCHMARK(encode_append)->Arg(200)->Arg(600);

void decode_append(benchmark::State& state) {
  const Bytes payload(static_cast<std::size_t>(state.range(0)), 0x5A);
  const Bytes bytes = encode({.id = 9,
                              .body = Append{.conversation = id_of<ConversationId>(4),
                                             .client_id = id_of<ClientId>(3),
                                             .epoch = {1},
                                             .payload = payload}});
  for (auto _ : state) benchmark::DoNotOptimize(decode(bytes));
}
BENCHMARK(decode_append)->Arg(200)->Arg(600);

void encode_entry_hint(benchmark::State& state) {
  const Bytes payload(static_cast<std::size_t>(state.range(0)), 0x5A);
  const Frame frame{.id = 0, .body = EntryHint{.conversation = id_of<ConversationId>(4), .entry = entry_of(payload)}};
  for (auto _ : state) benchmark::DoNotOptimize(encode(frame));
}
BENCHMARK(encode_entry_hint)->Arg(200)->Arg(600);

// A page of a log, as a reader that catches up gets it: the figure is entries a second.
void encode_entries(benchmark::State& state) {
  const Bytes payload(600, 0x5A);
  const Frame frame{
      .id = 9,
      .body = Entries{.entries = std::vector<Entry>(static_cast<std::size_t>(state.range(0)), entry_of(payload)),
                      .head_seq = {7}}};
  for (auto _ : state) benchmark::DoNotOptimize(encode(frame));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_entries)->Arg(100);

void decode_entries(benchmark::State& state) {
  const Bytes payload(600, 0x5A);
  const Bytes bytes = encode(
      {.id = 9,
       .body = Entries{.entries = std::vector<Entry>(static_cast<std::size_t>(state.range(0)), entry_of(payload)),
                       .head_seq = {7}}});
  for (auto _ : state) benchmark::DoNotOptimize(decode(bytes));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_entries)->Arg(100);

}  // namespace
}  // namespace kith::wire
