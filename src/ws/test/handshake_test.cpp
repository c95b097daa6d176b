#include "ws/handshake.h"

#include <gtest/gtest.h>

namespace kith::ws {
namespace {

constexpr ClientHandshake::Nonce kNonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

std::string key_of(const ClientHandshake& handshake) {
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t at = handshake.request().find(name) + name.size();
  return handshake.request().substr(at, handshake.request().find("\r\n", at) - at);
}

std::string answer_to(const ClientHandshake& handshake, const std::string& protocol = "kith.v1") {
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         *accept_value(key_of(handshake)) + "\r\nSec-WebSocket-Protocol: " + protocol + "\r\n\r\n";
}

TEST(WsHandshake, accepts_the_key_of_rfc_6455) {
  EXPECT_EQ(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WsHandshake, refuses_keys_that_are_not_sixteen_bytes) {
  for (const char* key : {"", "dGhl", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=!", "dGhlIHNhbXBsZSBub25jZTE=",
                          "dGhlIHNhbXBsZSBub25jZTEy", "====================  ==", "dGhlIHNhb!BsZSBub25jZQ=="}) {
    EXPECT_EQ(accept_value(key), std::nullopt) << key;
  }
}

TEST(WsHandshake, a_client_accepts_the_answer_to_its_own_key_at_every_split) {
  const ClientHandshake handshake("localhost:8470", "/v1/socket", "kith.v1", kNonce);
  const std::string answer = answer_to(handshake);
  const std::string received = answer + "frames";
  for (std::size_t size = 0; size < answer.size(); ++size) {
    const auto so_far = handshake.read_answer(as_view(received).first(size));
    ASSERT_TRUE(so_far.has_value()) << size;
    EXPECT_EQ(*so_far, std::nullopt);
  }
  EXPECT_EQ(handshake.read_answer(as_view(received)).value(), answer.size());
}

TEST(WsHandshake, a_client_refuses_every_other_answer) {
  const ClientHandshake handshake("localhost", "/v1/socket", "kith.v1", kNonce);
  const ClientHandshake other("localhost", "/v1/socket", "kith.v1", {});
  const auto error = [&](const std::string& answer) { return handshake.read_answer(as_view(answer)).error().code; };
  EXPECT_EQ(error("HTTP/1.1 404 Not Found\r\n\r\n"), HandshakeErrc::refused);
  EXPECT_EQ(error("SSH-2.0-"), HandshakeErrc::malformed);
  EXPECT_EQ(error("HTTP/1.1 101 " + std::string(9000, 'x')), HandshakeErrc::malformed);
  EXPECT_EQ(error(answer_to(other)), HandshakeErrc::mismatch);
  EXPECT_EQ(error(answer_to(handshake, "other.v1")), HandshakeErrc::mismatch);
  std::string extended = answer_to(handshake);
  extended.insert(extended.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_EQ(error(extended), HandshakeErrc::mismatch);
  EXPECT_EQ(error("HTTP/1.1 101 Switching Protocols\r\n\r\n"), HandshakeErrc::mismatch);
}

}  // namespace
}  // namespace kith::ws
