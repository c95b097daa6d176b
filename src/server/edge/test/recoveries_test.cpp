// Recovering an account over HTTP: who has its address and its recovery key, and who has only one of them.
#include <gtest/gtest.h>

#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

class RecoveriesOverHttp : public ::testing::Test {
 protected:
  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  // Proves the number again, without waiting for it to be free for another code.
  Json proven(Person& person) {
    Json answer =
        http.post("/v1/registrations/" + person.registration + "/code", {{"code", server.codes.code_for(person.phone)}})
            .json();
    person.proof = answer.at("proof");
    return answer;
  }
};

TEST_F(RecoveriesOverHttp, the_code_tells_whether_there_is_an_account_and_the_recovery_key_leads_back_into_it) {
  Person nobody(server, "+493");
  EXPECT_EQ(proven(nobody).at("account"), nullptr);
  EXPECT_EQ(proven(ada).at("account"), ada.user.text());

  const Json body = ada.recovery_of(ada);
  const Json shown = http.post("/v1/recoveries", body).json();
  EXPECT_EQ(shown.at("user"), ada.user.text());
  EXPECT_EQ(shown.at("name"), "Person at +491");
  EXPECT_EQ(shown.at("sealed_generation"), to_base64url(as_view("sealed")));
  EXPECT_TRUE(shown.contains("identity_key"));
  EXPECT_TRUE(shown.contains("device_list"));

  const auto granted = http.post("/v1/recoveries/device", body);
  EXPECT_EQ(granted.status, 201) << granted.body;
  EXPECT_EQ(granted.json().at("user"), ada.user.text());
  EXPECT_EQ(granted.json().at("device"), body.at("device").at("device"));
  EXPECT_EQ(http.post("/v1/recoveries/device", body).status, 201) << "a lost answer";
  EXPECT_EQ(http.post("/v1/recoveries", body).json().at("device_list"), body.at("device_list"));
  SocketClient socket(server.port());
  EXPECT_TRUE(socket.greet(granted.json().at("access_token")));
  EXPECT_EQ(server.log().find(ada.proof), std::string::npos);
}

TEST_F(RecoveriesOverHttp, what_is_not_a_recovery_is_refused_and_changes_nothing) {
  proven(ada);
  Person nobody(server, "+493");
  const Json good = ada.recovery_of(ada);
  const std::string before = server.stored();
  const auto refused = [&](const Json& body, int status, const std::string& error) {
    for (const char* path : {"/v1/recoveries", "/v1/recoveries/device"}) {
      const auto answer = http.post(path, body);
      EXPECT_EQ(answer.status, status) << answer.body;
      EXPECT_EQ(answer.error(), error) << answer.body;
      EXPECT_EQ(server.stored(), before);
    }
  };
  const auto with = [&](const std::function<void(Json&)>& spoil) {
    Json body = good;
    spoil(body);
    return body;
  };
  for (const char* field : {"registration", "proof", "signature", "device"})
    refused(with([&](Json& b) { b.erase(field); }), 400, "invalid_argument");
  refused(with([&](Json& b) { b["proof"] = nobody.proof; }), 401, "unauthenticated");
  refused(with([](Json& b) { b["signature"] = ""; }), 403, "wrong_recovery_key");
  refused(with([](Json& b) { b["signature"] = to_base64url(Bytes(64, 1)); }), 403, "wrong_recovery_key");
  refused(with([&](Json& b) { b["device"]["device"] = bob.device.text(); }), 403, "wrong_recovery_key");
  refused(with([](Json& b) { b["device"]["leaf_key"] = to_base64url(Bytes(32, 1)); }), 403, "wrong_recovery_key");
  refused(ada.recovery_of(bob), 403, "wrong_recovery_key");
  refused(bob.recovery_of(ada), 403, "wrong_recovery_key");
  refused(nobody.recovery_of(ada), 404, "not_found");

  const auto not_let_in = [&](const Json& body, int status, const std::string& error) {
    const auto answer = http.post("/v1/recoveries/device", body);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.error(), error) << answer.body;
    EXPECT_EQ(server.stored(), before);
  };
  for (const char* field : {"device_list", "key_packages", "last_resort"})
    not_let_in(with([&](Json& b) { b.erase(field); }), 400, "invalid_argument");
  not_let_in(with([](Json& b) { b["device_list"] = "AAAA"; }), 400, "forged_certificate");
  not_let_in(with([&](Json& b) { b["device_list"] = ada.devices(3, true).at("device_list"); }), 409,
             "stale_device_list");
  EXPECT_EQ(http.post("/v1/recoveries/device", good).status, 201);
}

}  // namespace
}  // namespace kith::server::edge::test
