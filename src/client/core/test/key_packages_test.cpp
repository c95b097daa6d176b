// A device's key packages over months: there are always some, and none is lost that somebody may invite by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/machine.h"
#include "client/core/test/devices_of.h"
#include "client/core/test/people.h"
#include "mls/framing.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;

// Alice and Bob, and somebody who claims.
struct Months : Pair {
  Months() {
    register_account(world, carol, "+41790000003");
    carol.stop();
    const AccountRecord account = stored_account(carol);
    device = {account.user, account.device};
  }
  Json claim() {
    const std::string token = world.server.tokens_for(device)["access_token"];
    const auto reply = world.server.http("POST", "/v1/users/" + alice_id + "/key_packages/claim", token, "{}");
    return Json::parse(reply.body)["key_packages"][0];
  }
  // Nothing but the last resort is left at the server: this one, base64url.
  std::string drain() {
    while (true) {
      const Json claimed = claim();
      if (claimed["last_resort"] == true) return claimed["key_package"];
    }
  }
  void sleep(std::int64_t days) {
    for (Client* client : {&alice, &bob}) client->stop();
    world.run_for(days * kDayMs);
  }
  void wake(Client& client, std::int64_t for_ms = kMinuteMs) {
    client.start();
    ASSERT_TRUE(world.run_until([&] { return client.is_online(); }));
    world.run_for(for_ms);
  }
  // Whose private halves Alice has, base64url.
  std::vector<std::string> last_resorts() const {
    std::vector<std::string> found;
    for (const auto& [key, value] : alice.rows) {
      if (key.size() < 2 || key[0] != 'b' || key[1] != 'k') continue;
      if (!mls::decoded<KeyPackageMark>(value).value().last_resort) continue;
      const auto secrets =
          mls::decoded<mls::KeyPackageSecrets>(alice.rows.at(row_key::key_package(ByteView(key).subspan(2))));
      found.push_back(to_base64url(mls::encoded_message(secrets.value().key_package)));
    }
    return found;
  }

  Client& carol = world.add("Carol");
  ModelServer::Device device;
};

TEST(KeyPackages, are_made_on_a_connection_that_lasts) {
  Months m;
  m.drain();
  m.world.run_for(90 * kMinuteMs);
  EXPECT_EQ(m.claim()["last_resort"], false);
}

TEST(KeyPackages, are_looked_after_before_the_hour_is_over_where_many_were_used) {
  Months m;
  kith::test::SeededEntropy entropy{5};
  Machine machine{entropy};
  std::vector<Row> boot;
  for (const auto& [key, value] : m.alice.rows) {
    if (key >= to_bytes(kBootFrom) && key < to_bytes(kBootTo)) boot.push_back({key, to_secret(value)});
  }
  const auto looks = [&] {
    machine.begin(UnixMillis{m.world.now()});
    machine.key_packages.look();
    const Output output = machine.finish();
    return std::ranges::count_if(output.transmit, [](const Transmit& what) {
      const auto* request = std::get_if<HttpRequest>(&what);
      return request != nullptr && request->path == "/v1/key_packages";
    });
  };
  machine.begin(UnixMillis{m.world.now()});
  machine.start(boot);
  (void)machine.finish();
  EXPECT_EQ(looks(), 1);
  EXPECT_EQ(looks(), 0);
  std::size_t used = 0;
  for (const Row& row : boot) {
    if (row.key[1] != 'k' || used == KeyPackages::kWanted - KeyPackages::kFew) continue;
    if (mls::decoded<KeyPackageMark>(row.value).value().last_resort) continue;
    EXPECT_EQ(looks(), 0);
    ++used;
    machine.key_packages.used(to_bytes(ByteView(row.key).subspan(2)));
  }
  EXPECT_EQ(looks(), 1);
  EXPECT_EQ(looks(), 0);
}

TEST(KeyPackages, are_made_at_once_for_a_server_that_was_restored) {
  Months m;
  m.world.run_for(kMinuteMs);
  m.drain();
  m.alice.set_network(false);
  ++m.world.server.history.value[0];
  m.alice.set_network(true);
  m.world.run_for(kMinuteMs);
  EXPECT_EQ(m.claim()["last_resort"], false);
}

