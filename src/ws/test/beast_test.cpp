// Our codec as a server against Boost.Beast as a client, over a real socket pair.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <random>
#include <thread>

#include "ws/handshake.h"
#include "ws/parser.h"

namespace kith::ws {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Socket = asio::local::stream_protocol::socket;

std::string read_request(Socket& socket) {
  std::string request;
  while (!request.ends_with("\r\n\r\n")) {
    char c = 0;
    asio::read(socket, asio::buffer(&c, 1));
    request += c;
  }
  return request;
}

// Accepts the upgrade, then sends every message and ping back, until the close, which it answers.
void echo(Socket& socket) {
  const std::string request = read_request(socket);
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(name) + name.size();
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_value(request.substr(at, 24)).value() + "\r\n\r\n";
  asio::write(socket, asio::buffer(answer));
  Parser parser({});
  Bytes buffer(1500);
  for (;;) {
    const std::size_t size = socket.read_some(asio::buffer(buffer));
    parser.feed(ByteSpan(buffer).first(size));
    for (Event event = parser.next(); event.kind != Event::Kind::none; event = parser.next()) {
      Bytes out;
      if (event.kind == Event::Kind::binary) append_frame(out, Opcode::binary, event.payload);
      if (event.kind == Event::Kind::ping) append_frame(out, Opcode::pong, event.payload);
      if (event.kind == Event::Kind::failed) append_close(out, event.close_code, as_text(event.payload));
      if (event.kind == Event::Kind::close) append_close(out, event.close_code, "goodbye");
      asio::write(socket, asio::buffer(out));
      if (event.kind == Event::Kind::close || event.kind == Event::Kind::failed) {
        socket.shutdown(Socket::shutdown_send);
        return;
      }
    }
  }
}

class WsAgainstBeast : public ::testing::Test {
 protected:
  WsAgainstBeast() {
    asio::local::connect_pair(client_.next_layer(), server_);
    thread_ = std::thread([this] { echo(server_); });
    client_.handshake("localhost", "/v1/socket");
    client_.binary(true);
  }
  ~WsAgainstBeast() override { thread_.join(); }

  asio::io_context io_;
  Socket server_{io_};
  beast::websocket::stream<Socket> client_{io_};
  std::thread thread_;
};

TEST_F(WsAgainstBeast, messages_of_all_sizes_and_fragmentations_come_back) {
  std::mt19937 random(7);
  for (const std::size_t size : {0, 1, 125, 126, 127, 4096, 65535, 65536, 300000}) {
    for (const std::size_t fragment : {std::size_t{0}, std::size_t{17}, std::size_t{4096}}) {
      if (fragment != 0 && size / fragment > 5000) continue;
      client_.auto_fragment(fragment != 0);
      client_.write_buffer_bytes(fragment == 0 ? 4096 : std::max<std::size_t>(fragment, 8));
      Bytes sent(size);
      for (auto& b : sent) b = static_cast<std::uint8_t>(random());
      client_.write(asio::buffer(sent));
      beast::flat_buffer received;
      client_.read(received);
      EXPECT_EQ(beast::buffers_to_string(received.data()), as_text(sent)) << size << " in " << fragment;
    }
  }
  client_.close(beast::websocket::close_reason(beast::websocket::close_code::normal, "done"));
  EXPECT_EQ(client_.reason().code, beast::websocket::close_code::normal);
}

TEST_F(WsAgainstBeast, pings_are_answered_with_their_payload) {
  std::string ponged;
  client_.control_callback([&](beast::websocket::frame_type type, beast::string_view payload) {
    if (type == beast::websocket::frame_type::pong) ponged = std::string(payload);
  });
  client_.ping("are you there");
  client_.write(asio::buffer("x", 1));
  beast::flat_buffer received;
  client_.read(received);
  EXPECT_EQ(ponged, "are you there");
  client_.close(beast::websocket::close_code::normal);
}

TEST_F(WsAgainstBeast, text_is_refused_with_1003) {
  client_.text(true);
  client_.write(asio::buffer("words", 5));
  beast::flat_buffer received;
  beast::error_code error;
  client_.read(received, error);
  EXPECT_EQ(error, beast::websocket::error::closed);
  EXPECT_EQ(client_.reason().code, beast::websocket::close_code::unknown_data);
}

}  // namespace
}  // namespace kith::ws
