#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

using ::testing::HasSubstr;

class Http : public ::testing::Test {
 protected:
  RunningServer server;
  HttpClient http{server.port()};

  // The answer is this error, and nothing stored has changed.
  void refuses(const HttpAnswer& answer, int status, const std::string& error, const std::string& before) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.error(), error) << answer.body;
    EXPECT_FALSE(answer.json().value("message", "").empty());
    EXPECT_EQ(server.stored(), before);
  }
  static std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
};

TEST_F(Http, a_person_registers_is_found_and_changes_their_name) {
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  auto found = http.post("/v1/contacts/find", {{"phone", "+492"}}, ada.access_token);
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.json().at("user"), bob.user.text());
  EXPECT_EQ(found.json().at("name"), "Person at +492");
  EXPECT_EQ(http.post("/v1/contacts/find", {{"phone", "+499"}}, ada.access_token).error(), "not_found");

  const auto renamed = http.ask("PUT", "/v1/me", R"({"name":"Bob","later":[{}]})", bearer(bob.access_token));
  EXPECT_EQ(renamed.json(), (Json{{"user", bob.user.text()}, {"name", "Bob"}}));
  EXPECT_EQ(http.get("/v1/me", bearer(bob.access_token)).json(), renamed.json());
  EXPECT_EQ(http.get("/v1/users/" + bob.user.text(), bearer(ada.access_token)).json().at("name"), "Bob");

  const Json devices = http.get("/v1/users/" + bob.user.text() + "/devices", bearer(ada.access_token)).json();
  EXPECT_EQ(devices.at("devices").at(0).at("device"), bob.device.text());
  EXPECT_FALSE(devices.at("device_list").get<std::string>().empty());
}

TEST_F(Http, key_packages_are_counted_claimed_and_never_twice) {
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  EXPECT_EQ(http.get("/v1/key_packages", bearer(bob.access_token)).json().at("available"), 2);
  const std::string path = "/v1/users/" + bob.user.text() + "/key_packages/claim";
  std::set<std::string> claimed;
  for (int i = 0; i < 3; ++i) {
    const Json one = http.post(path, Json::object(), ada.access_token).json().at("key_packages").at(0);
    claimed.insert(one.at("key_package").get<std::string>());
    EXPECT_EQ(one.at("last_resort"), i == 2);
  }
  EXPECT_EQ(claimed.size(), 3U);
  EXPECT_EQ(http.get("/v1/key_packages", bearer(bob.access_token)).json().at("available"), 0);
}

TEST_F(Http, the_answer_to_a_registration_does_not_tell_who_is_known) {
  registered(server, "+491");
  auto known = http.post("/v1/registrations", {{"phone", "+493"}});
  EXPECT_EQ(known.status, 201);
  auto email = http.post("/v1/registrations", {{"email", "ada@example.org"}});
  EXPECT_EQ(email.status, 201);
  const auto shape = [](const HttpAnswer& answer) {
    Json body = answer.json();
    body.erase("address");  // as it was asked for
    return body.dump().size();
  };
  EXPECT_EQ(shape(known), shape(email));
  EXPECT_EQ(known.json().at("address"), "+493");
}

TEST_F(Http, a_wrong_code_says_how_many_tries_are_left) {
  const std::string registration = http.post("/v1/registrations", {{"phone", "+491"}}).json().at("registration");
  const std::string path = "/v1/registrations/" + registration + "/code";
  const std::string wrong = server.codes.code_for("+491") == "000000" ? "111111" : "000000";
  for (int left = 4; left >= 1; --left) {
    const auto answer = http.post(path, {{"code", wrong}});
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.error(), "wrong_code");
    EXPECT_EQ(answer.json().at("attempts_left"), left);
  }
  EXPECT_EQ(http.post(path, {{"code", wrong}}).error(), "too_many_attempts");
  const auto answer = http.post(path, {{"code", server.codes.code_for("+491")}});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.error(), "too_many_attempts");
}

TEST_F(Http, a_code_sent_again_too_soon_says_when_to_come_back) {
  const std::string registration = http.post("/v1/registrations", {{"phone", "+491"}}).json().at("registration");
  const auto answer = http.post("/v1/registrations/" + registration + "/resend", Json::object());
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.error(), "rate_limited");
  EXPECT_GT(answer.json().at("retry_after_ms"), 20'000);
  EXPECT_GT(std::stoi(answer.headers.at("retry-after")), 20);
}

