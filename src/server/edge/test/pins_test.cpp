// The registration lock over HTTP.
#include <gtest/gtest.h>

#include "server/edge/http/registry.h"
#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

class PinsOverHttp : public ::testing::Test {
 protected:
  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  HttpAnswer ask(const std::string& method, const std::string& body) {
    return http.ask(method, "/v1/me/pin", body, "Authorization: Bearer " + ada.access_token + "\r\n");
  }
  bool is_set() { return ask("GET", "").json().at("is_set"); }
};

TEST_F(PinsOverHttp, are_set_and_taken_away_by_the_account_alone) {
  EXPECT_EQ(http.ask("PUT", "/v1/me/pin", R"({"pin":"24682468"})").status, 401);
  EXPECT_EQ(http.ask("GET", "/v1/me/pin", "").status, 401);
  EXPECT_FALSE(is_set());
  EXPECT_EQ(ask("PUT", R"({"pin":"24682468"})").json(), Json::object());
  EXPECT_TRUE(is_set());
  for (const char* bad : {"{}", R"({"pin":""})", R"({"pin":"123"})", R"({"pin":24682468})", R"({"pin":"12a4"})",
                          R"({"pin":"123456789012345678901"})", R"({"pin":["2468"]})"}) {
    const std::string before = server.stored();
    EXPECT_EQ(ask("PUT", bad).error(), "invalid_argument") << bad;
    EXPECT_EQ(server.stored(), before);
  }
  EXPECT_TRUE(is_set());
  EXPECT_EQ(ask("PUT", R"({"pin":null})").json(), Json::object());
  EXPECT_FALSE(is_set());
}

TEST_F(PinsOverHttp, are_neither_logged_nor_stored_as_they_are) {
  EXPECT_EQ(ask("PUT", R"({"pin":"24682468"})").status, 200);
  EXPECT_EQ(ask("PUT", R"({"pin":"24682468x"})").status, 400);
  Json account = Person(server, "+492").account();
  account["pin"] = "24682468";
  EXPECT_EQ(http.post("/v1/accounts", account).status, 201) << "not asked for, and no harm";
  EXPECT_EQ(server.log().find("24682468"), std::string::npos);
  EXPECT_EQ(server.stored().find("24682468"), std::string::npos);
  EXPECT_EQ(server.stored().find(to_hex(as_view("24682468"))), std::string::npos);
}

TEST_F(PinsOverHttp, what_is_no_pin_makes_no_account) {
  for (const Json& bad : {Json(24682468), Json(std::string(21, '1')), Json::array()}) {
    Person anew(server, "+49" + std::to_string(3 + bad.dump().size()));
    Json account = anew.account();
    account["pin"] = bad;
    const auto answer = http.post("/v1/accounts", account);
    EXPECT_EQ(answer.error(), "invalid_argument");
    EXPECT_EQ(answer.body.find("24682468"), std::string::npos);
  }
}

TEST(PinErrors, say_how_many_attempts_are_left_and_when_the_next_one_is) {
  const auto answer_to = [](domain::Error error) {
    const Response response = error_response(error);
    return std::pair(response.status, Json::parse(response.body));
  };
  const auto [needed, needed_body] = answer_to({.code = domain::Errc::pin_needed});
  EXPECT_EQ(needed, 403U);
  EXPECT_EQ(needed_body.at("error"), "pin_needed");
  const auto [wrong, wrong_body] = answer_to({.code = domain::Errc::wrong_pin, .attempts_left = 3});
  EXPECT_EQ(wrong, 403U);
  EXPECT_EQ(wrong_body.at("error"), "wrong_pin");
  EXPECT_EQ(wrong_body.at("attempts_left"), 3);
  EXPECT_FALSE(wrong_body.contains("retry_after_ms"));
  const auto [last, last_body] = answer_to({.code = domain::Errc::wrong_pin, .retry_after_ms = 60'000});
  EXPECT_EQ(last_body.at("attempts_left"), 0);
  EXPECT_EQ(last_body.at("retry_after_ms"), 60'000);
  const auto [paused, paused_body] = answer_to({.code = domain::Errc::pin_paused, .retry_after_ms = 1'500});
  EXPECT_EQ(paused, 429U);
  EXPECT_EQ(paused_body.at("error"), "pin_paused");
  EXPECT_EQ(paused_body.at("retry_after_ms"), 1'500);
  EXPECT_FALSE(paused_body.contains("attempts_left"));
}

}  // namespace
}  // namespace kith::server::edge::test
