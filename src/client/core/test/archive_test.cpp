// What was said is there on a device that comes later, once and in its place, and the server reads none of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "client/core/test/archived.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(Archive, a_device_that_comes_later_has_all_that_was_said_before_in_the_same_order) {
  Archived t(1, 5);
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), SizeIs(7));
  const Json chat = chat_of(t.tablet, conversation_of(t.alice, t.bob_id));
  EXPECT_EQ(chat["unread"], 0);
  EXPECT_EQ(chat["last_message"]["text"], "bob 4");
  EXPECT_EQ(t.tablet.new_messages, 0) << "nobody is told of what is old";
  write(t.world, t.bob, t.alice_id, {"now"});
  ASSERT_TRUE(await_messages(t.world, t.tablet, t.bob_id, 8));
  t.expect_same_history();
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Archive, what_a_device_of_the_account_did_not_see_before_it_came_follows) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  // Between the end of the archive that it was told of and its own beginning.
  write(t.world, t.bob, t.alice_id, {"in between"});
  settle(t.world);
  t.expect_same_history();
}

// What it was told of the archive is of the history before, and no reason to say that the server hides something.
TEST(Archive, a_device_that_is_linked_while_the_server_is_restored_begins_anew_with_what_there_is) {
  Archived t;
  write(t.world, t.bob, t.alice_id, {"third"});
  ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, 3));
  settle(t.world);
  const std::size_t place = archive_of(t.world, t.alice).blocks.size();
  ASSERT_GE(place, 2U) << "one to keep, and one to lose";
  const std::string code = code_on(t.world, t.tablet, kAlicePhone);
  t.alice.tell({{"type", "link_device"}, {"code", code}});
  const auto user = *UserId::from_text(t.alice.account["user"].get<std::string>());
  // Its account is there, and the answer that says so is still on its way.
  ASSERT_TRUE(t.world.run_until([&] { return t.world.server.devices_of(user).size() == 2; }));
  ASSERT_NE(t.tablet.account["stage"], "ready");
  for (Client* client : {&t.alice, &t.bob}) client->set_network(false);
  ++t.world.server.history.value[0];
  archive_of(t.world, t.alice).blocks.resize(place - 1);
  for (Client* client : {&t.alice, &t.bob}) client->set_network(true);
  ASSERT_TRUE(t.world.run_until([&] { return t.tablet.is_online(); }));
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), ElementsAre("first", "second", "third"));
  write(t.world, t.bob, t.alice_id, {"now"});
  EXPECT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "now"); }));
  write(t.world, t.tablet, t.bob_id, {"from the tablet"});
  EXPECT_TRUE(t.world.run_until([&] { return has_text(t.world, t.bob, t.alice_id, "from the tablet"); }));
  EXPECT_TRUE(await_history(t.world, t.tablet));
  t.expect_same_history();
  EXPECT_THAT(t.tablet.warnings, ElementsAre(::testing::Pair("history_changed", 1)));
}

// There is no archive yet when it is told where that ends.
TEST(Archive, a_device_that_was_linked_early_has_what_was_written_before_the_server_was_restored) {
  Acquainted t;
  Client& tablet = t.world.add("Alice's tablet");
  const std::string code = code_on(t.world, tablet, kAlicePhone);
  const auto handed = t.alice.ask({{"type", "link_device"}, {"code", code}});
  ASSERT_TRUE(handed && (*handed)["type"] == "done");
  tablet.set_network(false);
  ASSERT_TRUE(archive_of(t.world, t.alice).blocks.empty());
  settle(t.world);
  ASSERT_FALSE(archive_of(t.world, t.alice).blocks.empty());
  for (Client* client : {&t.alice, &t.bob}) client->set_network(false);
  ++t.world.server.history.value[0];
  for (Client* client : {&t.alice, &t.bob, &tablet}) client->set_network(true);
  write(t.world, t.bob, t.alice_id, {"now"});
  ASSERT_TRUE(await_history(t.world, tablet));
  EXPECT_TRUE(t.world.run_until([&] { return has_text(t.world, tablet, t.bob_id, "now"); }));
  EXPECT_THAT(texts_with(t.world, tablet, t.bob_id), ElementsAre("first", "second", "now"));
}

