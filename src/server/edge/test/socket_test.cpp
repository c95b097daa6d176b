// Live sockets over the loopback interface, against the whole node: what works, and every way to break the protocol.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "server/domain/records.h"
#include "server/edge/test/person.h"
#include "server/edge/ws/translate.h"

namespace kith::server::edge::test {
namespace {

using kith::ws::CloseCode;
using wire::ErrorCode;

class Socket : public ::testing::Test {
 protected:
  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");

  // The connection ends with this error, and nothing stored has changed since `before`.
  void ends(SocketClient& socket, ErrorCode code, CloseCode close, const std::string& before) {
    const auto error = socket.final_error();
    ASSERT_TRUE(error.has_value()) << "no error, or no orderly close";
    EXPECT_EQ(static_cast<int>(error->code), static_cast<int>(code)) << error->detail;
    EXPECT_FALSE(error->detail.empty());
    EXPECT_EQ(static_cast<int>(socket.close_code()), static_cast<int>(close));
    EXPECT_EQ(server.stored(), before);
  }
};

TEST_F(Socket, hello_names_who_one_is_and_ping_is_answered) {
  SocketClient socket(server.port());
  const auto hello = socket.ask<wire::HelloOk>(wire::Hello{.token = ada.access_token});
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->user, ada.user);
  EXPECT_EQ(hello->device, ada.device);
  EXPECT_GT(hello->time_ms, 1'700'000'000'000);
  EXPECT_TRUE(socket.ask<wire::Pong>(wire::Ping{}).has_value());
}

TEST_F(Socket, two_people_chat_and_hear_of_each_other_at_once) {
  SocketClient from(server.port());
  SocketClient to(server.port());
  ASSERT_TRUE(from.greet(ada.access_token));
  ASSERT_TRUE(to.greet(bob.access_token));
  ASSERT_TRUE(from.ask<wire::Appended>(ada.begin_direct(bob, http)).has_value());

  // The first commit and the Welcome, in whichever order.
  bool has_mail = false;
  bool has_commit = false;
  while (!has_mail || !has_commit) {
    const auto hint = to.receive();
    ASSERT_TRUE(hint.has_value());
    has_mail = has_mail || std::holds_alternative<wire::MailHint>(hint->body);
    if (const auto* entry = std::get_if<wire::EntryHint>(&hint->body))
      has_commit = entry->entry.kind == wire::EntryKind::commit;
  }
  const auto mails = to.ask<wire::Mails>(wire::ReadMailbox{});
  ASSERT_TRUE(mails.has_value());
  ASSERT_EQ(mails->mails.size(), 1U);
  EXPECT_EQ(mails->mails[0].conversation, ada.conversation);
  EXPECT_TRUE(to.ask<wire::Ok>(wire::TrimMailbox{.up_to_seq = mails->mails[0].seq}).has_value());

  const wire::Append message = ada.message("hello", 2);
  const auto appended = from.ask<wire::Appended>(message);
  ASSERT_TRUE(appended.has_value());
  EXPECT_EQ(appended->seq, Seq{2});
  const auto hint = to.receive();
  ASSERT_TRUE(hint.has_value());
  const auto* entry = std::get_if<wire::EntryHint>(&hint->body);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->entry.seq, Seq{2});
  EXPECT_EQ(entry->entry.sender_user, ada.user);
  EXPECT_TRUE(same_bytes(entry->entry.payload, message.payload));

  const auto again = from.ask<wire::Appended>(message);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->seq, Seq{2});

  const auto entries = to.ask<wire::Entries>(wire::Read{.conversation = ada.conversation, .after_seq = Seq{1}});
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(entries->entries.size(), 1U);
  EXPECT_TRUE(to.ask<wire::Ok>(wire::SetCursor{.conversation = ada.conversation, .delivered = Seq{2}, .read = Seq{2}})
                  .has_value());
  const auto sync = from.ask<wire::SyncOk>(wire::Sync{});
  ASSERT_TRUE(sync.has_value());
  ASSERT_EQ(sync->heads.size(), 1U);
  EXPECT_EQ(sync->heads[0].head_seq, Seq{2});
  EXPECT_TRUE(from.ask<wire::Group>(wire::GetGroup{.conversation = ada.conversation}).has_value());
}