TEST_F(Http, refreshing_rotates_and_a_stolen_token_logs_the_device_out) {
  Person ada = registered(server, "+491");
  const auto second = http.post("/v1/tokens", ada.refresh_request(ada.refresh_token));
  EXPECT_EQ(second.status, 200);
  const std::string successor = second.json().at("refresh_token");
  EXPECT_EQ(http.post("/v1/tokens", ada.refresh_request(ada.refresh_token)).json().at("refresh_token"), successor)
      << "a lost answer can be asked for again";
  EXPECT_EQ(http.post("/v1/tokens", ada.refresh_request(successor)).status, 200);
  EXPECT_EQ(http.post("/v1/tokens", ada.refresh_request(ada.refresh_token)).error(), "refresh_reused");
  EXPECT_EQ(http.get("/v1/me", bearer(ada.access_token)).error(), "unauthenticated");
}

TEST_F(Http, requests_without_a_good_token_are_refused) {
  Person ada = registered(server, "+491");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const UnixMillis past{std::chrono::duration_cast<std::chrono::milliseconds>(now).count() - 3'600'000};
  const std::string expired = server.tokens->issue({ada.user, ada.device}, past, std::chrono::minutes(15));
  const std::string nobody = server.tokens->issue({ada.user, {}}, {past.value + 3'600'000}, std::chrono::minutes(15));
  const AccessTokens others(Bytes(32, 9));
  const std::string forged = others.issue({ada.user, ada.device}, {past.value + 3'600'000}, std::chrono::minutes(15));
  const std::string before = server.stored();
  for (const std::string& headers : {std::string(), std::string("Authorization: Basic abc\r\n"), bearer("x"),
                                     bearer(expired), bearer(nobody), bearer(forged), bearer(ada.access_token + "x")}) {
    const auto answer = http.ask("PUT", "/v1/me", R"({"name":"Eve"})", headers);
    refuses(answer, 401, "unauthenticated", before);
    EXPECT_EQ(answer.headers.at("www-authenticate"), "Bearer");
  }
}

TEST_F(Http, fields_that_are_missing_or_of_the_wrong_type_are_named) {
  Person ada(server, "+491");
  const std::string before = server.stored();
  const Json good = ada.account();
  for (const char* field : {"registration", "proof", "name", "identity_key", "generation", "device", "device_list",
                            "key_packages", "last_resort", "sealed_generation"}) {
    Json missing = good;
    missing.erase(field);
    const auto without = http.post("/v1/accounts", missing);
    refuses(without, 400, "invalid_argument", before);
    EXPECT_THAT(without.body, HasSubstr(field));
    Json wrong = good;
    wrong[field] = 7;
    const auto mistyped = http.post("/v1/accounts", wrong);
    refuses(mistyped, 400, "invalid_argument", before);
    EXPECT_THAT(mistyped.body, HasSubstr(field));
  }
  Json nameless = good;
  nameless["device"]["name"] = "";
  refuses(http.post("/v1/accounts", nameless), 400, "invalid_argument", before);
  for (const char* body : {"", "null", "[]", "\"x\"", "{\"phone\":", "{\"phone\":{}}", "{}"}) {
    refuses(http.ask("POST", "/v1/registrations", body), 400, "invalid_argument", before);
  }
}

