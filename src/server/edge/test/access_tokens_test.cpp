#include "server/edge/access_tokens.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kith::server::edge {
namespace {

constexpr UnixMillis kNow{1'800'000'000'000};

class AccessTokensTest : public ::testing::Test {
 protected:
  AccessTokens tokens{Bytes(AccessTokens::kSeedBytes, 1)};
  domain::Caller caller{*UserId::from(Bytes(16, 2)), *DeviceId::from(Bytes(16, 3))};
  std::string token = tokens.issue(caller, kNow, std::chrono::minutes(15));

  std::string why(std::string_view bad, UnixMillis now = kNow) const {
    const auto result = tokens.verify(bad, now);
    return result ? "good" : result.error().detail;
  }
};

TEST_F(AccessTokensTest, a_token_says_whose_it_is_until_it_expires) {
  EXPECT_EQ(tokens.verify(token, kNow).value(), caller);
  EXPECT_EQ(why(token, {kNow.value + 15 * 60'000 - 1}), "good");
  EXPECT_EQ(why(token, {kNow.value + 15 * 60'000}), "the access token has expired");
}

TEST_F(AccessTokensTest, a_token_changed_anywhere_is_refused) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // The last character of base64url carries bits that nothing looks at.
    if (i + 1 < token.size()) EXPECT_NE(why(changed), "good") << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size) EXPECT_NE(why(token.substr(0, size)), "good") << size;
  EXPECT_NE(why(token + "." + token), "good");
  EXPECT_NE(why(std::string(5000, 'x')), "good");
}

TEST_F(AccessTokensTest, another_algorithm_or_another_key_is_refused) {
  const std::string header = to_base64url(as_view(R"({"alg":"none","typ":"JWT"})"));
  const std::string claims = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
  EXPECT_EQ(why(header + claims + "."), "the access token is not one of this server");
  const AccessTokens other(Bytes(AccessTokens::kSeedBytes, 9));
  EXPECT_EQ(why(other.issue(caller, kNow, std::chrono::minutes(15))), "the access token is not one of this server");
}

TEST_F(AccessTokensTest, the_published_key_verifies_them) {
  const auto key = nlohmann::json::parse(tokens.jwks()).at("keys").at(0);
  const auto header = nlohmann::json::parse(*from_base64url(token.substr(0, token.find('.'))));
  EXPECT_EQ(header.at("kid"), key.at("kid"));
  EXPECT_EQ(header.at("alg"), "EdDSA");
  const auto signature = *from_base64url(token.substr(token.rfind('.') + 1));
  EXPECT_TRUE(crypto::Suite::product().verify(*from_base64url(key.at("x").get<std::string>()),
                                              as_view(token.substr(0, token.rfind('.'))), signature));
}

}  // namespace
}  // namespace kith::server::edge