TEST_F(Socket, refusals_of_services_are_answers_and_the_socket_lives_on) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  const std::string before = server.stored();
  const auto refused = [&](wire::Body body) {
    const auto error = socket.ask<wire::Error>(std::move(body));
    EXPECT_TRUE(error.has_value());
    return error ? error->code : ErrorCode::internal;
  };
  EXPECT_EQ(refused(wire::Append{.conversation = {}, .client_id = client_id(1), .epoch = {}, .payload = as_view("x")}),
            ErrorCode::not_member);
  EXPECT_EQ(refused(wire::Read{.conversation = {}, .after_seq = {}}), ErrorCode::not_member);
  EXPECT_EQ(refused(wire::SetCursor{.conversation = {}, .delivered = Seq{1}, .read = {}}), ErrorCode::not_member);
  EXPECT_EQ(refused(wire::GetGroup{.conversation = {}}), ErrorCode::not_member);
  EXPECT_EQ(refused(wire::Commit{.conversation = {},
                                 .client_id = client_id(1),
                                 .epoch = {},
                                 .payload = as_view("x"),
                                 .group_info = {},
                                 .welcomes = {}}),
            ErrorCode::not_member);
  EXPECT_EQ(server.stored(), before);
  EXPECT_TRUE(socket.ask<wire::Pong>(wire::Ping{}).has_value());
}

TEST_F(Socket, what_fails_here_is_told_without_details_and_logged_with_them) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  server.fail_syncs();
  const auto error = socket.ask<wire::Error>(wire::Sync{});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::internal);
  EXPECT_EQ(error->detail.find("disk"), std::string::npos);
  EXPECT_NE(
      server.log().find("\"event\":\"request_failed\",\"route\":\"/v1/socket\",\"detail\":\"the disk has failed\""),
      std::string::npos);
}

TEST_F(Socket, a_stale_epoch_says_where_the_log_is) {
  SocketClient from(server.port());
  ASSERT_TRUE(from.greet(ada.access_token));
  ASSERT_TRUE(from.ask<wire::Appended>(ada.begin_direct(bob, http)).has_value());
  wire::Append message = ada.message("x", 2);
  message.epoch = Epoch{0};
  const auto error = from.ask<wire::Error>(message);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::invalid_argument) << "the frame says another epoch than the message";
}

TEST_F(Socket, a_request_before_hello_ends_the_connection) {
  const std::string before = server.stored();
  for (const wire::Body& body :
       {wire::Body(wire::Ping{}), wire::Body(wire::Sync{}), wire::Body(wire::TrimMailbox{.up_to_seq = Seq{1}})}) {
    SocketClient socket(server.port());
    socket.send(body);
    ends(socket, ErrorCode::unauthenticated, CloseCode::policy_violation, before);
  }
}

TEST_F(Socket, a_second_hello_ends_the_connection) {
  const std::string before = server.stored();
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  socket.send(wire::Hello{.token = ada.access_token});
  ends(socket, ErrorCode::malformed, CloseCode::policy_violation, before);
}

TEST_F(Socket, tokens_that_are_wrong_expired_or_of_nobody_are_refused) {
  const std::string before = server.stored();
  const auto expired = server.tokens->issue({ada.user, ada.device}, {1'700'000'000'000}, std::chrono::minutes(15));
  const auto nobody = server.tokens->issue({ada.user, bob.device}, {4'000'000'000'000}, std::chrono::minutes(15));
  for (const std::string& token : {std::string(), std::string("x"), expired, nobody, ada.access_token + "A"}) {
    SocketClient socket(server.port());
    socket.send(wire::Hello{.token = token});
    ends(socket, ErrorCode::unauthenticated, CloseCode::policy_violation, before);
  }
}

TEST_F(Socket, an_unknown_version_is_refused) {
  const std::string before = server.stored();
  SocketClient socket(server.port());
  socket.send(wire::Hello{.token = ada.access_token, .version = 2});
  ends(socket, ErrorCode::unsupported_version, CloseCode::policy_violation, before);
}

TEST_F(Socket, what_is_no_frame_of_a_client_ends_the_connection) {
  const std::string before = server.stored();
  const auto after_hello = [&](const auto& send) {
    SocketClient socket(server.port());
    ASSERT_TRUE(socket.greet(ada.access_token));
    send(socket);
    ends(socket, ErrorCode::malformed, CloseCode::policy_violation, before);
  };
  after_hello([](SocketClient& s) { s.send_message(as_view("not a frame at all")); });
  after_hello([](SocketClient& s) { s.send_message({}); });
  after_hello([](SocketClient& s) { s.send(wire::Frame{.id = 0, .body = wire::Ping{}}); });
  after_hello([](SocketClient& s) { s.send(wire::Resync{}); });
  after_hello([](SocketClient& s) { s.send(wire::Appended{}); });
}

TEST_F(Socket, an_id_that_is_still_unanswered_may_not_be_used_again) {
  const std::string before = server.stored();
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  server.hold_syncs();
  socket.send(wire::Frame{.id = 9, .body = wire::Sync{}});
  socket.send(wire::Frame{.id = 9, .body = wire::Ping{}});
  ends(socket, ErrorCode::malformed, CloseCode::policy_violation, before);
  server.release_syncs();
}

