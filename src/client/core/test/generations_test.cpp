// The account's keys begin anew: a device is revoked, the others get the next generation, and who is out stays out,
// whatever it kept and whoever helps it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/commits.h"
#include "client/core/generations.h"
#include "client/core/test/archived.h"
#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "client/core/test/household.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string told(const std::optional<Json>& answer) {
  if (!answer) return "nothing";
  return (*answer)["type"] == "done" ? "done" : (*answer)["error"].get<std::string>();
}

TEST(Generations, a_revoked_device_is_out_at_once_and_the_chat_goes_on) {
  Household h;
  h.bob.stop();  // Alice herself takes the leaf away
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.tablet.account["stage"] == "removed"; }, 1'000));
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }, 10'000));
  h.bob.start();
  write(h.world, h.alice, h.bob_id, {"third"});
  write(h.world, h.bob, h.alice_id, {"fourth"});
  ASSERT_TRUE(await_messages(h.world, h.alice, h.bob_id, 4));
  EXPECT_EQ(Household::generation_of(h.alice), 1U);
  EXPECT_EQ(h.leaf_generation(h.alice), 1U) << "with the commit that removed the other's leaf";
  EXPECT_EQ(told(h.tablet.ask({{"type", "list_chats"}})), "wrong_stage");
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Generations, one_that_begins_without_the_recovery_key_is_told_in_every_chat_and_ends_verified) {
  Household h;
  EXPECT_EQ(h.verify_alice(), "done");
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.comes_to_bob("(new keys)"));
  EXPECT_FALSE(h.is_verified_at_bob());
  write(h.world, h.bob, h.alice_id, {"third"});
  ASSERT_TRUE(await_messages(h.world, h.alice, h.bob_id, 3));
  // Once: whoever has compared anew is not told again.
  EXPECT_EQ(h.verify_alice(), "done");
  h.bob.crash();
  write(h.world, h.alice, h.bob_id, {"fourth"});
  ASSERT_TRUE(h.comes_to_bob("fourth"));
  EXPECT_THAT(h.bob_sees(), ElementsAre("first", "second", "(new keys)", "third", "fourth"));
  EXPECT_TRUE(h.is_verified_at_bob());
  EXPECT_EQ((*h.alice.ask({{"type", "list_devices"}}))["keys_by_recovery_key"], false);
}

TEST(Generations, one_that_the_recovery_key_begins_leaves_nobody_in_doubt) {
  Household h;
  EXPECT_EQ(h.verify_alice(), "done");
  ASSERT_EQ(h.revoke(h.alice, h.tablet, h.alice.recovery_key), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  write(h.world, h.alice, h.bob_id, {"third"});
  ASSERT_TRUE(h.comes_to_bob("third"));
  EXPECT_THAT(h.bob_sees(), ElementsAre("first", "second", "third"));
  EXPECT_TRUE(h.is_verified_at_bob());
  EXPECT_EQ((*h.alice.ask({{"type", "list_devices"}}))["keys_by_recovery_key"], true);
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Generations, reach_the_other_devices_which_go_on_and_may_revoke_in_turn) {
  Household h;
  h.add_phone();
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }));
  EXPECT_EQ(stored_account(h.phone).generation_secret, stored_account(h.alice).generation_secret);
  EXPECT_FALSE(h.phone.account.contains("awaits_keys"));
  write(h.world, h.phone, h.bob_id, {"third"});
  ASSERT_TRUE(h.comes_to_bob("third"));
  // And what the others sealed for the recovery key is the newest generation.
  EXPECT_EQ(h.generation_for_the_recovery_key(), 1U);
  ASSERT_EQ(h.revoke(h.phone, h.alice, h.alice.recovery_key), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.alice.account["stage"] == "removed"; }));
  EXPECT_EQ(h.generation_for_the_recovery_key(), 2U);
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  write(h.world, h.bob, h.alice_id, {"fourth"});
  ASSERT_TRUE(await_messages(h.world, h.phone, h.bob_id, 4)) << "with what was said before it came";
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Generations, begin_once_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Household h;
        h.add_phone();
        h.world.boundaries = 0;
        h.world.crash_at = crash_at;
        h.revoke_surely(h.alice, h.tablet);
        ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }));
        ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 3; }));
        write(h.world, h.phone, h.bob_id, {"third"});
        ASSERT_TRUE(h.comes_to_bob("third"));
        EXPECT_EQ(Household::generation_of(h.alice), 1U);
        EXPECT_EQ(stored_account(h.phone).generation_secret, stored_account(h.alice).generation_secret);
        EXPECT_EQ(h.bob_sees(), (std::vector<std::string>{"first", "second", "(new keys)", "third"}));
        EXPECT_THAT(h.world.said, IsEmpty());
        boundaries = h.world.boundaries;
      },
      5);
}

