// The account's own devices, as its list says and not as the server does; and what is left of one that is none of them
// any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/household.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Json listed_to(Client& client) { return client.ask({{"type", "list_devices"}}).value_or(Json::object()); }

// Null where it is not shown.
Json shown(const Json& listed, const std::string& device) {
  for (const Json& one : listed["devices"]) {
    if (one["device"] == device) return one;
  }
  return {};
}

// The answer to GET /v1/devices, or to the one for the list itself, on its way.
using Change = std::function<void(Json& body)>;
void on_the_way(World& world, const char* has, const char* has_not, Change change) {
  world.http_to_client = [=](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains(has) || body.contains(has_not)) return;
    change(body);
    reply.body = body.dump();
  };
}
void names_on_the_way(World& world, Change change) { on_the_way(world, "devices", "device_list", std::move(change)); }
void list_on_the_way(World& world, Change change) {
  on_the_way(world, "device_list", "refresh_token", std::move(change));
}

TEST(OwnDevices, are_shown_with_what_the_server_calls_them) {
  Household h;
  const Json listed = listed_to(h.alice);
  ASSERT_THAT(listed["devices"], SizeIs(2));
  const Json tablet = shown(listed, Household::id_of(h.tablet));
  ASSERT_TRUE(tablet.is_object()) << listed;
  EXPECT_EQ(tablet["name"], "Tablet");
  EXPECT_EQ(tablet["is_this"], false);
  EXPECT_GT(tablet["added_at"], 0);
  EXPECT_EQ(shown(listed, Household::id_of(h.alice))["is_this"], true);
}

TEST(OwnDevices, that_the_server_does_not_name_are_shown_all_the_same) {
  Household h;
  names_on_the_way(h.world, [&](Json& body) {
    std::erase_if(body["devices"].get_ref<Json::array_t&>(),
                  [&](const Json& one) { return one["device"] == Household::id_of(h.tablet); });
  });
  const Json listed = listed_to(h.alice);
  ASSERT_THAT(listed["devices"], SizeIs(2)) << listed;
  const Json tablet = shown(listed, Household::id_of(h.tablet));
  ASSERT_TRUE(tablet.is_object()) << listed;
  EXPECT_EQ(tablet["name"], "");
  EXPECT_EQ(tablet["added_at"], 0);
}

TEST(OwnDevices, that_are_not_listed_are_not_shown) {
  Household h;
  const std::string other(32, 'a');
  names_on_the_way(h.world, [&](Json& body) {
    body["devices"].push_back({{"device", other}, {"name", "Grandma's phone"}, {"added_at_ms", 1}});
  });
  const Json listed = listed_to(h.alice);
  EXPECT_THAT(listed["devices"], SizeIs(2));
  EXPECT_TRUE(shown(listed, other).is_null());
}

TEST(OwnDevices, are_not_shown_by_an_old_list) {
  Household h;
  const auto user = *UserId::from_text(h.alice_id);
  const std::string old_list = h.world.server.device_list_of(user);
  const std::string old_generation = h.world.server.generation_of(user);
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  EXPECT_THAT(listed_to(h.alice)["devices"], SizeIs(1));
  list_on_the_way(h.world, [=](Json& body) {
    body["device_list"] = old_list;
    body["generation"] = old_generation;
  });
  for (int times = 0; times < 3; ++times) EXPECT_EQ(listed_to(h.alice)["error"], "forged_certificate");
  EXPECT_EQ(h.alice.warnings["device_list_refused"], 1) << "a screen asks again and again";
  EXPECT_THAT(h.world.said, Contains(HasSubstr("your own devices does not hold: it is an old one")));
  h.world.http_to_client = nullptr;
  EXPECT_THAT(listed_to(h.alice)["devices"], SizeIs(1));
}

TEST(OwnDevices, are_not_shown_by_a_list_that_the_account_did_not_sign) {
  Household h;
  list_on_the_way(h.world, [&](Json& body) {
    auto list = keys::DeviceList::decode(*from_base64url(body["device_list"].get<std::string>())).value();
    list.devices.pop_back();
    body["device_list"] = to_base64url(list.encode());
  });
  EXPECT_EQ(listed_to(h.alice)["error"], "forged_certificate");
  EXPECT_EQ(h.alice.warnings["device_list_refused"], 1);
}

TEST(OwnDevices, are_asked_for_once_more_where_the_answer_was_overtaken) {
  Household h;
  const auto user = *UserId::from_text(h.alice_id);
  const std::string old_list = h.world.server.device_list_of(user);
  const std::string old_generation = h.world.server.generation_of(user);
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  int answers = 0;
  list_on_the_way(h.world, [=, &answers](Json& body) {
    if (++answers > 1) return;
    body["device_list"] = old_list;
    body["generation"] = old_generation;
  });
  EXPECT_THAT(listed_to(h.alice)["devices"], SizeIs(1));
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(h.alice.warnings["device_list_refused"], 0);
}

// More than is deleted at once, and a crash wherever there can be one.
TEST(OwnDevices, what_a_removed_one_kept_is_deleted_whenever_it_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Household h;
    ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
    ASSERT_TRUE(h.world.run_until([&] { return h.tablet.account["stage"] == "removed"; }));
    for (Client* other : {&h.alice, &h.bob}) other->stop();
    h.tablet.stop();
    for (std::uint64_t order = 1'000; order < 3'500; ++order)
      h.tablet.rows[row_key::message(h.id(), order)] = to_bytes("said");
    h.tablet.start();
    h.world.boundaries = 0;
    h.world.crash_at = crash_at;
    for (int tries = 0; tries < 20 && h.tablet.account["stage"] == "removed"; ++tries) {
      ASSERT_TRUE(h.world.run_until([&] { return h.tablet.is_running(); }));
      if (h.tablet.ask({{"type", "forget_device"}})) h.tablet.stop();
      h.tablet.start();
    }
    EXPECT_EQ(h.tablet.account["stage"], "new");
    EXPECT_THAT(h.tablet.rows, SizeIs(1)) << "the fence";
    boundaries = h.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
