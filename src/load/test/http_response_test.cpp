#include "load/http_response.h"

#include <gtest/gtest.h>

namespace kith::load {
namespace {

TEST(HttpReader, an_answer_is_read_however_it_is_cut) {
  const std::string text = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-A:  b c \r\n\r\nhellorest";
  for (std::size_t cut = 0; cut < text.size() - 4; ++cut) {
    HttpReader reader;
    ByteView first = as_view(std::string_view(text).substr(0, cut));
    auto response = reader.read(first);
    ASSERT_TRUE(response);
    ByteView second = as_view(std::string_view(text).substr(cut));
    if (!*response) response = reader.read(second);
    ASSERT_TRUE(response && *response) << cut;
    EXPECT_EQ((*response)->status, 201);
    EXPECT_EQ((*response)->body, "hello");
    EXPECT_EQ(header_value((*response)->headers, "x-a"), "b c");
    EXPECT_EQ(as_text(second), "rest");
  }
}

TEST(HttpReader, an_upgrade_has_no_body_and_an_interim_answer_is_skipped) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x82";
  HttpReader reader;
  ByteView bytes = as_view(text);
  const auto response = reader.read(bytes);
  ASSERT_TRUE(response && *response);
  EXPECT_EQ((*response)->status, 101);
  EXPECT_EQ(bytes.size(), 1U);
}

TEST(HttpReader, what_is_not_http_or_has_no_length_is_refused) {
  for (const std::string text :
       {"SMTP hello\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "\r\n\r\n"}) {
    HttpReader reader;
    ByteView bytes = as_view(text);
    EXPECT_FALSE(reader.read(bytes)) << text;
  }
  HttpReader reader;
  const std::string endless(20000, 'a');
  ByteView bytes = as_view(endless);
  EXPECT_FALSE(reader.read(bytes));
}

TEST(HeaderValue, a_missing_header_is_nothing_and_an_empty_one_is_empty) {
  EXPECT_EQ(header_value("A: 1\r\nB:\r\n", "C"), std::nullopt);
  EXPECT_EQ(header_value("A: 1\r\nB:\r\n", "b"), "");
}

}  // namespace
}  // namespace kith::load
