#include "client/native/web_socket.h"

#include <gtest/gtest.h>

#include <optional>

#include "client/native/test/peer.h"
#include "crypto/crypto.h"
#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/parser.h"

namespace kith::client::native {
namespace {

std::string frame(ws::Opcode opcode, std::string_view payload, std::optional<ws::MaskingKey> mask = std::nullopt) {
  Bytes bytes;
  ws::append_frame(bytes, opcode, as_view(payload), mask);
  return std::string(as_text(bytes));
}

class WebSocketTest : public testing::Test {
 protected:
  // Accepts the handshake; what comes afterwards is parsed into `heard`, and each piece calls `on_frame`.
  void serve() {
    peer.on_received([this](const std::string& received) {
      std::string bytes = received;
      peer.forget_received();
      if (!is_accepted) return accept(bytes);
      parser.feed({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
      for (auto event = parser.next(); event.kind != ws::Event::Kind::none; event = parser.next()) {
        heard.emplace_back(event.kind, std::string(as_text(event.payload)));
        last_close = event.close_code;
        if (on_frame) on_frame();
        if (event.kind == ws::Event::Kind::close || event.kind == ws::Event::Kind::failed) break;
      }
    });
  }
  void accept(const std::string& request) {
    const std::string name = "Sec-WebSocket-Key: ";
    const auto at = request.find(name) + name.size();
    const auto accepted = ws::accept_value(request.substr(at, request.find("\r\n", at) - at));
    ASSERT_TRUE(accepted) << request;
    is_accepted = true;
    peer.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
             *accepted + "\r\nSec-WebSocket-Protocol: kith.v1\r\n\r\n" + with_answer);
  }
  WebSocketEvents events() {
    return {.opened =
                [this] {
                  is_open = true;
                  if (on_open) on_open();
                },
            .message =
                [this](ByteView m) {
                  messages.emplace_back(as_text(m));
                  if (on_message) on_message();
                },
            .closed =
                [this](const Failure<Errc>& why) {
                  closed = why;
                  loop.stop();
                }};
  }
  void connect() { socket = std::make_unique<WebSocket>(loop, peer.url(), entropy, events()); }

  Loop loop;
  crypto::SystemEntropy entropy;
  Peer peer{loop};
  std::unique_ptr<WebSocket> socket;
  ws::Parser parser{{.sender = ws::Sender::client, .accepts_text = false, .max_message_bytes = 1 << 20}};
  std::string with_answer;
  bool is_accepted = false, is_open = false;
  std::vector<std::string> messages;
  std::vector<std::pair<ws::Event::Kind, std::string>> heard;
  ws::CloseCode last_close{};
  std::optional<Failure<Errc>> closed;
  std::function<void()> on_open, on_message, on_frame;
};

TEST_F(WebSocketTest, messages_go_both_ways) {
  serve();
  on_open = [&] { socket->send(as_view("hello")); };
  on_frame = [&] { peer.say(frame(ws::Opcode::binary, heard.back().second + " yourself")); };
  on_message = [&] { loop.stop(); };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(messages, std::vector<std::string>{"hello yourself"});
}

TEST_F(WebSocketTest, frames_that_come_with_the_answer_are_not_lost) {
  serve();
  with_answer = frame(ws::Opcode::binary, "first") + frame(ws::Opcode::binary, "second");
  on_message = [&] {
    if (messages.size() == 2) loop.stop();
  };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_TRUE(is_open);
  EXPECT_EQ(messages, (std::vector<std::string>{"first", "second"}));
}

TEST_F(WebSocketTest, a_ping_is_answered_with_its_own_payload) {
  serve();
  with_answer = frame(ws::Opcode::ping, "are you there");
  on_frame = [&] { loop.stop(); };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].first, ws::Event::Kind::pong);
  EXPECT_EQ(heard[0].second, "are you there");
}

TEST_F(WebSocketTest, a_refused_handshake_closes) {
  peer.on_received(
      [&](const std::string&) { peer.say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"); });
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_FALSE(is_open);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->code, Errc::network);
}

TEST_F(WebSocketTest, a_server_that_breaks_the_protocol_is_told_so_and_closed) {
  serve();
  with_answer = frame(ws::Opcode::binary, "masked, as no server may", ws::MaskingKey{1, 2, 3, 4});
  peer.on_hang_up([&] { loop.stop(); });
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  // The loop stopped at whichever came first; the other is on its way.
  if (heard.empty()) {
    ASSERT_TRUE(runs_to_its_end(loop));
  }
  EXPECT_TRUE(messages.empty());
  ASSERT_TRUE(closed);
  EXPECT_EQ(last_close, ws::CloseCode::protocol_error);
}

TEST_F(WebSocketTest, the_servers_goodbye_closes) {
  serve();
  on_open = [&] { peer.say(frame(ws::Opcode::close, "")); };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_TRUE(closed);
}

TEST_F(WebSocketTest, a_cut_connection_closes) {
  serve();
  on_open = [&] { peer.hang_up(); };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_TRUE(closed);
}

TEST_F(WebSocketTest, closing_sends_everything_that_was_queued_and_then_goodbye) {
  serve();
  const std::string large(300'000, 'x');
  bool is_done = false;
  on_open = [&] {
    for (int i = 0; i < 3; ++i) socket->send(as_view(large));
    socket->close(1000, [&] {
      is_done = true;
      loop.stop();
    });
    socket.reset();
  };
  on_frame = [&] {
    if (heard.size() == 4) peer.hang_up();
  };
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_TRUE(is_done);
  ASSERT_EQ(heard.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(heard[i].second, large);
  EXPECT_EQ(heard[3].first, ws::Event::Kind::close);
  EXPECT_EQ(last_close, ws::CloseCode::normal);
  EXPECT_FALSE(closed) << "closed is for what others did";
}

TEST_F(WebSocketTest, a_callback_may_destroy_the_socket) {
  serve();
  with_answer = frame(ws::Opcode::binary, "first") + frame(ws::Opcode::binary, "second");
  on_message = [&] { socket.reset(); };
  peer.on_hang_up([&] { loop.stop(); });
  connect();
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(messages, std::vector<std::string>{"first"});
}

}  // namespace
}  // namespace kith::client::native
