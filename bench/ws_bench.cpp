// What WebSocket framing costs.
#include <benchmark/benchmark.h>

#include "ws/frame.h"
#include "ws/parser.h"

namespace kith::ws {
namespace {

constexpr MaskingKey kMask{0x12, 0x34, 0x56, 0x78};

void mask(benchmark::State& state) {
  Bytes data(static_cast<std::size_t>(state.range(0)), 0x5A);
  for (auto _ : state) {
    apply_mask(data, kMask);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(mask)->Arg(200)->Arg(65536);

void write_server_frame(benchmark::State& state) {
  const Bytes payload(static_cast<std::size_t>(state.range(0)), 0x5A);
  Bytes out;
  for (auto _ : state) {
    out.clear();
    append_frame(out, Opcode::binary, payload);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_server_frame)->Arg(600);

// 64 client frames in one read, as a busy connection brings them.
void parse_client_frames(benchmark::State& state) {
  Bytes wire;
  for (int i = 0; i < 64; ++i)
    append_frame(wire, Opcode::binary, Bytes(static_cast<std::size_t>(state.range(0)), 0x5A), kMask);
  Parser parser({.sender = Sender::client});
  Bytes input;
  for (auto _ : state) {
    input = wire;  // parsing unmasks in place; the copy is part of the figure
    parser.feed(input);
    while (parser.next().kind != Event::Kind::none) {
    }
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(parse_client_frames)->Arg(200)->Arg(600);

}  // namespace
}  // namespace kith::ws