TEST(Archive, holds_each_message_once_though_two_devices_are_there) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  for (int i = 0; i < 12; ++i) {
    write(t.world, t.bob, t.alice_id, {"to both " + std::to_string(i)});
    write(t.world, i % 2 == 0 ? t.alice : t.tablet, t.bob_id, {"from one " + std::to_string(i)});
    t.world.run_for(i * 400);
  }
  settle(t.world);
  const auto texts = texts_in(t.world, t.alice);
  EXPECT_THAT(texts, SizeIs(26));
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size());
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Archive, shows_the_server_no_word_of_it) {
  Archived t(1, 3);
  ASSERT_THAT(texts_in(t.world, t.alice), Contains("bob 2"));
  for (const auto& block : archive_of(t.world, t.alice).blocks) {
    for (const std::string_view word : {"bob 2", "Bob", kBobPhone})
      EXPECT_EQ(std::ranges::search(block.payload, as_view(word)).begin(), block.payload.end());
  }
}

TEST(Archive, many_messages_do_not_wait_long_and_go_together) {
  Archived t;
  const std::size_t before = archive_of(t.world, t.alice).blocks.size();
  write(t.world, t.bob, t.alice_id, numbered("many ", 70));
  ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, 72));
  settle(t.world);
  EXPECT_THAT(texts_in(t.world, t.alice), SizeIs(72));
  EXPECT_LE(archive_of(t.world, t.alice).blocks.size(), before + 4);
}

TEST(Archive, a_device_reads_it_to_the_end_whenever_it_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Archived t(1, 3);
        const std::string code = code_on(t.world, t.tablet, kAlicePhone);
        t.world.boundaries = 0;
        t.world.crash_at = crash_at;
        hand_over(t.world, t.alice, t.tablet, code);
        write(t.world, t.bob, t.alice_id, {"now"});
        ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "now"); }));
        ASSERT_TRUE(await_history(t.world, t.tablet));
        t.expect_same_history();
        EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), SizeIs(6));
        EXPECT_THAT(t.world.said, IsEmpty());
        boundaries = t.world.boundaries;
      },
      3);
}

TEST(Archive, is_written_once_whenever_a_device_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Acquainted t;
    settle(t.world);
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    write(t.world, t.bob, t.alice_id, {"one", "two"});
    settle(t.world);
    boundaries = t.world.boundaries;
    auto texts = texts_in(t.world, t.alice);
    EXPECT_THAT(texts, SizeIs(4));
    EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 4U);
    EXPECT_THAT(t.world.said, IsEmpty());
  });
}

