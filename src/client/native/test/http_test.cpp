#include "client/native/http.h"

#include <gtest/gtest.h>

#include "client/native/test/peer.h"

namespace kith::client::native {
namespace {

struct Answered {
  int status = -1;
  std::string body;
};

class HttpTest : public testing::Test {
 protected:
  Answered ask(HttpRequest request) {
    Answered answered;
    HttpClient client(loop, peer.url());
    client.request(request, [&](int status, std::string body) {
      answered = {status, std::move(body)};
      loop.stop();
    });
    EXPECT_TRUE(runs_to_its_end(loop));
    return answered;
  }
  // Answers a whole request (its body is "{}") with these bytes, and hangs up.
  Answered ask_and_hear(const std::string& answer, bool hangs_up = true) {
    peer.on_received([&, answer, hangs_up](const std::string& received) {
      request_seen = received;
      if (!received.ends_with("\r\n\r\n{}")) return;
      peer.say(answer);
      if (hangs_up) peer.hang_up();
    });
    return ask({.id = 1, .method = "POST", .path = "/v1/x", .bearer = "t0ken", .body = "{}"});
  }

  Loop loop;
  Peer peer{loop};
  std::string request_seen;
};

TEST_F(HttpTest, a_request_carries_its_token_type_and_body) {
  const auto answered = ask_and_hear("HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n{\"a\"}", false);
  EXPECT_EQ(answered.status, 201);
  EXPECT_EQ(answered.body, "{\"a\"}");
  EXPECT_TRUE(request_seen.starts_with("POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:")) << request_seen;
  EXPECT_NE(request_seen.find("\r\nAuthorization: Bearer t0ken\r\n"), std::string::npos);
  EXPECT_NE(request_seen.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(request_seen.find("\r\nContent-Length: 2\r\n"), std::string::npos);
}

TEST_F(HttpTest, an_answer_may_be_chunked_or_end_with_the_connection) {
  EXPECT_EQ(ask_and_hear("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n").body,
            "abc");
  EXPECT_EQ(ask_and_hear("HTTP/1.1 200 OK\r\n\r\nuntil the end").body, "until the end");
}

TEST_F(HttpTest, an_error_is_an_answer_too) {
  const auto answered = ask_and_hear("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(answered.status, 404);
  EXPECT_EQ(answered.body, "no");
}

TEST_F(HttpTest, a_broken_answer_is_none) {
  EXPECT_EQ(ask_and_hear("").status, 0);
  EXPECT_EQ(ask_and_hear("HTTP/1.1 200 OK\r\nContent-Len").status, 0);
  EXPECT_EQ(ask_and_hear("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort").status, 0);
  EXPECT_EQ(ask_and_hear("SSH-2.0-not a web server at all\r\n\r\n").status, 0);
}

TEST_F(HttpTest, an_answer_over_the_limit_is_none) {
  const std::string large(kMaxAnswerBytes + 1, 'x');
  EXPECT_EQ(ask_and_hear("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n").status, 0);
}

TEST_F(HttpTest, nobody_listening_is_no_answer) {
  Answered answered;
  // The port was free a moment ago, and nothing else is told about it.
  auto gone = std::make_unique<Peer>(loop);
  const auto url = gone->url();
  gone.reset();
  HttpClient client(loop, url);
  client.request({.id = 1, .method = "GET", .path = "/", .bearer = "", .body = ""},
                 [&](int status, const std::string&) {
                   answered.status = status;
                   loop.stop();
                 });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(answered.status, 0);
}

TEST_F(HttpTest, a_client_that_is_destroyed_calls_nothing_any_more) {
  auto client = std::make_unique<HttpClient>(loop, peer.url());
  bool is_called = false;
  client->request({.id = 1, .method = "GET", .path = "/", .bearer = "", .body = ""},
                  [&](int, const std::string&) { is_called = true; });
  peer.on_received([&](const std::string&) { client.reset(); });
  peer.on_hang_up([&] { loop.stop(); });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace kith::client::native