TEST(Generations, are_not_awaited_by_the_device_that_begins_them_however_late_the_answer_comes) {
  Household h;
  h.world.http_to_client = [](ModelServer::HttpReply& reply) {
    if (reply.status == 200 && reply.body == "{}") reply = {500, R"({"error":"internal","message":"lost"})"};
  };
  h.alice.tell({{"type", "revoke_device"}, {"device", h.id_of(h.tablet)}});
  ASSERT_TRUE(h.world.run_until([&] { return stored_account(h.alice).newest_generation.has_value(); }));
  h.world.run_for(2 * Generations::kOutlivedMs);
  h.world.http_to_client = nullptr;
  EXPECT_TRUE(h.world.run_until([&] { return Household::generation_of(h.alice) == 1; }));
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Generations, that_two_devices_begin_at_once_become_one) {
  Household h;
  h.add_phone();
  h.alice.tell({{"type", "revoke_device"}, {"device", h.id_of(h.tablet)}});
  const auto answer = h.revoke(h.phone, h.tablet);
  EXPECT_THAT(answer, ::testing::AnyOf("done", "stale_device_list", "not_found", "keys_awaited"));
  ASSERT_TRUE(h.world.run_until(
      [&] { return Household::generation_of(h.phone) == 1 && Household::generation_of(h.alice) == 1; }));
  EXPECT_EQ(stored_account(h.phone).generation_secret, stored_account(h.alice).generation_secret);
  EXPECT_EQ(told(h.phone.ask({{"type", "rotate_keys"}})), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.alice) == 2; }));
}

// Between the look at the list and the change of it another device comes in.
TEST(Generations, are_begun_anew_on_a_list_that_came_first) {
  Household h;
  const std::string code = code_on(h.world, h.phone, kAlicePhone);
  bool is_overtaken = false;
  h.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    if (is_overtaken || !body.is_object() || !body.contains("devices")) return;
    is_overtaken = true;
    h.tablet.tell({{"type", "link_device"}, {"code", code}});
    EXPECT_TRUE(h.world.run_until([&] { return h.phone.account["stage"] == "ready"; }));
  };
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  EXPECT_TRUE(is_overtaken);
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }));
  EXPECT_EQ(h.world.server.devices_of(*UserId::from_text(h.alice_id)).size(), 2U);
}

TEST(Generations, what_is_wrong_is_refused_by_name_and_changes_nothing) {
  Household h;
  const std::string list = h.world.server.device_list_of(*UserId::from_text(h.alice_id));
  EXPECT_EQ(h.revoke(h.alice, h.alice), "invalid_argument");
  EXPECT_EQ(told(h.alice.ask({{"type", "revoke_device"}})), "invalid_argument");
  EXPECT_EQ(told(h.alice.ask({{"type", "revoke_device"}, {"device", std::string(32, 'a')}})), "not_found");
  EXPECT_EQ(h.revoke(h.alice, h.tablet, "AAAA"), "recovery_key_length");
  std::string mistyped = h.alice.recovery_key;
  mistyped[0] = mistyped[0] == '7' ? '8' : '7';
  EXPECT_EQ(h.revoke(h.alice, h.tablet, mistyped), "recovery_key_checksum");
  EXPECT_EQ(h.revoke(h.alice, h.tablet, h.bob.recovery_key), "wrong_recovery_key");
  h.alice.set_network(false);
  EXPECT_EQ(h.revoke(h.alice, h.tablet), "offline");
  h.alice.set_network(true);
  EXPECT_EQ(h.world.server.device_list_of(*UserId::from_text(h.alice_id)), list);
  EXPECT_EQ(Household::generation_of(h.alice), 0U);
  EXPECT_EQ(told(h.alice.ask({{"type", "forget_device"}})), "wrong_stage");
}