TEST(Archive, an_answer_that_is_lost_writes_nothing_twice) {
  Acquainted t;
  int lost = 0;
  t.world.to_client = [&](Client&, wire::Frame& frame) {
    const bool is_of_archive =
        std::holds_alternative<wire::Appended>(frame.body) && lost < 3 && !archive_of(t.world, t.alice).blocks.empty();
    if (is_of_archive) ++lost;
    return !is_of_archive;
  };
  settle(t.world);
  t.world.run_for(120'000);
  EXPECT_GT(lost, 0);
  EXPECT_THAT(texts_in(t.world, t.alice), SizeIs(2));
}

// Bots and scripts run so.
TEST(Archive, a_terminal_that_only_runs_for_moments_writes_what_its_lives_before_left) {
  Archived t;
  t.alice.stop();
  write(t.world, t.bob, t.alice_id, {"while it was away"});
  const auto run_for_a_moment = [&] {
    t.alice.start();
    EXPECT_TRUE(t.world.run_until([&] { return t.alice.is_online(); }, 1'000));
    t.world.run_for(700);
    t.alice.stop();
  };
  run_for_a_moment();
  EXPECT_THAT(texts_in(t.world, t.alice), Not(Contains("while it was away"))) << "it waits for more";
  t.world.run_for(5 * 60'000);
  run_for_a_moment();
  EXPECT_THAT(texts_in(t.world, t.alice), Contains("while it was away"));
  EXPECT_THAT(texts_in(t.world, t.alice), SizeIs(3));
}

TEST(Archive, two_hundred_chats_come_with_all_that_was_said_in_them) {
  Friends f;
  for (int i = 0; i < 200; ++i) {
    const auto made =
        f.ann.ask({{"type", "create_group"}, {"name", "Group " + std::to_string(i)}, {"members", Json::array()}});
    ASSERT_TRUE(made);
    const std::string conversation = (*made)["chat"]["conversation"];
    f.ann.ask({{"type", "send"}, {"conversation", conversation}, {"text", "in " + std::to_string(i)}});
  }
  settle(f.world);
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  ASSERT_TRUE(await_history(f.world, tablet));
  settle(f.world);
  const auto chats = tablet.ask({{"type", "list_chats"}});
  ASSERT_TRUE(chats);
  EXPECT_THAT((*chats)["chats"], SizeIs(200));
  std::set<std::string> last;
  for (const Json& chat : (*chats)["chats"]) {
    EXPECT_EQ(chat["membership"], "member") << chat.dump();
    last.insert(chat.contains("last_message") ? chat["last_message"].value("text", "") : "");
  }
  EXPECT_THAT(last, SizeIs(200));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Archive, a_group_that_the_account_has_left_is_there_with_what_was_said_in_it) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  ASSERT_TRUE(f.await(f.ann, "Ben: hello"));
  EXPECT_EQ(f.role(f.ann, f.ben, "owner"), "done");
  EXPECT_EQ(f.run(f.ann, {{"type", "leave_group"}}), "done");
  settle(f.world);
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  ASSERT_TRUE(await_history(f.world, tablet));
  ASSERT_TRUE(f.world.run_until([&] { return !chat_of(tablet, f.conversation).is_null(); }));
  const Json chat = chat_of(tablet, f.conversation);
  EXPECT_EQ(chat["membership"], "out");
  EXPECT_EQ(chat["title"], chat_of(f.ann, f.conversation)["title"]);
  EXPECT_THAT(f.seen(tablet), Contains("Ben: hello"));
  tablet.crash();
  ASSERT_TRUE(f.world.run_until([&] { return tablet.is_running() && tablet.is_online(); }));
  EXPECT_EQ(chat_of(tablet, f.conversation)["membership"], "out");
  EXPECT_THAT(f.seen(tablet), Contains("Ben: hello"));
}

TEST(Archive, lines_of_who_came_and_went_come_along) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "first"), "done");
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  EXPECT_EQ(f.say(f.cleo, "second"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Cleo: second");
  settle(f.world);
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  ASSERT_TRUE(await_history(f.world, tablet));
  EXPECT_EQ(f.seen(tablet), f.seen(f.ann));
}

// ---- settings and people ----

struct TwoDevices : Archived {
  TwoDevices() {
    link(world, alice, tablet, kAlicePhone);
    EXPECT_TRUE(await_history(world, tablet));
    conversation = conversation_of(alice, bob_id);
  }
  bool await(Client& client, const char* field, const Json& value) {
    return world.run_until([&] { return chat_of(client, conversation)[field] == value; });
  }
  std::string conversation;
};

TEST(Archive, how_a_chat_is_shown_and_told_of_is_the_same_on_all_devices) {
  TwoDevices t;
  t.alice.ask({{"type", "pin_chat"}, {"conversation", t.conversation}, {"is_pinned", true}});
  EXPECT_TRUE(t.await(t.tablet, "is_pinned", true));
  t.tablet.ask({{"type", "mute"}, {"conversation", t.conversation}, {"until_ms", nullptr}});
  EXPECT_TRUE(t.await(t.alice, "muted", true));
  t.tablet.ask({{"type", "set_notifications"}, {"conversation", t.conversation}, {"level", "mentions"}});
  EXPECT_TRUE(t.await(t.alice, "notifications", "mentions"));
  EXPECT_EQ(chat_of(t.alice, t.conversation)["is_pinned"], true);
  const auto unknown = t.alice.ask({{"type", "pin_chat"}, {"conversation", std::string(64, '0')}, {"is_pinned", true}});
  EXPECT_EQ((*unknown)["error"], "unknown_conversation");
}

// A command at a terminal ends as soon as it is answered.
TEST(Archive, a_program_that_ends_can_wait_until_other_devices_know) {
  TwoDevices t;
  t.tablet.ask({{"type", "pin_chat"}, {"conversation", t.conversation}, {"is_pinned", true}});
  EXPECT_EQ((*t.tablet.ask({{"type", "settle_archive"}}))["type"], "done");
  t.tablet.stop();
  EXPECT_TRUE(t.await(t.alice, "is_pinned", true));
  t.alice.set_network(false);
  EXPECT_EQ((*t.alice.ask({{"type", "settle_archive"}}))["error"], "offline");
}

TEST(Archive, a_message_brings_back_a_chat_that_was_put_away_unless_it_is_muted) {
  TwoDevices t;
  t.alice.ask({{"type", "put_away"}, {"conversation", t.conversation}, {"is_put_away", true}});
  ASSERT_TRUE(t.await(t.tablet, "is_put_away", true));
  write(t.world, t.bob, t.alice_id, {"hello"});
  EXPECT_TRUE(t.await(t.tablet, "is_put_away", false));
  EXPECT_TRUE(t.await(t.alice, "is_put_away", false));
  t.alice.ask({{"type", "mute"}, {"conversation", t.conversation}, {"until_ms", nullptr}});
  t.alice.ask({{"type", "put_away"}, {"conversation", t.conversation}, {"is_put_away", true}});
  ASSERT_TRUE(t.await(t.tablet, "is_put_away", true));
  write(t.world, t.bob, t.alice_id, {"still there?"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "still there?"); }));
  settle(t.world);
  EXPECT_EQ(chat_of(t.tablet, t.conversation)["is_put_away"], true);
  EXPECT_EQ(chat_of(t.alice, t.conversation)["is_put_away"], true);
}