TEST_F(Socket, what_is_no_websocket_ends_the_connection_with_its_own_code) {
  const std::string before = server.stored();
  {
    SocketClient socket(server.port());
    socket.send_message(as_view("text"), kith::ws::Opcode::text);
    ends(socket, ErrorCode::malformed, CloseCode::unsupported_data, before);
  }
  {
    SocketClient socket(server.port());
    Bytes unmasked;
    kith::ws::append_frame(unmasked, kith::ws::Opcode::binary, as_view("x"));
    socket.send_raw(unmasked);
    ends(socket, ErrorCode::malformed, CloseCode::protocol_error, before);
  }
  {
    SocketClient socket(server.port());
    const kith::ws::FrameHeader header(kith::ws::Opcode::binary, wire::kMaxFrameBytes + 1, true,
                                       kith::ws::MaskingKey{});
    socket.send_raw(header.view());
    ends(socket, ErrorCode::too_large, CloseCode::message_too_big, before);
  }
}

TEST_F(Socket, only_who_has_said_hello_may_send_what_is_large) {
  const Bytes filler(64 * 1024, 'x');
  const wire::Frame large{.id = 2,
                          .body = wire::Append{.conversation = {}, .client_id = {}, .epoch = {}, .payload = filler}};
  {
    SocketClient socket(server.port());
    const kith::ws::FrameHeader header(kith::ws::Opcode::binary, 4 * 1024 + 1, true, kith::ws::MaskingKey{});
    socket.send_raw(header.view());
    ends(socket, ErrorCode::too_large, CloseCode::message_too_big, server.stored());
  }
  SocketClient socket(server.port());
  socket.send(wire::Frame{.id = 1, .body = wire::Hello{.token = ada.access_token}});
  socket.send(large);
  ASSERT_TRUE(socket.response().has_value());
  const auto answer = socket.response();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<wire::Error>(answer->body).code, ErrorCode::not_member) << "also where it came behind Hello";
}

TEST_F(Socket, an_orderly_close_is_answered) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  Bytes close;
  kith::ws::append_close(close, CloseCode::normal, "bye", kith::ws::MaskingKey{});
  socket.send_raw(close);
  EXPECT_FALSE(socket.receive().has_value());
  EXPECT_EQ(socket.close_code(), CloseCode::normal);
  EXPECT_TRUE(socket.connection().receive().empty());
}

TEST_F(Socket, pings_of_the_client_are_answered_at_websocket_level) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  socket.send_message(as_view("are you there"), kith::ws::Opcode::ping);
  const Bytes pong = socket.connection().receive();
  EXPECT_EQ(as_text(ByteView(pong).subspan(2)), "are you there");
}

TEST_F(Socket, requests_sent_behind_hello_wait_for_it) {
  SocketClient socket(server.port());
  const auto hello = socket.send(wire::Hello{.token = ada.access_token});
  const auto sync = socket.send(wire::Sync{});
  const auto ping = socket.send(wire::Ping{});
  EXPECT_EQ(socket.response()->id, hello);
  std::set<std::uint32_t> ids{socket.response()->id, socket.response()->id};
  EXPECT_EQ(ids, (std::set<std::uint32_t>{sync, ping}));
}

TEST_F(Socket, bytes_that_trickle_are_understood) {
  SocketClient socket(server.port());
  Bytes frame;
  kith::ws::append_frame(frame, kith::ws::Opcode::binary,
                         wire::encode({.id = 1, .body = wire::Hello{.token = ada.access_token}}),
                         kith::ws::MaskingKey{9, 8, 7, 6});
  for (const std::uint8_t byte : frame) socket.send_raw({&byte, 1});
  const auto answer = socket.response();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(std::holds_alternative<wire::HelloOk>(answer->body));
}

TEST_F(Socket, a_device_that_is_logged_out_is_cut_off_at_once) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  SocketClient other(server.port());
  ASSERT_TRUE(other.greet(bob.access_token));
  const std::string second = http.post("/v1/tokens", ada.refresh_request(ada.refresh_token)).json().at("refresh_token");
  http.post("/v1/tokens", ada.refresh_request(second));
  EXPECT_EQ(http.post("/v1/tokens", ada.refresh_request(ada.refresh_token)).error(), "refresh_reused");
  ends(socket, ErrorCode::unauthenticated, CloseCode::policy_violation, server.stored());
  EXPECT_TRUE(other.ask<wire::Pong>(wire::Ping{}).has_value()) << "others are not touched";
}

