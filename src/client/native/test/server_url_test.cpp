#include "client/native/server_url.h"

#include <gtest/gtest.h>

namespace kith::client::native {
namespace {

TEST(ServerUrl, names_addresses_and_ports_are_read) {
  EXPECT_EQ(*ServerUrl::parse("http://127.0.0.1:8470"), (ServerUrl{false, "127.0.0.1", 8470}));
  EXPECT_EQ(*ServerUrl::parse("https://kith.example/"), (ServerUrl{true, "kith.example", 443}));
  EXPECT_EQ(*ServerUrl::parse("WSS://kith.example:9000"), (ServerUrl{true, "kith.example", 9000}));
  EXPECT_EQ(*ServerUrl::parse("ws://[::1]:80"), (ServerUrl{false, "::1", 80}));
}

TEST(ServerUrl, a_host_header_has_the_port_only_where_it_is_not_the_schemes_own) {
  EXPECT_EQ(ServerUrl::parse("https://kith.example:443")->authority(), "kith.example");
  EXPECT_EQ(ServerUrl::parse("http://[::1]:8470")->authority(), "[::1]:8470");
}

TEST(ServerUrl, what_is_no_server_is_refused) {
  for (const char* text : {"", "kith.example", "ftp://kith.example", "http://", "http://:80", "http://a b",
                           "http://a/path", "http://a:", "http://a:0", "http://a:65536", "http://a:80x", "http://[::1",
                           "http://u@a", "http://a\r\nX: y", "http://a?b", "http://[::1]x"}) {
    const auto url = ServerUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Errc::bad_url) << text;
  }
}

}  // namespace
}  // namespace kith::client::native