TEST(Archive, who_was_verified_on_one_device_is_verified_on_the_others) {
  TwoDevices t;
  const auto is_verified = [&](Client& client) {
    const auto contacts = client.ask({{"type", "list_contacts"}});
    return contacts && std::ranges::any_of((*contacts)["contacts"], [&](const Json& contact) {
             return contact["user"] == t.bob_id && contact.value("verified", false);
           });
  };
  t.tablet.ask({{"type", "set_verified"}, {"user", t.bob_id}, {"verified", true}});
  EXPECT_TRUE(t.world.run_until([&] { return is_verified(t.alice); }));
  t.alice.ask({{"type", "set_verified"}, {"user", t.bob_id}, {"verified", false}});
  EXPECT_TRUE(t.world.run_until([&] { return !is_verified(t.tablet); }));
}

void read_all(Client& client, const std::string& conversation) {
  const Json head = chat_of(client, conversation)["head_seq"];
  client.ask({{"type", "mark_read"}, {"conversation", conversation}, {"seq", head}});
}

TEST(Archive, what_is_read_on_one_device_is_read_on_the_others) {
  TwoDevices t;
  EXPECT_EQ(chat_of(t.alice, t.conversation)["unread"], 1);
  EXPECT_TRUE(t.await(t.tablet, "unread", 1)) << "though it came later";
  read_all(t.alice, t.conversation);
  ASSERT_TRUE(t.await(t.tablet, "unread", 0));
  write(t.world, t.bob, t.alice_id, {"one", "two", "three"});
  ASSERT_TRUE(t.await(t.tablet, "unread", 3));
  const std::int64_t head = chat_of(t.alice, t.conversation)["head_seq"];
  t.alice.ask({{"type", "mark_read"}, {"conversation", t.conversation}, {"seq", head - 1}});
  EXPECT_TRUE(t.await(t.tablet, "unread", 1));
  t.alice.ask({{"type", "mark_read"}, {"conversation", t.conversation}, {"seq", head}});
  EXPECT_TRUE(t.await(t.tablet, "unread", 0));
}

