// Linking a device over HTTP: from the new device's first question to its own tokens, and what outsiders get.
#include <gtest/gtest.h>

#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

constexpr const char* kName = "000102030405060708090a0b0c0d0e0f";
constexpr const char* kUnknown = "ff0102030405060708090a0b0c0d0e0f";

Options few_links() {
  Options options = RunningServer::quick();
  options.limits.links_per_source_hour = 3;
  options.limits.link_claims_per_minute = 3;
  return options;
}

class LinksOverHttp : public ::testing::Test {
 protected:
  explicit LinksOverHttp(const Options& options = RunningServer::quick()) : server(options) {}

  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  std::string token = to_base64url(Bytes(32, 7));

  static std::string bearer(const Person& person) { return "Authorization: Bearer " + person.access_token + "\r\n"; }
  HttpAnswer ask(const std::string& step, const Json& body, const Person* by = nullptr,
                 const std::string& name = kName) {
    return http.post("/v1/links/" + name + "/" + step, body, by == nullptr ? "" : by->access_token);
  }
  Json offered() {
    const Json begun = http.post("/v1/links", {{"phone", "+491"}}).json();
    return {{"token", token}, {"offer", "AQID"}, {"expires_at_ms", begun.at("expires_at_ms")}, {"phone", "+491"}};
  }
  HttpAnswer put(const Json& body, const std::string& name = kName) {
    return http.ask("PUT", "/v1/links/" + name, body.dump());
  }
  HttpAnswer poll() { return ask("poll", {{"token", token}}); }
  void make_finished() {
    ASSERT_EQ(put(offered()).status, 201);
    ASSERT_EQ(ask("claim", Json::object(), &ada).status, 200);
    ASSERT_EQ(ask("finish", {{"sealed", "BAUG"}}, &ada).status, 200);
  }
  // What the new device sends in the end.
  Json coming() {
    const Json change = ada.devices(2, true);
    Json device = change.at("added").at(0);
    Json body{{"token", token},
              {"device_list", change.at("device_list")},
              {"key_packages", device.at("key_packages")},
              {"last_resort", device.at("last_resort")}};
    device.erase("key_packages");
    device.erase("last_resort");
    body["device"] = device;
    return body;
  }
};

TEST_F(LinksOverHttp, a_new_device_asks_is_let_in_by_another_and_named) {
  const auto begun = http.post("/v1/links", {{"phone", "+491"}});
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(begun.json().at("address"), "+491");
  const Json offer{
      {"token", token}, {"offer", "AQID"}, {"expires_at_ms", begun.json().at("expires_at_ms")}, {"phone", "+491"}};
  auto put_answer = put(offer);
  EXPECT_EQ(put_answer.status, 201);
  EXPECT_EQ(put_answer.json(), Json::object());
  EXPECT_EQ(put(offer).status, 201);
  EXPECT_EQ(poll().json(), (Json{{"state", "waiting"}}));
  const Json claimed = ask("claim", Json::object(), &ada).json();
  EXPECT_EQ(claimed, (Json{{"offer", "AQID"}, {"expires_at_ms", offer.at("expires_at_ms")}}));
  EXPECT_EQ(poll().json(), (Json{{"state", "claimed"}}));
  EXPECT_EQ(ask("finish", {{"sealed", "BAUG"}}, &ada).json(), Json::object());
  const Json finished = poll().json();
  EXPECT_EQ(finished.at("state"), "finished");
  EXPECT_EQ(finished.at("user"), ada.user.text());
  EXPECT_EQ(finished.at("sealed"), "BAUG");

  const Json body = coming();
  const auto granted = ask("device", body);
  EXPECT_EQ(granted.status, 201) << granted.body;
  EXPECT_EQ(granted.json().at("user"), ada.user.text());
  EXPECT_EQ(granted.json().at("device"), body.at("device").at("device"));
  EXPECT_GT(granted.json().at("expires_in_ms"), 0);
  EXPECT_FALSE(granted.json().at("refresh_token").get<std::string>().empty());
  EXPECT_EQ(ask("device", body).status, 201) << "a lost answer";
  EXPECT_EQ(poll().json().at("device_list"), body.at("device_list"));
  const std::string its_token = granted.json().at("access_token");
  SocketClient socket(server.port());
  EXPECT_TRUE(socket.greet(its_token));

  const std::string its_bearer = "Authorization: Bearer " + its_token + "\r\n";
  const std::string path = "/v1/devices/" + body.at("device").at("device").get<std::string>();
  EXPECT_EQ(http.ask("PUT", path, R"({"name":"Kitchen"})", bearer(ada)).json(), Json::object());
  const Json devices = http.get("/v1/devices", its_bearer).json().at("devices");
  ASSERT_EQ(devices.size(), 2U);
  for (const Json& device : devices) {
    EXPECT_EQ(device.size(), 4U);
    EXPECT_EQ(device.at("name"), device.at("device") == ada.device.text() ? "test" : "Kitchen");
    EXPECT_GT(device.at("added_at_ms"), 0);
    EXPECT_EQ(device.at("last_seen_ms").get<std::int64_t>() % 3'600'000, 0);
  }
  EXPECT_EQ(server.log().find(token), std::string::npos);
}

TEST_F(LinksOverHttp, the_answer_to_an_address_does_not_tell_who_is_known) {
  const std::string before = server.stored();
  const auto shape = [](const HttpAnswer& answer) {
    Json body = answer.json();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(body.size(), 2U);
    body.erase("address");  // as it was asked for
    body.erase("expires_at_ms");
    return body;
  };
  EXPECT_EQ(shape(http.post("/v1/links", {{"phone", "+491"}})), shape(http.post("/v1/links", {{"phone", "+499"}})));
  EXPECT_EQ(http.post("/v1/links", {{"email", "Ada@Example.org"}}).json().at("address"), "ada@example.org");
  EXPECT_EQ(http.post("/v1/links", {{"phone", "?"}}).error(), "invalid_argument");
  EXPECT_EQ(http.post("/v1/links", Json::object()).error(), "invalid_argument");
  EXPECT_EQ(server.stored(), before);
}