TEST_F(Socket, a_handshake_of_a_foreign_page_or_without_the_subprotocol_is_refused) {
  const std::string handshake =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
      "AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const auto status = [&](const std::string& headers) {
    return HttpClient(server.port()).get("/v1/socket", headers).status;
  };
  EXPECT_EQ(status(handshake + "Sec-WebSocket-Protocol: kith.v1\r\n"), 101);
  EXPECT_EQ(status(handshake + "Sec-WebSocket-Protocol: kith.v2, kith.v1\r\nOrigin: http://test\r\n"), 101);
  EXPECT_EQ(status(handshake + "Sec-WebSocket-Protocol: kith.v1\r\nOrigin: http://evil.example\r\n"), 403);
  EXPECT_EQ(status(handshake), 400);
  EXPECT_EQ(status("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Protocol: "
                   "kith.v1\r\n"
                   "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"),
            400);
  EXPECT_EQ(status("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "
                   "kith.v1\r\n"
                   "Sec-WebSocket-Key: short\r\n"),
            400);
  EXPECT_EQ(status(""), 426);
}

TEST_F(Socket, sockets_on_several_threads_hear_the_same) {
  Options options = RunningServer::quick();
  options.io_threads = 3;
  RunningServer wide(options);
  Person cat = registered(wide, "+493");
  std::vector<std::unique_ptr<SocketClient>> sockets;
  for (int i = 0; i < 6; ++i) {
    sockets.push_back(std::make_unique<SocketClient>(wide.port()));
    ASSERT_TRUE(sockets.back()->greet(cat.access_token));
  }
  wide.publish(cat.user,
               {.kind = domain::BusMessageKind::frame,
                .frame = shared_message({.id = 0, .body = wire::CursorHint{.conversation = {}, .cursor = {}}})});
  for (const auto& socket : sockets) {
    const auto frame = socket->receive();
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(std::holds_alternative<wire::CursorHint>(frame->body));
    EXPECT_TRUE(socket->ask<wire::Pong>(wire::Ping{}).has_value());
  }
}

// ---- time ----

TEST_F(Socket, who_does_not_say_hello_in_time_is_cut_off) {
  Options options = RunningServer::quick();
  options.timing.hello = std::chrono::milliseconds(100);
  RunningServer impatient(options);
  SocketClient socket(impatient.port());
  const auto error = socket.final_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::unauthenticated);
}

TEST_F(Socket, the_server_pings_and_keeps_who_answers) {
  Options options = RunningServer::quick();
  options.timing.ping = std::chrono::milliseconds(60);
  options.timing.silence = std::chrono::milliseconds(400);
  RunningServer eager(options);
  Person cat = registered(eager, "+493");
  SocketClient socket(eager.port());
  ASSERT_TRUE(socket.greet(cat.access_token));
  // More pings than the silence would allow without the pongs.
  while (socket.pings() < 12) {
    socket.send(wire::Frame{.id = 1000U + static_cast<unsigned>(socket.pings()), .body = wire::Ping{}});
    const int before = socket.pings();
    ASSERT_TRUE(socket.response().has_value());
    while (socket.pings() == before && !socket.connection().has_input()) std::this_thread::yield();
  }
  SUCCEED();
}

TEST_F(Socket, who_stays_silent_is_cut_off) {
  Options options = RunningServer::quick();
  options.timing.ping = std::chrono::milliseconds(60);
  options.timing.silence = std::chrono::milliseconds(200);
  RunningServer eager(options);
  Person cat = registered(eager, "+493");
  SocketClient socket(eager.port());
  ASSERT_TRUE(socket.greet(cat.access_token));
  socket.answers_pings = false;
  EXPECT_FALSE(socket.receive().has_value());
  EXPECT_GE(socket.pings(), 1);
}

class LookedAtAgain : public ::testing::Test {
 public:
  static Options eager() {
    Options options = RunningServer::quick();
    options.timing.ping = std::chrono::milliseconds(60);
    options.timing.access = std::chrono::milliseconds(200);
    options.timing.silence = std::chrono::seconds(10);
    return options;
  }
  // As if it had happened on another node, and the bus had lost it.
  void write_access(const Bytes& record) {
    server.write({.partition = domain::account_partition(cat.user),
                  .writes = {{{domain::RowKind::refresh, to_bytes(cat.device.view())}, record}}});
  }
  RunningServer server{eager()};
  Person cat = registered(server, "+493");
};

TEST_F(LookedAtAgain, a_device_that_was_logged_out_without_a_word_is_cut_off_before_long) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(cat.access_token));
  socket.answers_pings = false;  // where it is not cut off for this it is for its silence, in ten seconds
  domain::RefreshRecord out;
  out.logged_out = true;
  write_access(domain::encode(out));
  const auto error = socket.final_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::unauthenticated);
}

TEST_F(LookedAtAgain, nobody_is_cut_off_because_the_store_fails) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(cat.access_token));
  write_access({});
  while (socket.pings() < 12) {
    ASSERT_TRUE(socket.ask<wire::Pong>(wire::Ping{}).has_value());
    while (!socket.connection().has_input()) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace kith::server::edge::test