TEST(Archive, what_was_read_elsewhere_while_a_device_was_away_is_not_unread_when_it_comes) {
  TwoDevices t;
  read_all(t.alice, t.conversation);
  t.tablet.stop();
  write(t.world, t.bob, t.alice_id, {"one", "two", "three"});
  ASSERT_TRUE(t.await(t.alice, "unread", 3));
  read_all(t.alice, t.conversation);
  t.world.run_for(5'000);
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "three"); }));
  EXPECT_EQ(chat_of(t.tablet, t.conversation)["unread"], 0);
  EXPECT_TRUE(std::ranges::none_of(
      t.tablet.events, [](const Json& event) { return event["type"] == "message" && event["alert"] == true; }));
}

// ---- off and on ----

TEST(Archive, turned_off_keeps_no_message_and_turned_on_again_has_everything) {
  TwoDevices t;
  const auto texts = texts_with(t.world, t.alice, t.bob_id);
  EXPECT_EQ((*t.tablet.ask({{"type", "set_archive"}, {"is_on", false}}))["type"], "done");
  settle(t.world);
  EXPECT_THAT(texts_in(t.world, t.alice), IsEmpty());
  write(t.world, t.bob, t.alice_id, {"not kept"});
  settle(t.world);
  EXPECT_THAT(texts_in(t.world, t.alice), IsEmpty());
  t.tablet.ask({{"type", "pin_chat"}, {"conversation", t.conversation}, {"is_pinned", true}});
  EXPECT_TRUE(t.await(t.alice, "is_pinned", true)) << "settings go on";
  EXPECT_TRUE(
      std::ranges::any_of(contents_of(t.world, t.alice), [](const auto& content) { return !content.people.empty(); }));
  EXPECT_EQ((*t.alice.ask({{"type", "set_archive"}, {"is_on", true}}))["type"], "done");
  settle(t.world);
  EXPECT_THAT(texts_in(t.world, t.alice), UnorderedElementsAre(texts[0], texts[1], "not kept"));
}

TEST(Archive, turned_off_keeps_no_message_whenever_the_device_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        TwoDevices t;
        t.world.boundaries = 0;
        t.world.crash_at = crash_at;
        t.world.run_until([&] {
          if (!t.tablet.is_running()) return false;
          const auto answer = t.tablet.ask({{"type", "set_archive"}, {"is_on", false}});
          return answer && (*answer)["type"] == "done";
        });
        settle(t.world);
        EXPECT_THAT(texts_in(t.world, t.alice), IsEmpty());
        EXPECT_TRUE(std::ranges::any_of(contents_of(t.world, t.alice),
                                        [](const auto& content) { return !content.people.empty(); }));
        boundaries = t.world.boundaries;
      },
      2);
}

// Nobody but the device that said so knew of it, and that is gone before it could erase anything.
TEST(Archive, what_one_device_turned_off_another_erases) {
  TwoDevices t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Appended>(frame.body);
  };
  t.tablet.tell({{"type", "set_archive"}, {"is_on", false}});
  const std::size_t size = archive_of(t.world, t.alice).blocks.size();
  ASSERT_TRUE(t.world.run_until([&] { return archive_of(t.world, t.alice).blocks.size() > size; }));
  t.tablet.stop();
  settle(t.world);
  EXPECT_THAT(texts_in(t.world, t.alice), IsEmpty());
}

TEST(Archive, turned_off_and_on_again_before_anybody_heard_of_it_is_not_written_twice) {
  TwoDevices t;
  const std::size_t size = archive_of(t.world, t.alice).blocks.size();
  t.alice.set_network(false);
  t.alice.tell({{"type", "set_archive"}, {"is_on", false}});
  t.alice.tell({{"type", "set_archive"}, {"is_on", true}});
  t.world.run_for(1'000);
  t.alice.set_network(true);
  settle(t.world);
  EXPECT_LE(archive_of(t.world, t.alice).blocks.size(), size + 1) << "the setting alone";
}

}  // namespace
}  // namespace kith::client::test