TEST(KeyPackages, the_last_resort_is_another_one_after_46_days) {
  Months m;
  const std::string first = m.drain();
  m.sleep(30);
  m.wake(m.alice);
  EXPECT_EQ(m.drain(), first) << "there is time";
  m.sleep(16);
  m.wake(m.alice);
  const std::string second = m.drain();
  EXPECT_NE(second, first);
  EXPECT_THAT(m.last_resorts(), Contains(second));
  EXPECT_THAT(m.last_resorts(), Contains(first)) << "somebody may be about to use it";
}

TEST(KeyPackages, the_last_resort_is_made_anew_on_a_connection_that_lasts_and_once) {
  Months m;
  m.sleep(39);
  m.wake(m.alice, 3 * kDayMs);
  EXPECT_THAT(m.last_resorts(), SizeIs(2));
}

TEST(KeyPackages, a_welcome_to_the_last_resort_of_before_is_opened) {
  Months m;
  const std::string first = m.drain();
  m.sleep(46);
  m.wake(m.alice);
  ASSERT_THAT(m.last_resorts(), SizeIs(2));
  m.drain();
  m.alice.stop();
  // Bob has claimed it long ago.
  DevicesOf alices(m.alice);
  m.world.server.set_devices(alices.list(2, {}), {{alices.record.device, first}});
  m.bob.start();
  write(m.world, m.bob, m.alice_id, {"hello"});
  ASSERT_TRUE(m.world.run_until([&] { return !m.world.server.conversations.empty(); }));
  EXPECT_EQ(m.claim()["last_resort"], true) << "it was used";
  m.wake(m.alice);
  EXPECT_TRUE(await_messages(m.world, m.alice, m.bob_id, 1));
  EXPECT_THAT(m.world.said, IsEmpty());
}

TEST(KeyPackages, last_resorts_that_nobody_can_invite_by_any_more_are_deleted) {
  Months m;
  const std::string first = m.drain();
  for (int times = 1; times <= 3; ++times) {
    EXPECT_THAT(m.last_resorts(), Contains(first));
    EXPECT_THAT(m.last_resorts(), SizeIs(times));
    m.sleep(41);
    m.wake(m.alice);
  }
  EXPECT_THAT(m.last_resorts(), Not(Contains(first)));
  EXPECT_THAT(m.last_resorts(), SizeIs(3)) << "the second is not over yet";
}

TEST(KeyPackages, a_last_resort_that_did_not_arrive_goes_out_again) {
  Months m;
  const std::string first = m.drain();
  m.sleep(46);
  int lost = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    const bool was_lost = reply.status == 503;
    m.world.server.fail_http_with = lost == 0 && reply.body.contains("available") ? 503 : 0;
    lost += was_lost ? 1 : 0;
  };
  m.wake(m.alice);
  ASSERT_EQ(lost, 1);
  EXPECT_EQ(m.drain(), first);
  m.world.run_for(20 * kMinuteMs);
  EXPECT_THAT(m.last_resorts(), SizeIs(2)) << "the same";
  EXPECT_THAT(m.last_resorts(), Contains(m.drain()));
  EXPECT_NE(m.drain(), first);
}

TEST(KeyPackages, a_last_resort_that_arrived_unanswered_is_kept_when_the_server_knows_it) {
  Months m;
  const std::string first = m.drain();
  m.sleep(46);
  int counts = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    if (!reply.body.contains("available")) return;
    ++counts;
    if (counts == 2) reply = {0, ""};
    if (counts == 4) reply = {409, R"({"error":"key_package_known","message":"known"})"};
  };
  m.alice.start();
  ASSERT_TRUE(m.world.run_until([&] { return counts == 4; }, 90 * kMinuteMs));
  m.world.run_for(1'000);
  EXPECT_THAT(m.last_resorts(), SizeIs(2));
  EXPECT_NE(m.drain(), first);
  EXPECT_THAT(m.last_resorts(), Contains(m.drain()));
}

TEST(KeyPackages, a_last_resort_that_the_server_refuses_is_deleted_and_another_one_made_later) {
  Months m;
  const std::string first = m.drain();
  m.sleep(46);
  int counts = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("available") || ++counts != 2) return;
    reply = {400, R"({"error":"key_package_invalid","message":"invalid"})"};
  };
  m.wake(m.alice);
  EXPECT_THAT(m.last_resorts(), testing::ElementsAre(first));
  m.world.run_for(90 * kMinuteMs);
  EXPECT_THAT(m.last_resorts(), SizeIs(2));
}

}  // namespace
}  // namespace kith::client::test