TEST(Generations, go_on_without_the_recovery_key_only_so_often) {
  Household h;
  for (std::size_t i = 0; i < keys::GenerationCertificate::kMaxEarlier; ++i)
    ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done") << i;
  EXPECT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "recovery_key_needed");
  EXPECT_EQ(told(h.alice.ask({{"type", "rotate_keys"}, {"recovery_key", h.alice.recovery_key}})), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.tablet) == 17; }));
}

TEST(Generations, new_people_reach_a_device_by_key_packages_of_before) {
  Household h;
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  Client& carol = h.world.add("Carol");
  register_account(h.world, carol, "+41790000003");
  ASSERT_EQ(find(h.world, carol, kAlicePhone), h.alice_id);
  write(h.world, carol, h.alice_id, {"hello"});
  const std::string carols = carol.account["user"];
  ASSERT_TRUE(await_messages(h.world, h.alice, carols, 1));
  ASSERT_TRUE(await_messages(h.world, h.tablet, carols, 1));
  EXPECT_THAT(texts_with(h.world, carol, h.alice_id), ElementsAre("hello")) << "who is new knows no other keys";
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Generations, a_new_device_writes_beside_a_leaf_of_before_while_another_one_has_not_come) {
  Household h;
  h.tablet.stop();
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  Client& laptop = h.world.add("Alice's laptop");
  link(h.world, h.alice, laptop, kAlicePhone);
  laptop.stop();
  ASSERT_EQ(h.seats(), 3U) << "it is listed and has no leaf yet";
  link(h.world, h.alice, h.phone, kAlicePhone);
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 4; }));
  write(h.world, h.phone, h.bob_id, {"third"});
  EXPECT_TRUE(h.world.run_until([&] { return has_text(h.world, h.bob, h.alice_id, "third"); }, 10'000));
  EXPECT_EQ(h.leaf_generation(h.tablet), 0U);
}

TEST(Generations, what_a_removed_device_kept_is_deleted_when_its_user_says_so) {
  Household h;
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.tablet.account["stage"] == "removed"; }));
  h.tablet.crash();
  ASSERT_TRUE(h.world.run_until([&] { return h.tablet.is_running(); }));
  EXPECT_EQ(h.tablet.account["stage"], "removed");
  EXPECT_EQ(told(h.tablet.ask({{"type", "forget_device"}})), "done");
  EXPECT_THAT(h.tablet.rows, testing::SizeIs(1)) << "the fence";
  h.tablet.stop();
  h.tablet.start();
  EXPECT_EQ(h.tablet.account["stage"], "new");
  link(h.world, h.alice, h.tablet, kAlicePhone);
  EXPECT_EQ(Household::generation_of(h.tablet), 1U);
}

// A device that was stolen begins keys and hands them to nobody.
struct Withheld : Household {
  Withheld() {
    DevicesOf thief(tablet);
    const auto next = keys::AccountGeneration::generate(1, thief.entropy);
    keys::FollowedList list{thief.credential.generation.next(next, thief.generation).value(), {}};
    list.list =
        keys::DeviceList::decode(from_base64url(world.server.device_list_of(thief.record.user)).value()).value();
    ++list.list.version;
    list.list.sign(next);
    world.server.set_devices(list, {});
    world.server.tell_generation({thief.record.user, stored_account(alice).device}, Bytes(60, 1));
    EXPECT_TRUE(world.run_until([&] {
      const auto tried = told(alice.ask({{"type", "rotate_keys"}}));
      return tried == "keys_awaited";
    }));
  }
};