TEST_F(LinksOverHttp, what_is_not_a_request_is_refused_and_changes_nothing) {
  make_finished();
  const std::string before = server.stored();
  const auto refused = [&](const HttpAnswer& answer, int status, const std::string& error) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.error(), error) << answer.body;
    EXPECT_EQ(server.stored(), before);
  };
  const Json good = offered();
  const auto offer_with = [&](const char* field, const Json& value) {
    Json body = good;
    body[field] = value;
    return put(body, kUnknown);
  };
  refused(put(good, "0001"), 400, "invalid_argument");
  refused(put(Json::object(), kUnknown), 400, "invalid_argument");
  refused(offer_with("token", "AAAA"), 400, "invalid_argument");
  refused(offer_with("token", to_base64url(Bytes(33, 1))), 400, "invalid_argument");
  refused(offer_with("offer", ""), 400, "invalid_argument");
  refused(offer_with("offer", to_base64url(Bytes(513, 1))), 400, "invalid_argument");
  for (const Json& time :
       {Json("soon"), Json(1.5), Json(nullptr), Json(-1), Json(0), Json(UINT64_MAX), Json(INT64_MAX)})
    refused(offer_with("expires_at_ms", time), 400, "invalid_argument");
  Json other = good;
  other["token"] = to_base64url(Bytes(32, 8));
  refused(put(other), 409, "link_known");

  refused(ask("claim", Json::object()), 401, "unauthenticated");
  refused(ask("claim", Json::object(), &bob), 409, "link_foreign");
  refused(ask("claim", Json::object(), &bob, kUnknown), 404, "not_found");
  refused(ask("claim", Json::object(), &bob, "nothing"), 404, "not_found");
  refused(ask("finish", {{"sealed", "BAUG"}}), 401, "unauthenticated");
  refused(ask("finish", {{"sealed", "BAUG"}}, &bob), 409, "link_used");
  refused(ask("finish", {{"sealed", ""}}, &ada), 400, "invalid_argument");
  refused(ask("finish", {{"sealed", to_base64url(Bytes(163841, 1))}}, &ada), 400, "invalid_argument");
  refused(ask("finish", Json::object(), &ada), 400, "invalid_argument");

  const auto wrong = ask("poll", {{"token", to_base64url(Bytes(32, 8))}});
  refused(wrong, 404, "not_found");
  EXPECT_EQ(wrong.body, ask("poll", {{"token", token}}, nullptr, kUnknown).body);
  EXPECT_EQ(wrong.body, ask("poll", {{"token", token}}, nullptr, "nothing").body);
  refused(ask("poll", Json::object()), 400, "invalid_argument");

  const auto device_with = [&](const std::function<void(Json&)>& spoil) {
    Json body = coming();
    spoil(body);
    return ask("device", body);
  };
  refused(device_with([](Json& b) { b["token"] = to_base64url(Bytes(32, 8)); }), 404, "not_found");
  for (const char* field : {"token", "device", "device_list", "key_packages", "last_resort"})
    refused(device_with([&](Json& b) { b.erase(field); }), 400, "invalid_argument");
  refused(device_with([](Json& b) { b["device"].erase("credential"); }), 400, "invalid_argument");
  refused(device_with([](Json& b) { b["device_list"] = "AAAA"; }), 400, "forged_certificate");
  refused(device_with([](Json& b) { b["key_packages"] = {"AAAA"}; }), 400, "key_package_invalid");
  refused(device_with([&](Json& b) { b["device_list"] = ada.devices(3, true).at("device_list"); }), 409,
          "stale_device_list");

  const std::string own = "/v1/devices/" + ada.device.text();
  refused(http.get("/v1/devices"), 401, "unauthenticated");
  refused(http.ask("PUT", own, R"({"name":"Mine"})"), 401, "unauthenticated");
  refused(http.ask("PUT", own, R"({"name":"Mine"})", bearer(bob)), 404, "not_found");
  refused(http.ask("PUT", own, R"({"name":""})", bearer(ada)), 400, "invalid_argument");
  refused(http.ask("PUT", own, "{}", bearer(ada)), 400, "invalid_argument");
  refused(http.ask("PUT", "/v1/devices/x", R"({"name":"Mine"})", bearer(ada)), 400, "invalid_argument");
  EXPECT_EQ(ask("device", coming()).status, 201);
}

class FewLinksOverHttp : public LinksOverHttp {
 protected:
  FewLinksOverHttp() : LinksOverHttp(few_links()) {}
};

TEST_F(FewLinksOverHttp, asking_offering_and_claiming_are_limited) {
  const auto answered = [](const std::function<HttpAnswer()>& request) {
    int count = 0;
    HttpAnswer answer;
    while ((answer = request()).status != 429 && count < 100) ++count;
    EXPECT_EQ(answer.error(), "rate_limited");
    EXPECT_GT(answer.json().value("retry_after_ms", 0), 0);
    return count;
  };
  const Json body = offered();
  EXPECT_EQ(answered([&] { return http.post("/v1/links", {{"phone", "+499"}}); }), 2);
  EXPECT_EQ(answered([&] { return put(body); }), 3);
  EXPECT_EQ(answered([&] { return ask("claim", Json::object(), &ada); }), 3);
  EXPECT_EQ(ask("claim", Json::object(), &bob).error(), "link_foreign");
}

}  // namespace
}  // namespace kith::server::edge::test