TEST_F(Http, a_body_that_is_nested_too_deeply_is_refused_before_anything_is_built) {
  const std::string before = server.stored();
  const auto nested = [](std::size_t depth) {
    return R"({"name":"[\"[","device":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  const auto deep = http.ask("POST", "/v1/accounts", nested(120'000));
  refuses(deep, 400, "invalid_argument", before);
  EXPECT_THAT(deep.body, HasSubstr("nested"));
  EXPECT_THAT(http.ask("POST", "/v1/accounts", nested(8)).body, HasSubstr("nested"));
  EXPECT_THAT(http.ask("POST", "/v1/accounts", nested(7)).body, HasSubstr("is missing"));
}

TEST_F(Http, a_forged_certificate_creates_nothing) {
  Person ada(server, "+491");
  Person eve(server, "+492");
  Json forged = ada.account();
  forged["identity_key"] = eve.account().at("identity_key");
  const std::string before = server.stored();
  refuses(http.post("/v1/accounts", forged), 400, "forged_certificate", before);
  EXPECT_EQ(http.post("/v1/accounts", ada.account()).status, 201) << "the proof is still good";
}

TEST_F(Http, an_oversized_body_is_refused_and_the_connection_closed) {
  const std::string before = server.stored();
  const std::string body = "{\"phone\":\"" + std::string(300 * 1024, '1') + "\"}";
  refuses(http.ask("POST", "/v1/registrations", body), 413, "too_large", before);
  EXPECT_TRUE(http.is_closed());
}

TEST_F(Http, a_body_over_the_limit_of_its_request_is_refused) {
  const std::string before = server.stored();
  refuses(http.ask("POST", "/v1/registrations", "{\"phone\":\"" + std::string(9 * 1024, '1') + "\"}"), 413, "too_large",
          before);
}

TEST_F(Http, a_large_body_is_not_waited_for_where_nobody_may_send_one) {
  Person ada = registered(server, "+491");
  const std::string large = "Content-Length: 200000\r\n\r\n";
  const auto head = [](const std::string& method, const std::string& path, const std::string& headers = {}) {
    return method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + headers;
  };
  // Nothing follows these heads: they are answered all the same.
  EXPECT_EQ(HttpClient(server.port()).raw(head("POST", "/v1/key_packages") + large).error(), "unauthenticated");
  EXPECT_EQ(HttpClient(server.port()).raw(head("POST", "/v1/key_packages", bearer("x")) + large).error(),
            "unauthenticated");
  EXPECT_EQ(HttpClient(server.port()).raw(head("PUT", "/v1/me", bearer(ada.access_token)) + large).error(),
            "too_large");
  EXPECT_EQ(HttpClient(server.port()).raw(head("POST", "/v1/tokens") + large).error(), "too_large");
  EXPECT_EQ(HttpClient(server.port()).raw(head("POST", "/elsewhere") + large).error(), "too_large");
  // And one in pieces ends where the limit is.
  const std::string piece = "2000\r\n" + std::string(0x2000, ' ') + "\r\n";
  EXPECT_EQ(
      HttpClient(server.port())
          .raw(head("PUT", "/v1/me", bearer(ada.access_token)) + "Transfer-Encoding: chunked\r\n\r\n" + piece + piece)
          .error(),
      "too_large");
}

TEST_F(Http, an_oversized_head_is_refused_and_the_connection_closed) {
  const auto answer = http.get("/healthz", "X-Filler: " + std::string(20 * 1024, 'x') + "\r\n");
  EXPECT_EQ(answer.status, 431);
  EXPECT_TRUE(http.is_closed());
}

TEST_F(Http, what_is_not_http_gets_a_named_error_and_a_closed_connection) {
  const auto answer = http.raw("\x16\x03\x01 this is a TLS hello\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "invalid_argument");
  EXPECT_TRUE(http.is_closed());
}

TEST_F(Http, unknown_paths_and_methods_are_named) {
  EXPECT_EQ(http.get("/v1/nothing").status, 404);
  EXPECT_EQ(http.get("/v1/nothing").error(), "not_found");
  EXPECT_EQ(http.ask("DELETE", "/v1/me", "").status, 405);
  EXPECT_EQ(http.get("/v1/users/").status, 404);
  EXPECT_EQ(http.ask("POST", "/elsewhere", "{}").status, 404);
}

TEST_F(Http, an_id_that_is_none_is_refused) {
  Person ada = registered(server, "+491");
  EXPECT_EQ(http.get("/v1/users/xyz", bearer(ada.access_token)).error(), "invalid_argument");
  EXPECT_EQ(http.post("/v1/registrations/1234/resend", Json::object()).error(), "not_found");
}

TEST_F(Http, a_connection_serves_many_requests_also_pipelined_and_in_pieces) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(http.get("/healthz").status, 200);
  EXPECT_EQ(http.raw("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /hea")
                .json()
                .at("status"),
            "ok");
  EXPECT_EQ(http.raw("lthz HTTP/1.1\r\nHo").json().at("status"), "ready");
  EXPECT_EQ(http.raw("st: a\r\nConnection: close\r\n\r\n").json().at("status"), "ok");
  EXPECT_TRUE(http.is_closed());
}

TEST_F(Http, a_client_that_does_not_finish_its_request_is_dropped) {
  Options options = RunningServer::quick();
  options.timing.http = std::chrono::milliseconds(50);
  RunningServer impatient(options);
  HttpClient slow(impatient.port());
  EXPECT_EQ(slow.raw("GET /healthz HTT").status, 0);
}

TEST_F(Http, who_reads_slowly_gets_everything_and_who_does_not_read_is_dropped) {
  Options options = RunningServer::quick();
  options.timing.http = std::chrono::milliseconds(500);
  RunningServer impatient(options);
  const Connection slow(impatient.port(), 64 * 1024);
  const Connection dead(impatient.port(), 64 * 1024);
  for (const Connection* one : {&slow, &dead}) one->send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  // The slow one's link takes longer than a whole response may that makes no progress.
  const auto start = std::chrono::steady_clock::now();
  std::size_t received = 0;
  constexpr std::size_t kWhole = std::size_t{24} << 20;
  while (received < kWhole) {
    const std::size_t some = slow.receive().size();
    ASSERT_GT(some, 0U) << "cut off after " << received;
    received += some;
    const auto due = start + std::chrono::milliseconds(1500) * received / kWhole;
    std::this_thread::sleep_until(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(due));
  }
  std::size_t left = 0;
  for (std::size_t some = 0; (some = dead.receive().size()) > 0; left += some) {
  }
  EXPECT_LT(left, kWhole);
}

TEST_F(Http, readiness_follows_the_store_and_liveness_does_not) {
  EXPECT_EQ(http.get("/readyz").status, 200);
  server.is_healthy = false;
  EXPECT_EQ(http.get("/readyz").status, 503);
  EXPECT_EQ(http.get("/healthz").status, 200);
}

TEST_F(Http, the_keys_of_access_tokens_are_published) {
  const auto answer = http.get("/v1/jwks.json");
  const Json key = answer.json().at("keys").at(0);
  EXPECT_EQ(key.at("alg"), "EdDSA");
  EXPECT_EQ(from_base64url(key.at("x").get<std::string>())->size(), 32U);
}

TEST_F(Http, every_response_forbids_what_pages_could_do_with_it) {
  for (const char* path : {"/", "/healthz", "/v1/me", "/v1/nothing"}) {
    const auto answer = http.get(path);
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff") << path;
    EXPECT_THAT(answer.headers.at("content-security-policy"), HasSubstr("default-src 'none'")) << path;
    EXPECT_EQ(answer.headers.at("cross-origin-opener-policy"), "same-origin") << path;
    EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 0U) << path;
  }
}

TEST_F(Http, registrations_of_one_source_are_limited) {
  Options options = RunningServer::quick();
  options.limits.registrations_per_source_hour = 3;
  RunningServer strict(options);
  HttpClient client(strict.port());
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    refused +=
        client.post("/v1/registrations", {{"phone", "+49" + std::to_string(i)}}).error() == "rate_limited" ? 1 : 0;
  }
  EXPECT_EQ(refused, 2);
}

TEST_F(Http, behind_a_proxy_the_source_is_whom_it_speaks_for) {
  Options options = RunningServer::quick();
  options.limits.registrations_per_source_hour = 1;
  options.trust_forwarded_for = true;
  RunningServer behind(options);
  HttpClient client(behind.port());
  const auto from = [&](const std::string& source, const std::string& phone) {
    return client
        .ask("POST", "/v1/registrations", "{\"phone\":\"" + phone + "\"}",
             "X-Forwarded-For: 6.6.6.6, " + source + "\r\n")
        .status;
  };
  EXPECT_EQ(from("192.0.2.1", "+491"), 201);
  EXPECT_EQ(from("192.0.2.2", "+492"), 201);
  EXPECT_EQ(from("192.0.2.1", "+493"), 429);
  EXPECT_EQ(from("2001:db8::1", "+494"), 201);
  EXPECT_EQ(from("2001:db8::2", "+495"), 429) << "one network is one source";
  const auto invented = client.ask("POST", "/v1/registrations", R"({"phone":"+496"})",
                                   "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-For: 192.0.2.8, 192.0.2.1\r\n");
  EXPECT_EQ(invented.status, 429) << "the last line is the proxy's, the first the client's own word";
}

TEST_F(Http, nothing_personal_is_logged) {
  Person ada = registered(server, "+491701");
  http.get("/v1/me", bearer("wrong"));
  const std::string log = server.log();
  for (const std::string& secret :
       {std::string("491701"), ada.access_token, ada.refresh_token, server.codes.code_for("+491701")}) {
    EXPECT_EQ(log.find(secret), std::string::npos);
  }
}

TEST_F(Http, the_web_client_is_served_and_its_routes_lead_to_it) {
  const auto index = http.get("/");
  EXPECT_EQ(index.body, "<p>hello</p>");
  EXPECT_EQ(index.headers.at("cache-control"), "no-cache");
  EXPECT_EQ(http.get("/chats/abc?x=1").body, "<p>hello</p>");
  EXPECT_EQ(http.get("/missing.js").status, 404);
  EXPECT_EQ(http.get("/index.html", "If-None-Match: W/\"index\"\r\n").status, 304);
  const auto head = http.ask("HEAD", "/", "");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "12");
  EXPECT_EQ(http.get("/healthz").status, 200) << "no body followed the head";
}

TEST_F(Http, hashed_assets_are_cached_for_ever_and_compressed_where_accepted) {
  const auto fetch = [&](const std::string& accepted) {
    const auto answer = http.get("/assets/app-1234.js", "Accept-Encoding: " + accepted + "\r\n");
    EXPECT_EQ(answer.headers.at("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(answer.headers.at("vary"), "Accept-Encoding");
    return answer.body;
  };
  EXPECT_EQ(fetch("gzip, deflate, br"), "br");
  EXPECT_EQ(fetch("gzip;q=0.5, br;q=0"), "gzip");
  EXPECT_EQ(fetch("gzip;q=0.0"), "plain script");
  EXPECT_EQ(fetch("identity"), "plain script");
}

}  // namespace
}  // namespace kith::server::edge::test
