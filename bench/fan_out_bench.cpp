// What it costs to tell the members of a large group that are online: the real sockets' registry, sessions and queues,
// with a stand-in for the kernel that takes all bytes and counts them. What the kernel costs beside that, bench/run
// says. And what a loaded group holds in memory for each member.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "server/adapters/memory/in_process_bus.h"
#include "server/adapters/memory/memory_store.h"
#include "server/domain/records.h"
#include "server/domain/stored_group.h"
#include "server/edge/asio_scheduler.h"
#include "server/edge/wire_hint_encoder.h"
#include "server/edge/ws/sockets.h"
#include "server/edge/ws/translate.h"
#include "tests/support/quick_stretcher.h"

namespace kith::bench {
namespace {

using namespace server;
using namespace server::edge;

class CountingCalls final : public SocketCalls {
 public:
  ssize_t send(int, const msghdr& message) const override {
    std::size_t size = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) size += message.msg_iov[i].iov_len;
    ++calls;
    bytes += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t receive(int, ByteSpan) const override { return -1; }
  bool watch(int, int, std::uint32_t, bool) const override { return true; }
  void shut_down(int) const override {}
  void close(int) const override {}
  mutable std::size_t calls = 0;
  mutable std::size_t bytes = 0;
};

class NoCodes final : public domain::OtpSender {
 public:
  Task<domain::Result<void>> send(domain::Address, std::string) override { co_return domain::Result<void>{}; }
};
class NoPhones final : public domain::PhoneNumbers {
 public:
  domain::Result<std::string> to_e164(std::string_view, std::string_view) const override {
    return domain::fail(domain::Errc::invalid_argument);
  }
};

domain::Caller member(std::uint32_t n) {
  domain::Caller caller;
  for (std::size_t i = 0; i < 4; ++i) {
    // Ids are spread as real ones are.
    caller.user.value[i] = static_cast<std::uint8_t>((n * 2654435761U) >> (24 - 8 * i));
    caller.user.value[4 + i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  }
  caller.device.value[0] = 1;
  return caller;
}

std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A server's thread without its HTTP, over a store that has one group.
class Place {
 public:
  explicit Place(std::uint32_t members) : members_(members) {
    domain::GroupRecord record{.kind = domain::ConversationKind::group, .epoch = Epoch{1}, .seats = {}};
    for (std::uint32_t n = 0; n < members; ++n) record.seats.push_back({{n}, member(n).user, member(n).device});
    domain::Transaction t{.partition = domain::partition_of(kGroup)};
    t.writes = domain::rows_of({.before = nullptr,
                                .group_info_before = {},
                                .after = record,
                                .group_info = {},
                                .head = {},
                                .tree = {},
                                .replaced = {},
                                .notes = {},
                                .came = {},
                                .gone = {}});
    put(std::move(t));
  }
  ~Place() { tasks_.clear(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void come_online() {
    for (std::uint32_t n = 0; n < members_; ++n) {
      const auto caller = member(n);
      domain::Transaction t{.partition = domain::account_partition(caller.user)};
      t.writes.push_back(
          {{domain::RowKind::refresh, to_bytes(caller.device.view())}, domain::encode(domain::RefreshRecord{})});
      put(std::move(t));
      Bytes hello;
      const auto token = tokens_.issue(caller, scheduler_.now(), std::chrono::hours(1));
      kith::ws::append_frame(hello, kith::ws::Opcode::binary,
                             wire::encode({.id = 1, .body = wire::Hello{.token = token}}),
                             kith::ws::MaskingKey{1, 2, 3, 4});
      sockets_.adopt(static_cast<int>(n), {}, hello);
      if (n % 256 == 0) turn();
    }
    turn();
  }
  [[nodiscard]] std::size_t online() const { return node_.live.size(); }
  void turn() {
    io_.restart();
    io_.poll();
  }
  void publish() { bus_->publish_to_members({.conversation = kGroup, .epoch = Epoch{1}, .frame = frame_}); }
  service::ConversationService::State load() {
    service::ConversationService::State state;
    const auto keep = [&]() -> Task<void> { state = (co_await node_.conversations.load_state(kGroup)).value(); };
    tasks_.spawn(keep());
    while (!state) turn();
    return state;
  }
  const service::LiveDevices& live() const { return node_.live; }
  boost::asio::io_context& io() { return io_; }
  CountingCalls calls;

 private:
  void put(domain::Transaction transaction) {
    bool done = false;
    const auto commit = [&]() -> Task<void> { done = (co_await store_.commit(std::move(transaction))).has_value(); };
    tasks_.spawn(commit());
    while (!done) turn();
  }
  static domain::SharedBytes hint() {
    const Bytes payload(542, 0x5A);  // what 200 bytes of text are
    wire::Entry entry{};
    entry.kind = wire::EntryKind::application;
    entry.payload = payload;
    return shared_message({.id = 0, .body = wire::EntryHint{.conversation = kGroup, .entry = entry}});
  }

  static constexpr ConversationId kGroup{{7}};
  std::uint32_t members_;
  boost::asio::io_context io_{1};
  AsioScheduler scheduler_{io_};
  crypto::SystemEntropy entropy_;
  adapters::MemoryEngine engine_{entropy_};
  adapters::MemoryStore store_{engine_, scheduler_};
  adapters::InProcessBus hub_;
  std::unique_ptr<domain::Bus> bus_ = hub_.attach(scheduler_);
  WireHintEncoder hints_;
  NoCodes codes_;
  NoPhones phones_;
  domain::ServerSecrets secrets_{Bytes(domain::ServerSecrets::kMasterBytes, 7)};
  kith::test::QuickStretcher pins_{scheduler_};
  service::Node node_{{.store = store_,
                       .bus = *bus_,
                       .scheduler = scheduler_,
                       .entropy = entropy_,
                       .hints = hints_,
                       .codes = codes_,
                       .phones = phones_,
                       .secrets = secrets_,
                       .pins = pins_}};
  AccessTokens tokens_{Bytes(AccessTokens::kSeedBytes, 5)};
  Log log_{LogLevel::error, [](const std::string&) {}};
  TaskScope tasks_;
  Timing timing_;
  Sockets sockets_{{.io = io_,
                    .scheduler = scheduler_,
                    .node = node_,
                    .bus = *bus_,
                    .tokens = tokens_,
                    .entropy = entropy_,
                    .log = log_,
                    .tasks = tasks_,
                    .timing = timing_,
                    .max_buffered_bytes = std::size_t{1} << 30,
                    .calls = calls}};
  domain::SharedBytes frame_ = hint();
};

// Until all have it. Answers the longest turn: so long others wait at most meanwhile.
std::chrono::steady_clock::duration tell_all(Place& place, std::uint32_t members) {
  using Clock = std::chrono::steady_clock;
  Clock::duration longest{};
  const std::size_t until = place.calls.calls + members;
  place.publish();
  while (place.calls.calls < until) {
    const auto begin = Clock::now();
    place.io().restart();
    place.io().poll_one();
    longest = std::max(longest, Clock::now() - begin);
  }
  return longest;
}

void tell_all_members_online(benchmark::State& state) {
  using Microseconds = std::chrono::duration<double, std::micro>;
  const auto members = static_cast<std::uint32_t>(state.range(0));
  Place place(members);
  place.come_online();
  if (place.online() != members) return state.SkipWithError("not everybody came online");
  // The first message finds out who is online.
  state.counters["longest_turn_of_first_us"] = Microseconds(tell_all(place, members)).count();
  std::chrono::steady_clock::duration longest{};
  for (auto _ : state) longest = std::max(longest, tell_all(place, members));
  state.SetItemsProcessed(state.iterations() * members);
  state.counters["longest_turn_us"] = Microseconds(longest).count();
}
BENCHMARK(tell_all_members_online)->Arg(1000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

// Beside the sockets themselves.
void memory_of_a_loaded_group(benchmark::State& state) {
  const auto members = static_cast<std::uint32_t>(state.range(0));
  Place place(members);
  place.come_online();
  for (auto _ : state) {
    const std::size_t before = heap_bytes();
    const auto loaded = place.load();
    const std::size_t with_state = heap_bytes();
    const service::Audience audience(place.live(), loaded);
    const std::size_t with_audience = heap_bytes();
    state.counters["state_bytes_each"] = static_cast<double>(with_state - before) / members;
    state.counters["audience_bytes_each"] = static_cast<double>(with_audience - with_state) / members;
  }
}
BENCHMARK(memory_of_a_loaded_group)->Arg(1000)->Arg(10'000)->Arg(100'000)->Iterations(1);

}  // namespace
}  // namespace kith::bench