TEST(Generations, that_are_withheld_do_not_keep_the_recovery_key_from_taking_a_device_away) {
  Withheld h;
  EXPECT_EQ(h.revoke(h.alice, h.tablet), "keys_awaited");
  EXPECT_EQ(h.revoke(h.alice, h.tablet, h.bob.recovery_key), "wrong_recovery_key");
  EXPECT_EQ(h.revoke(h.alice, h.tablet, h.alice.recovery_key), "done");
  EXPECT_EQ(Household::generation_of(h.alice), 2U);
  EXPECT_EQ(h.generation_for_the_recovery_key(), 2U);
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  EXPECT_FALSE(h.alice.account.contains("awaits_keys"));
  write(h.world, h.alice, h.bob_id, {"it is over"});
  ASSERT_TRUE(h.comes_to_bob("it is over"));
  settle(h.world);
  EXPECT_TRUE(await_history(h.world, h.alice));
}

TEST(Generations, that_take_no_device_away_are_told_all_the_same) {
  Household h;
  EXPECT_EQ(h.verify_alice(), "done");
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  h.world.run_for(Commits::kSoonMs + 60'000);
  EXPECT_THAT(h.bob_sees(), testing::Contains("(new keys)")) << "though nothing was written";
  EXPECT_FALSE(h.is_verified_at_bob());
}

// It was away until the last of its key packages had run out, or has left none on purpose.
TEST(Generations, that_cannot_be_handed_to_a_device_take_it_along_where_the_user_says_so) {
  Household h;
  h.add_phone();
  h.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("key_packages") || !body["key_packages"].is_array()) return;
    Json left = Json::array();
    for (const Json& package : body["key_packages"]) {
      if (!package.is_object() || package["device"] != Household::id_of(h.tablet)) left.push_back(package);
    }
    body["key_packages"] = left;
    reply.body = body.dump();
  };
  EXPECT_EQ(h.revoke(h.alice, h.phone), "device_unreachable");
  EXPECT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "device_unreachable");
  EXPECT_EQ(h.seats(), 4U);
  const Json both = {{"type", "revoke_device"}, {"device", Household::id_of(h.phone)}, {"removes_unreachable", true}};
  EXPECT_EQ(told(h.alice.ask(both)), "done");
  EXPECT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  EXPECT_EQ(h.world.server.devices_of(*UserId::from_text(h.alice_id)).size(), 1U);
}

TEST(Generations, that_are_under_way_without_the_recovery_key_are_not_answered_to_whoever_gives_it) {
  Household h;
  h.alice.tell({{"type", "rotate_keys"}});
  EXPECT_EQ(told(h.alice.ask({{"type", "rotate_keys"}, {"recovery_key", h.bob.recovery_key}})), "wrong_recovery_key");
  h.alice.set_network(false);
  h.alice.tell({{"type", "rotate_keys"}});
  EXPECT_EQ(told(h.alice.ask({{"type", "rotate_keys"}, {"recovery_key", h.alice.recovery_key}})), "wrong_stage");
}

