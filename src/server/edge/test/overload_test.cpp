// Too much of everything, and the end: nothing grows without bound, nothing that was promised is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "server/edge/test/person.h"
#include "server/edge/ws/requests.h"
#include "server/edge/ws/session.h"
#include "server/edge/ws/translate.h"

namespace kith::server::edge::test {
namespace {

using wire::ErrorCode;

class Overload : public ::testing::Test {
 protected:
  RunningServer server;
  Person ada = registered(server, "+491");

  // A hint of about a kilobyte, numbered.
  static domain::BusMessage hint(std::uint64_t number) {
    static const Bytes payload(1000, 'h');
    wire::Entry entry{};
    entry.seq = Seq{number};
    entry.kind = wire::EntryKind::application;
    entry.payload = payload;
    return {.kind = domain::BusMessageKind::frame,
            .frame = shared_message({.id = 0, .body = wire::EntryHint{.conversation = {}, .entry = entry}})};
  }
};

TEST(HttpOverload, large_bodies_that_nobody_finishes_hold_a_bounded_share_of_memory) {
  Options options = RunningServer::quick();
  options.max_buffered_bytes = std::size_t{16} << 20;  // two MiB of it for large bodies
  RunningServer server(options);
  const std::string head = "POST /v1/accounts HTTP/1.1\r\nHost: test\r\nContent-Length: 250000\r\n\r\n";
  std::vector<std::unique_ptr<Connection>> slow;
  for (int i = 0; i < 9; ++i) {
    slow.push_back(std::make_unique<Connection>(server.port()));
    slow.back()->send(as_view(head));
  }
  // One too many: it is told to come back, and small requests are served.
  auto refused = slow.end();
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (refused == slow.end() && std::chrono::steady_clock::now() < patience) {
    refused = std::ranges::find_if(slow, [](const auto& one) { return one->has_input(); });
  }
  ASSERT_NE(refused, slow.end());
  EXPECT_THAT(std::string(as_text((*refused)->receive())), ::testing::HasSubstr("overloaded"));
  EXPECT_EQ(HttpClient(server.port()).get("/healthz").status, 200);
  // When one gives up there is room again.
  slow.erase(refused == slow.begin() ? std::next(refused) : slow.begin());
  int status = 503;
  for (int i = 0; i < 1000 && status == 503; ++i)
    status = HttpClient(server.port()).ask("POST", "/v1/accounts", std::string(250'000, ' ')).status;
  EXPECT_EQ(status, 400) << "read, and not JSON";
}

TEST_F(Overload, a_slow_readers_hints_are_dropped_and_one_resync_is_sent) {
  SocketClient socket(server.port(), 4096);
  ASSERT_TRUE(socket.greet(ada.access_token));
  // Far more than the system's buffers and ours hold together.
  constexpr std::uint64_t kHints = 20'000;
  for (std::uint64_t n = 1; n <= kHints; ++n) server.publish(ada.user, hint(n));
  server.publish(ada.user, hint(kHints + 1));
  std::uint64_t last = 0;
  std::uint64_t heard = 0;
  int resyncs = 0;
  bool may_jump = false;
  while (last <= kHints) {
    // Asked for once there is nothing on its way any more: the last hint may have been dropped.
    if (!socket.connection().has_input() && resyncs > 0) server.publish(ada.user, hint(kHints + 1));
    const auto frame = socket.receive();
    ASSERT_TRUE(frame.has_value());
    if (std::holds_alternative<wire::Resync>(frame->body)) {
      ++resyncs;
      may_jump = true;
      continue;
    }
    const auto& entry = std::get<wire::EntryHint>(frame->body).entry;
    if (!std::exchange(may_jump, false)) EXPECT_EQ(entry.seq.value, last + 1) << "a gap without a Resync";
    last = entry.seq.value;
    ++heard;
  }
  EXPECT_GE(resyncs, 1);
  EXPECT_LT(heard, kHints);
  EXPECT_TRUE(socket.ask<wire::Pong>(wire::Ping{}).has_value()) << "responses were never in danger";
}

TEST_F(Overload, hints_lost_on_the_bus_lead_to_a_resync_and_those_for_others_to_nothing) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  auto excepted = hint(1);
  excepted.except = ada.device;
  server.publish(ada.user, excepted);
  auto elsewhere = hint(2);
  elsewhere.only = DeviceId{};
  server.publish(ada.user, elsewhere);
  server.publish(ada.user, {.kind = domain::BusMessageKind::lost});
  const auto frame = socket.receive();
  ASSERT_TRUE(frame.has_value());
  EXPECT_TRUE(std::holds_alternative<wire::Resync>(frame->body));
}

TEST_F(Overload, the_thirty_third_request_waits_until_one_is_answered) {
  SocketClient socket(server.port());
  SocketClient other(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  ASSERT_TRUE(other.greet(ada.access_token));
  server.hold_syncs();
  std::set<std::uint32_t> asked;
  for (int i = 0; i < 40; ++i) asked.insert(socket.send(wire::Sync{}));
  const int most = static_cast<int>(Session::kMaxUnanswered);
  server.await_held_syncs(most);
  // Every round trip of another socket is a turn in which more could have been read.
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(other.ask<wire::Pong>(wire::Ping{}).has_value());
  EXPECT_EQ(server.held_syncs(), most);
  EXPECT_FALSE(socket.connection().has_input());
  server.release_syncs();
  std::set<std::uint32_t> answered;
  while (answered.size() < asked.size()) {
    const auto frame = socket.response();
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(std::holds_alternative<wire::SyncOk>(frame->body));
    EXPECT_TRUE(answered.insert(frame->id).second) << "answered twice";
  }
  EXPECT_EQ(answered, asked);
}

TEST_F(Overload, a_client_that_asks_and_never_reads_is_not_read_from_either) {
  HttpClient http(server.port());
  Person bob = registered(server, "+492");
  SocketClient socket(server.port(), 4096);
  ASSERT_TRUE(socket.greet(ada.access_token));
  ASSERT_TRUE(socket.ask<wire::Appended>(ada.begin_direct(bob, http)).has_value());
  const Bytes filler(100'000, 'x');
  for (std::uint8_t i = 2; i < 6; ++i) {
    ASSERT_TRUE(socket.ask<wire::Appended>(ada.message(as_text(filler), i)).has_value());
  }
  // 20,000 reads of 400 kB would be 8 GB of answers. The sender must be stopped long before.
  Bytes requests;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const wire::Frame read{.id = 1000 + i, .body = wire::Read{.conversation = ada.conversation, .after_seq = Seq{1}}};
    kith::ws::append_frame(requests, kith::ws::Opcode::binary, wire::encode(read), kith::ws::MaskingKey{1, 2, 3, 4});
  }
  std::thread sender([&] { socket.send_raw(requests); });
  SocketClient other(server.port());
  ASSERT_TRUE(other.greet(bob.access_token));
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(other.ask<wire::Pong>(wire::Ping{}).has_value());
  std::size_t resident_kb = 0;
  {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) resident_kb = std::stoul(line.substr(6));
    }
  }
  EXPECT_LT(resident_kb, 500'000U);
  // And once it reads, every answer is there.
  for (std::uint32_t i = 0; i < 200; ++i) {
    const auto frame = socket.response();
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(std::holds_alternative<wire::Entries>(frame->body));
  }
  socket.connection().stop();
  sender.join();
}

TEST_F(Overload, who_holds_more_than_the_memory_for_sockets_is_sent_away) {
  Options options = RunningServer::quick();
  options.max_buffered_bytes = 50'000;
  RunningServer tight(options);
  Person bob = registered(tight, "+492");
  SocketClient hoarder(tight.port());
  ASSERT_TRUE(hoarder.greet(bob.access_token));
  SocketClient other(tight.port());
  ASSERT_TRUE(other.greet(bob.access_token));
  // A message of which most is missing is held; the one who holds it is sent away.
  Bytes most;
  kith::ws::append_frame(most, kith::ws::Opcode::binary, Bytes(500'000, 'x'), kith::ws::MaskingKey{1, 2, 3, 4});
  most.resize(most.size() - 1);
  hoarder.send_raw(most);
  const auto error = hoarder.final_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::overloaded);
  EXPECT_GT(error->retry_after_ms, 0U);
  EXPECT_TRUE(other.ask<wire::SyncOk>(wire::Sync{}).has_value()) << "and then there is room again";
}

TEST_F(Overload, what_requests_under_way_hold_counts_also_when_their_socket_is_gone) {
  // What is reserved for the answers fills the memory with the last request, however the system cuts them up.
  constexpr int kRequests = 30;
  const std::size_t each = expected_bytes(wire::Sync{});
  Options options = RunningServer::quick();
  options.max_buffered_bytes = kRequests * each;
  RunningServer tight(options);
  Person bob = registered(tight, "+492");
  tight.hold_syncs();
  {
    SocketClient leaves(tight.port());
    ASSERT_TRUE(leaves.greet(bob.access_token));
    for (int i = 0; i < kRequests; ++i) leaves.send(wire::Sync{});
    tight.await_held_syncs(kRequests);
  }
  SocketClient other(tight.port());
  ASSERT_TRUE(other.greet(bob.access_token));
  const auto error = other.ask<wire::Error>(wire::Sync{});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::overloaded);
  tight.release_syncs();
  // They end a moment later, and then there is room again.
  for (int tries = 0; !other.ask<wire::SyncOk>(wire::Sync{}); ++tries) ASSERT_LT(tries, 1000);
}

TEST_F(Overload, who_pings_but_takes_nothing_is_cut_off) {
  Options options = RunningServer::quick();
  options.timing.silence = std::chrono::milliseconds(200);
  options.timing.ping = std::chrono::milliseconds(100);
  RunningServer eager(options);
  Person bob = registered(eager, "+492");
  SocketClient socket(eager.port(), 4096);
  ASSERT_TRUE(socket.greet(bob.access_token));
  for (std::uint64_t n = 1; n <= 20'000; ++n) eager.publish(bob.user, hint(n));
  Bytes ping;
  kith::ws::append_frame(ping, kith::ws::Opcode::ping, {}, kith::ws::MaskingKey{1, 2, 3, 4});
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (socket.connection().send(ping)) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::yield();
  }
}

TEST_F(Overload, the_ninth_socket_of_a_device_takes_the_place_of_the_oldest) {
  std::vector<std::unique_ptr<SocketClient>> sockets;
  for (int i = 0; i < 9; ++i) {
    sockets.push_back(std::make_unique<SocketClient>(server.port()));
    ASSERT_TRUE(sockets.back()->greet(ada.access_token));
  }
  const auto error = sockets.front()->final_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::overloaded);
  EXPECT_EQ(sockets.front()->close_code(), kith::ws::CloseCode::try_again_later);
  for (int i = 1; i < 9; ++i) EXPECT_TRUE(sockets[i]->ask<wire::Pong>(wire::Ping{}).has_value()) << i;
  Person bob = registered(server, "+492");
  SocketClient other(server.port());
  EXPECT_TRUE(other.greet(bob.access_token));
}

TEST_F(Overload, all_that_a_device_asks_for_has_a_rate_over_both_doors) {
  Options options = RunningServer::quick();
  options.limits.requests_per_second = 0.1;  // one now, the next one in ten seconds: too long to wait for
  RunningServer slow(options);
  Person bob = registered(slow, "+492");
  SocketClient socket(slow.port());
  ASSERT_TRUE(socket.greet(bob.access_token));
  ASSERT_TRUE(socket.ask<wire::SyncOk>(wire::Sync{}).has_value());
  const auto code = [&](wire::Body body) {
    const auto error = socket.ask<wire::Error>(std::move(body));
    return error ? error->code : ErrorCode::internal;
  };
  EXPECT_EQ(code(wire::Sync{}), ErrorCode::rate_limited);
  EXPECT_EQ(code(wire::Read{}), ErrorCode::rate_limited);
  EXPECT_EQ(code(wire::ReadMailbox{}), ErrorCode::rate_limited);
  EXPECT_EQ(code(wire::TrimMailbox{}), ErrorCode::rate_limited);
  EXPECT_EQ(code(wire::SetCursor{}), ErrorCode::rate_limited);
  EXPECT_EQ(code(wire::GetGroup{}), ErrorCode::rate_limited);
  EXPECT_TRUE(socket.ask<wire::Pong>(wire::Ping{}).has_value());
  const auto me = HttpClient(slow.port()).get("/v1/me", "Authorization: Bearer " + bob.access_token + "\r\n");
  EXPECT_EQ(me.status, 429);
  EXPECT_GT(me.json().value("retry_after_ms", 0), 5000);
  Person cat = registered(slow, "+493");
  EXPECT_EQ(HttpClient(slow.port()).get("/v1/me", "Authorization: Bearer " + cat.access_token + "\r\n").status, 200);
}

TEST_F(Overload, draining_says_goodbye_answers_what_is_asked_and_ends) {
  SocketClient idle(server.port());
  SocketClient busy(server.port());
  ASSERT_TRUE(idle.greet(ada.access_token));
  ASSERT_TRUE(busy.greet(ada.access_token));
  server.hold_syncs();
  const auto sync = busy.send(wire::Sync{});
  server.await_held_syncs(1);
  HttpClient http(server.port());
  EXPECT_EQ(http.get("/readyz").status, 200);

  server.drain();
  for (SocketClient* socket : {&idle, &busy}) {
    const auto frame = socket->receive();
    ASSERT_TRUE(frame.has_value());
    const auto* goodbye = std::get_if<wire::Goodbye>(&frame->body);
    ASSERT_NE(goodbye, nullptr);
    EXPECT_GE(goodbye->reconnect_after_ms, 500U);
  }
  EXPECT_FALSE(idle.receive().has_value());
  EXPECT_EQ(idle.close_code(), kith::ws::CloseCode::service_restart);
  EXPECT_TRUE(http.is_closed()) << "idle HTTP connections are closed";

  server.release_syncs();
  const auto answer = busy.response();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->id, sync);
  EXPECT_FALSE(busy.receive().has_value());
  EXPECT_EQ(busy.close_code(), kith::ws::CloseCode::service_restart);
  idle.connection().finish();
  busy.connection().finish();
  server.wait();
}

TEST_F(Overload, draining_does_not_wait_for_ever) {
  Options options = RunningServer::quick();
  options.timing.drain = std::chrono::milliseconds(100);
  RunningServer hasty(options);
  Person bob = registered(hasty, "+492");
  SocketClient socket(hasty.port());
  ASSERT_TRUE(socket.greet(bob.access_token));
  hasty.hold_syncs();
  socket.send(wire::Sync{});
  hasty.await_held_syncs(1);
  hasty.drain();
  hasty.wait();  // the sync is never answered
  SUCCEED();
}

TEST_F(Overload, an_append_is_finished_and_told_although_its_sender_is_gone) {
  HttpClient http(server.port());
  Person bob = registered(server, "+492");
  SocketClient to(server.port());
  ASSERT_TRUE(to.greet(bob.access_token));
  {
    SocketClient from(server.port());
    ASSERT_TRUE(from.greet(ada.access_token));
    ASSERT_TRUE(from.ask<wire::Appended>(ada.begin_direct(bob, http)).has_value());
    from.send(ada.message("last words", 2));
  }
  for (;;) {
    const auto frame = to.receive();
    ASSERT_TRUE(frame.has_value());
    const auto* entry = std::get_if<wire::EntryHint>(&frame->body);
    if (entry != nullptr && entry->entry.seq == Seq{2}) break;
  }
}

TEST_F(Overload, connections_over_the_limit_are_shut_out_and_the_others_live_on) {
  Options options = RunningServer::quick();
  options.max_connections = 2;
  RunningServer small(options);
  HttpClient first(small.port());
  EXPECT_EQ(first.get("/healthz").status, 200);
  HttpClient second(small.port());
  EXPECT_EQ(second.get("/healthz").status, 200);
  // The count follows within a moment.
  for (int tries = 0;; ++tries) {
    ASSERT_LT(tries, 100'000);
    HttpClient third(small.port());
    if (third.get("/healthz").status == 0) break;
  }
  EXPECT_EQ(first.get("/healthz").status, 200);
}

}  // namespace
}  // namespace kith::server::edge::test
