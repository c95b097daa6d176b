// Changing one's devices over HTTP, and what the people one talks to hear of it.
#include <gtest/gtest.h>

#include "keys/grounds.h"
#include "server/domain/records.h"
#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

class DevicesOverHttp : public ::testing::Test {
 protected:
  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");

  HttpAnswer put(const Person& by, const Json& body) {
    return http.ask("PUT", "/v1/devices", body.dump(), "Authorization: Bearer " + by.access_token + "\r\n");
  }
  // The next hint of changes, others left out.
  static bool hears_of_changes(SocketClient& socket) {
    while (const auto frame = socket.receive()) {
      if (std::holds_alternative<wire::ChangesHint>(frame->body)) return true;
    }
    return false;
  }
};

TEST_F(DevicesOverHttp, a_second_one_comes_is_noted_in_every_chat_and_goes_again) {
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  ASSERT_TRUE(socket.ask<wire::Appended>(ada.begin_direct(bob, http)).has_value());
  const auto no_changes = socket.ask<wire::Changes>(wire::GetChanges{.conversation = ada.conversation});
  ASSERT_TRUE(no_changes.has_value());
  EXPECT_TRUE(no_changes->grounds.empty());

  const Json grown = bob.devices(2, true);
  EXPECT_EQ(put(bob, grown).status, 200);
  ASSERT_TRUE(hears_of_changes(socket));
  const auto changes = socket.ask<wire::Changes>(wire::GetChanges{.conversation = ada.conversation});
  ASSERT_TRUE(changes.has_value());
  const auto grounds = keys::Grounds::decode(changes->grounds);
  ASSERT_TRUE(grounds.has_value());
  ASSERT_EQ(grounds->lists.size(), 1U);
  EXPECT_EQ(grounds->lists.front().list.devices.size(), 2U);
  const Json directory =
      http.get("/v1/users/" + bob.user.text() + "/devices", "Authorization: Bearer " + ada.access_token + "\r\n")
          .json();
  EXPECT_EQ(directory.at("devices").size(), 2U);

  const auto without = put(bob, bob.devices(3, false));
  EXPECT_EQ(without.status, 409);
  EXPECT_EQ(without.error(), "generation_needed");
  EXPECT_EQ(put(bob, bob.revoking_others(3)).status, 200);
  ASSERT_TRUE(hears_of_changes(socket));
  EXPECT_TRUE(socket.ask<wire::Appended>(ada.message("nobody has to go", 2)).has_value());
}

TEST_F(DevicesOverHttp, one_whose_socket_lives_for_weeks_is_seen_as_it_catches_up) {
  const std::string bearer = "Authorization: Bearer " + ada.access_token + "\r\n";
  const auto last_seen = [&]() -> std::int64_t {
    return http.get("/v1/devices", bearer).json().at("devices").at(0).at("last_seen_ms");
  };
  SocketClient socket(server.port());
  ASSERT_TRUE(socket.greet(ada.access_token));
  const auto now = last_seen();
  // As it would be after weeks.
  const Json told = http.get("/v1/users/" + ada.user.text() + "/devices", bearer).json().at("devices").at(0);
  const domain::ServerSecrets secrets(Bytes(domain::ServerSecrets::kMasterBytes, 7));
  const domain::DeviceRecord weeks_ago{secrets.seal(ada.user.view(), as_view("Phone"), server.entropy),
                                       *from_base64url(told.at("credential").get<std::string>()),
                                       *from_base64url(told.at("leaf_key").get<std::string>()),
                                       {},
                                       {}};
  server.write({.partition = domain::account_partition(ada.user),
                .writes = {{{domain::RowKind::device, to_bytes(ada.device.view())}, domain::encode(weeks_ago)}}});
  ASSERT_EQ(last_seen(), 0);
  EXPECT_TRUE(socket.ask<wire::SyncOk>(wire::Sync{}).has_value());
  EXPECT_GE(last_seen(), now);
}

TEST_F(DevicesOverHttp, what_does_not_hold_is_refused_and_changes_nothing) {
  const std::string before = server.stored();
  const auto refused = [&](const Json& body, int status, const std::string& error) {
    const auto answer = put(bob, body);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.error(), error) << answer.body;
    EXPECT_EQ(server.stored(), before);
  };
  EXPECT_EQ(http.ask("PUT", "/v1/devices", "{}").status, 401);
  refused(Json::object(), 400, "invalid_argument");
  refused({{"device_list", "?"}}, 400, "invalid_argument");
  refused({{"device_list", "AAAA"}}, 400, "forged_certificate");
  refused(ada.devices(2, false), 400, "forged_certificate");
  refused(bob.devices(3, true), 409, "stale_device_list");
  Json body = bob.devices(2, true);
  body["added"] = Json::array();
  refused(body, 400, "forged_certificate");
  body["added"] = 7;
  refused(body, 400, "invalid_argument");
  body["added"] = {7};
  refused(body, 400, "invalid_argument");
  body = bob.devices(2, true);
  body["added"][0].erase("credential");
  refused(body, 400, "invalid_argument");
  body = bob.revoking_others(2);
  body.erase("sealed_generation");
  refused(body, 400, "invalid_argument");
  body = bob.revoking_others(2);
  body["handed"] = {{{"device", "x"}, {"sealed", "AQ"}}};
  refused(body, 400, "invalid_argument");
  body["handed"] = {{{"device", ada.device.text()}, {"sealed", "AQ"}}};
  refused(body, 400, "invalid_argument");
  body = bob.revoking_others(2);
  body["generation"] = "AAAA";
  refused(body, 400, "forged_certificate");
  body = bob.devices(2, true);
  body["added"][0]["key_packages"] = {"AAAA"};
  refused(body, 400, "key_package_invalid");
}

}  // namespace
}  // namespace kith::server::edge::test