TEST(Generations, that_an_old_copy_of_a_device_has_missed_are_named) {
  Household h;
  const auto copy = h.tablet.rows;
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.tablet) == 1; }));
  h.world.run_for(5'000);
  h.tablet.stop();
  h.tablet.rows = copy;
  h.tablet.start();
  write(h.world, h.alice, h.bob_id, {"third"});
  // The next path of Alice's leaf shows the generation.
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  h.world.run_for(1'000);
  EXPECT_TRUE(h.world.run_until([&] { return Household::generation_of(h.tablet) == 2; }))
      << "the next one comes by mail";
  EXPECT_EQ(told(h.tablet.ask({{"type", "rotate_keys"}})), "done");
}

// The mail that brought them is not in the mailbox any more, and no leaf shows them yet.
TEST(Generations, that_an_old_copy_of_a_device_has_missed_are_named_though_nobody_shows_them) {
  Household h;
  const auto copy = h.tablet.rows;
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}})), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.tablet) == 1; }));
  h.world.run_for(1'000);
  h.alice.stop();
  h.tablet.stop();
  h.tablet.rows = copy;
  h.tablet.start();
  EXPECT_TRUE(h.world.run_until([&] { return h.tablet.account.contains("awaits_keys"); }, 10'000));
  EXPECT_TRUE(h.world.run_until([&] { return h.tablet.warnings["keys_outlived"] == 1; }));
}

TEST(Generations, that_an_old_copy_began_itself_are_named_by_what_else_it_did) {
  Acquainted a;
  const auto copy = a.alice.rows;
  ASSERT_EQ(told(a.alice.ask({{"type", "rotate_keys"}})), "done");
  write(a.world, a.alice, a.bob_id, {"in another life"});
  ASSERT_TRUE(a.world.run_until([&] { return has_text(a.world, a.bob, a.alice_id, "in another life"); }));
  a.alice.stop();
  a.alice.rows = copy;
  a.alice.start();
  EXPECT_TRUE(a.world.run_until([&] { return a.alice.account.contains("awaits_keys"); }, 10'000));
  EXPECT_TRUE(a.world.run_until([&] { return a.alice.warnings["keys_outlived"] == 1; }));
}

// The copy is of before all that it did, and the leaf that it had is what it finds of that.
TEST(Generations, that_an_old_copy_began_itself_are_named_by_a_chat_that_it_began_under_them) {
  Pair p;
  p.alice.stop();
  const auto copy = p.alice.rows;
  p.alice.start();
  ASSERT_TRUE(p.world.run_until([&] { return told(p.alice.ask({{"type", "rotate_keys"}})) == "done"; }));
  write(p.world, p.alice, p.bob_id, {"in another life"});
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "in another life"); }));
  p.alice.stop();
  p.alice.rows = copy;
  p.alice.start();
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.account.contains("awaits_keys"); }));
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.warnings["keys_outlived"] == 1; }));
}

TEST(Generations, that_did_not_come_are_awaited_and_nothing_is_linked_or_begun_meanwhile) {
  Household h;
  h.add_phone();
  // The mail is lost with the server's help.
  h.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &h.phone) return true;
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) {
      std::erase_if(mails->mails, [](const wire::Mail& mail) { return mail.kind == wire::MailKind::generation; });
    }
    const auto* hint = std::get_if<wire::MailHint>(&frame.body);
    return hint == nullptr || hint->mail.kind != wire::MailKind::generation;
  };
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.phone.account.contains("awaits_keys"); }));
  EXPECT_EQ(told(h.phone.ask({{"type", "look_at_link"}, {"code", "0000-0000-0000-0000-0000-0000"}})), "keys_awaited");
  EXPECT_EQ(told(h.phone.ask({{"type", "rotate_keys"}})), "keys_awaited");
  ASSERT_TRUE(h.world.run_until([&] { return h.phone.warnings["keys_outlived"] == 1; }));
  write(h.world, h.phone, h.bob_id, {"third"});
  ASSERT_TRUE(h.comes_to_bob("third")) << "it talks all the same";
}

// Nothing else tells the copy: it began them itself, and the new device would be let in under no others.
TEST(Generations, that_another_life_of_an_old_copy_began_are_asked_for_before_it_links_a_device) {
  Household h;
  const std::string code = code_on(h.world, h.phone, kAlicePhone);
  h.alice.stop();
  const auto copy = h.alice.rows;
  h.alice.start();
  ASSERT_TRUE(h.world.run_until([&] { return told(h.alice.ask({{"type", "rotate_keys"}})) == "done"; }));
  h.alice.stop();
  h.alice.rows = copy;
  h.alice.start();
  ASSERT_TRUE(h.world.run_until([&] { return h.alice.is_online(); }));
  EXPECT_EQ(told(h.alice.ask({{"type", "link_device"}, {"code", code}})), "keys_awaited");
  EXPECT_TRUE(h.alice.account.contains("awaits_keys"));
  EXPECT_EQ(h.phone.account["stage"], "linking");
  hand_over(h.world, h.tablet, h.phone, code);
  EXPECT_EQ(Household::generation_of(h.phone), 1U);
}

}  // namespace
}  // namespace kith::client::test
