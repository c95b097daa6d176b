// A new device comes into everything that its account is in, by itself, whatever happens to it on the way and whatever
// the server says that there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "client/core/arrivals.h"
#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "keys/conversation.h"
#include "mls/framing.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

// Ann, who talks to Ben and Cleo, alone and in a group; and her tablet, which is listed and in none of it. Everybody
// else is away.
struct Tablet : Friends {
  // So many groups more, of Ann alone.
  explicit Tablet(int more = 0, std::uint64_t seed = 1) : Friends(seed) {
    found({&ben, &cleo});
    for (Client* other : {&ben, &cleo}) {
      find(world, ann, other == &ben ? "+41790000002" : "+41790000003");
      write(world, ann, id_of(*other), {"hello"});
      EXPECT_TRUE(await_messages(world, *other, id_of(ann), 1));
    }
    for (int i = 0; i < more; ++i) ann.ask({{"type", "create_group"}, {"name", "Alone"}, {"members", Json::array()}});
    EXPECT_TRUE(world.run_until([&] { return all() == 3 + static_cast<std::size_t>(more); }));
    world.run_for(2'000);
    for (Client* client : {&ann, &ben, &cleo, &dan}) client->stop();
    DevicesOf anns(ann);
    const auto device = anns.device(7);
    world.server.set_devices(anns.list(2, {&device}), {DevicesOf::listed(device)});
    wake_up = [this, anns, device] { anns.awake(world, tablet, device); };
  }

  [[nodiscard]] std::size_t all() const { return world.server.conversations.size(); }
  bool is_in(const ModelServer::Conversation& conversation) {
    return conversation.leaves.contains({*UserId::from_text(id_of(ann)), DeviceId{{7}}});
  }
  std::size_t entered() {
    return static_cast<std::size_t>(
        std::ranges::count_if(world.server.conversations, [&](const auto& item) { return is_in(item.second); }));
  }
  bool await_all(std::int64_t limit_ms = 120'000) {
    return world.run_until([&] { return entered() == all() && tablet.is_running(); }, limit_ms);
  }
  std::size_t chats() {
    for (int tries = 0; tries < 20; ++tries, world.run_for(100)) {
      if (const auto answer = tablet.ask({{"type", "list_chats"}})) return (*answer)["chats"].size();
    }
    ADD_FAILURE() << "the tablet does not answer";
    return 0;
  }
  // What the next life tells the server that it knows.
  [[nodiscard]] Bytes stored_token() { return mls::decoded<SyncRecord>(tablet.rows.at(row_key::sync()))->token; }
  // Of which conversation this is the group.
  std::optional<ConversationId> shown_in(const wire::Frame& frame) {
    const auto* group = std::get_if<wire::Group>(&frame.body);
    if (group == nullptr) return std::nullopt;
    const auto info = mls::decoded_message<mls::GroupInfo>(group->group_info);
    if (!info) return std::nullopt;
    for (const auto& [id, conversation] : world.server.conversations) {
      if (keys::group_id(id, 0) == info->group_context.group_id) return id;
    }
    return std::nullopt;
  }
  // The conversations, the one that changed last first.
  std::vector<ConversationId> newest_first() {
    std::vector<ConversationId> ids;
    for (const auto& [id, conversation] : world.server.conversations) ids.push_back(id);
    std::ranges::sort(ids, std::greater{}, [&](const auto& id) { return world.server.conversations.at(id).change; });
    return ids;
  }
  // As kithd tells them: what changed last comes last.
  void sort(wire::SyncOk& sync) {
    std::ranges::sort(sync.heads, {},
                      [&](const wire::Head& head) { return world.server.conversations.at(head.conversation).change; });
  }

  Client& tablet = world.add("Ann's tablet");
  // With nothing but an account.
  std::function<void()> wake_up;
};

std::size_t commits_in(const ModelServer::Conversation& conversation) {
  return static_cast<std::size_t>(
      std::ranges::count(conversation.log, wire::EntryKind::commit, &ModelServer::StoredEntry::kind));
}

wire::Error busy_for(std::uint32_t ms) {
  wire::Error busy;
  busy.code = wire::ErrorCode::overloaded;
  busy.retry_after_ms = ms;
  return busy;
}

// ---- all of it, in the end ----

TEST(Arrivals, whoever_writes_on_a_new_device_before_it_is_in_waits_for_no_welcome) {
  Tablet t;
  const auto direct = *ConversationId::from_text(conversation_of(t.ben, t.id_of(t.ann)));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  t.wake_up();
  find(t.world, t.tablet, "+41790000002");
  write(t.world, t.tablet, t.id_of(t.ben), {"from the tablet"});
  t.world.run_for(2'000);
  EXPECT_FALSE(t.is_in(t.world.server.conversations.at(direct)));
  t.world.to_client = nullptr;
  t.ben.start();
  EXPECT_TRUE(t.world.run_until([&] { return t.is_in(t.world.server.conversations.at(direct)); }, 20'000));
  EXPECT_TRUE(await_messages(t.world, t.ben, t.id_of(t.ann), 2));
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Arrivals, what_was_written_into_a_group_is_seen_though_the_device_never_came_into_it) {
  Tablet t;
  bool is_out = false;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet) return true;
    if (std::holds_alternative<wire::Changes>(frame.body)) frame.body = busy_for(1'000);
    if (is_out && t.shown_in(frame) == t.id()) {
      wire::Error error;
      error.code = wire::ErrorCode::not_member;
      frame.body = error;
    }
    return true;
  };
  t.wake_up();
  EXPECT_TRUE(t.world.run_until([&] { return t.chat(t.tablet).is_object(); }));
  EXPECT_EQ(t.say(t.tablet, "from the tablet"), "done");
  is_out = true;
  EXPECT_TRUE(t.world.run_until([&] {
    const Json chat = t.chat(t.tablet);
    return chat.is_object() && chat["membership"] == "out";
  }));
  t.tablet.stop();
  t.tablet.start();
  t.world.run_for(1'000);
  EXPECT_TRUE(t.chat(t.tablet).is_object());
  const auto answer = t.tablet.ask({{"type", "list_messages"}, {"conversation", t.conversation}, {"limit", 10}});
  ASSERT_TRUE(answer && (*answer)["messages"].size() == 1);
  EXPECT_EQ((*answer)["messages"][0]["text"], "from the tablet");
  EXPECT_EQ((*answer)["messages"][0]["state"], "failed");
}

TEST(Arrivals, a_new_device_is_in_everything_wherever_it_crashes_though_nobody_else_is_there) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Tablet t;
        t.world.boundaries = 0;
        t.world.crash_at = crash_at;
        t.wake_up();
        EXPECT_TRUE(t.await_all()) << t.entered();
        boundaries = t.world.boundaries;
        t.world.run_for(5'000);
        EXPECT_EQ(t.chats(), t.all());
        EXPECT_THAT(t.stored_token(), ::testing::Not(IsEmpty()));
        EXPECT_THAT(t.world.said, IsEmpty());
      },
      1);
}

TEST(Arrivals, what_was_looked_at_when_the_connection_broke_is_looked_at_again) {
  Tablet t(12);
  std::size_t lost = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_group = &client == &t.tablet && std::holds_alternative<wire::Group>(frame.body);
    lost += is_group ? 1 : 0;
    return !is_group;
  };
  t.wake_up();
  ASSERT_TRUE(t.world.run_until([&] { return lost >= Arrivals::kAtOnce; }));
  t.world.run_for(5'000);
  EXPECT_EQ(lost, Arrivals::kAtOnce);
  t.tablet.set_network(false);
  t.world.to_client = nullptr;
  t.tablet.set_network(true);
  EXPECT_TRUE(t.await_all()) << t.entered();
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Arrivals, a_client_that_ends_early_finds_the_rest_when_it_starts_again) {
  Tablet t(30);
  t.wake_up();
  ASSERT_TRUE(t.world.run_until([&] { return t.entered() >= 3; }));
  EXPECT_LT(t.entered(), t.all());
  EXPECT_THAT(t.stored_token(), IsEmpty());
  for (int runs = 0; runs < 40 && t.entered() < t.all(); ++runs) {
    t.tablet.stop();
    t.tablet.start();
    t.world.run_for(300);
  }
  EXPECT_EQ(t.entered(), t.all()) << "though each run was shorter than a new conversation waits for its Welcome";
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Arrivals, of_two_hundred_the_newest_come_first_and_each_is_asked_for_once) {
  Tablet t(197);
  const auto newest = t.newest_first();
  std::vector<ConversationId> asked;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet) return true;
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) t.sort(*sync);
    if (const auto id = t.shown_in(frame)) asked.push_back(*id);
    return true;
  };
  t.wake_up();
  EXPECT_TRUE(t.await_all()) << t.entered();
  EXPECT_THAT(asked, SizeIs(t.all()));
  ASSERT_THAT(asked, SizeIs(::testing::Ge(10U)));
  asked.resize(10);
  EXPECT_THAT(asked, ::testing::ElementsAreArray(newest.begin(), newest.begin() + 10));
  t.world.run_for(5'000);
  EXPECT_EQ(t.chats(), t.all());
  EXPECT_THAT(t.world.said, IsEmpty());
}

// Dan's tablet comes into the group that he is in until Ann removes him, and never gets there.
TEST(Arrivals, what_was_written_on_the_way_in_stays_where_the_user_is_removed_before_it_is_over) {
  Friends f;
  f.found({&f.ben, &f.dan});
  f.world.run_for(2'000);
  for (Client* client : {&f.ann, &f.ben, &f.cleo, &f.dan}) client->stop();
  DevicesOf dans(f.dan);
  const auto device = dans.device(7);
  f.world.server.set_devices(dans.list(2, {&device}), {DevicesOf::listed(device)});
  Client& tablet = f.world.add("Dan's tablet");
  // Without its user's list it cannot make its commit.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_list = &client == &tablet && std::holds_alternative<wire::Changes>(frame.body);
    if (is_list) frame.body = busy_for(1'000);
    return true;
  };
  dans.awake(f.world, tablet, device);
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(tablet).is_object(); }));
  ASSERT_EQ(f.say(tablet, "almost there"), "done");
  f.ann.start();
  ASSERT_EQ(f.remove(f.ann, f.dan), "done");
  // What the server shows to devices that had a leaf alone, it shows to this one neither.
  f.group().gone[{dans.record.user, device.id}] = Seq{f.group().log.size()};
  const auto expect_it_is_there = [&](const char* when) {
    EXPECT_TRUE(f.world.run_until([&] {
      const Json chat = f.chat(tablet);
      return chat.is_object() && chat["membership"] == "out";
    })) << when;
    const auto page = tablet.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 10}});
    ASSERT_TRUE(page && (*page)["type"] == "done") << when;
    ASSERT_THAT((*page)["messages"], SizeIs(1)) << when;
    EXPECT_EQ((*page)["messages"][0]["text"], "almost there") << when;
    EXPECT_EQ((*page)["messages"][0]["state"], "failed") << when;
  };
  expect_it_is_there("at once");
  tablet.stop();
  tablet.start();
  expect_it_is_there("after a restart");
}

// His tablet is in, and is not told before Ben has left: the server knows its commit again.
TEST(Arrivals, a_device_whose_user_left_while_it_was_on_its_way_in_finds_itself_out) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(2'000);
  for (Client* client : {&f.ann, &f.ben, &f.cleo, &f.dan}) client->stop();
  DevicesOf bens(f.ben);
  const auto device = bens.device(7);
  f.world.server.set_devices(bens.list(2, {&device}), {DevicesOf::listed(device)});
  Client& tablet = f.world.add("Ben's tablet");
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &tablet || !std::holds_alternative<wire::Appended>(frame.body);
  };
  bens.awake(f.world, tablet, device);
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.contains({bens.record.user, device.id}); }));
  ASSERT_TRUE(mls::decoded<ChatRecord>(tablet.rows.at(row_key::chat(f.id())))->has_pending) << "by its own commit";
  f.ben.start();
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  f.world.run_for(5'000);
  f.group().gone.erase({bens.record.user, device.id});
  f.world.to_client = nullptr;
  tablet.crash();
  EXPECT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(tablet);
    return chat.is_object() && chat["membership"] == "out";
  }));
}

// ---- with its Welcome, where there is one ----

TEST(Arrivals, a_welcome_that_is_late_is_waited_for) {
  Tablet t;
  t.ann.start();
  write(t.world, t.ann, t.id_of(t.ben), {"hello again"});
  ASSERT_TRUE(t.world.run_until([&] { return t.entered() > 0; }, 300'000)) << "Ann adds what does not come by itself";
  const auto& [id, conversation] =
      *std::ranges::find_if(t.world.server.conversations, [&](const auto& item) { return t.is_in(item.second); });
  const std::size_t commits = commits_in(conversation);
  int syncs = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* sync = std::get_if<wire::SyncOk>(&frame.body);
    if (&client == &t.tablet && sync != nullptr && ++syncs == 1) sync->mailbox_head = {};
    return true;
  };
  t.wake_up();
  const Bytes row = row_key::chat(id);
  ASSERT_TRUE(t.world.run_until([&] {
    const auto chat = t.tablet.rows.find(row);
    return chat != t.tablet.rows.end() && mls::decoded<ChatRecord>(chat->second)->membership == Membership::member;
  }));
  EXPECT_EQ(commits_in(conversation), commits) << "by the Welcome";
}

TEST(Arrivals, haste_ends_with_the_last_that_was_there) {
  Tablet t;
  std::int64_t named_at = 0;
  std::int64_t asked_at = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet) return true;
    auto* sync = std::get_if<wire::SyncOk>(&frame.body);
    if (sync != nullptr && t.entered() == t.all() && named_at == 0) {
      sync->heads.push_back({ConversationId{{0xAB}}, {7}, {1}, {}});
      named_at = t.world.now();
    }
    const auto* error = std::get_if<wire::Error>(&frame.body);
    if (error != nullptr && error->code == wire::ErrorCode::not_found && asked_at == 0) asked_at = t.world.now();
    return true;
  };
  t.wake_up();
  ASSERT_TRUE(t.world.run_until([&] { return asked_at != 0; }, 600'000));
  EXPECT_GE(asked_at - named_at, Arrivals::kPatienceMs);
}

// ---- what the server says, and does not do ----

TEST(Arrivals, nothing_is_kept_or_shown_of_groups_that_do_not_hold_and_an_invitation_is_taken_all_the_same) {
  Tablet t;
  const ModelServer::Conversation real = t.group();
  const Bytes tree = real.group->tree().encode();
  mls::Reader reader(tree);
  const Bytes nodes = to_bytes(reader.opaque());
  std::size_t false_ones = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet) return true;
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) {
      for (std::uint8_t i = 0; i < 200; ++i) sync->heads.push_back({ConversationId{{0xAB, i}}, {7}, {1}, {}});
    }
    const auto* error = std::get_if<wire::Error>(&frame.body);
    if (error == nullptr || error->code != wire::ErrorCode::not_found) return true;
    ++false_ones;  // and what it shows is a genuine group of hers, in another place
    frame.body = wire::Group{.epoch = real.epoch, .head_seq = {7}, .group_info = real.group_info, .nodes = nodes};
    return true;
  };
  t.wake_up();
  t.world.run_for(600'000);
  EXPECT_THAT(false_ones, Le(Arrivals::kMostRefused + Arrivals::kAtOnce));
  EXPECT_EQ(t.tablet.warnings["group_refused"], 1);
  EXPECT_THAT(t.chats(), Le(t.all()));
  t.dan.start();
  write(t.world, t.dan, find(t.world, t.dan, "+41790000001"), {"hello"});
  EXPECT_TRUE(await_messages(t.world, t.tablet, t.id_of(t.dan), 1));
}

TEST(Arrivals, a_group_that_was_shown_wrongly_once_is_entered_when_the_server_names_it_again) {
  Tablet t;
  bool was_lied_to = false;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet || t.shown_in(frame) != t.id() || std::exchange(was_lied_to, true)) return true;
    std::get<wire::Group>(frame.body).nodes = {};
    return true;
  };
  t.wake_up();
  t.world.run_for(30'000);
  EXPECT_TRUE(was_lied_to);
  EXPECT_EQ(t.tablet.warnings["group_refused"], 1);
  EXPECT_EQ(t.entered(), t.all() - 1);
  t.ben.start();
  EXPECT_EQ(t.say(t.ben, "anybody?"), "done");
  EXPECT_TRUE(t.await_all(600'000));
  EXPECT_EQ(t.say(t.ben, "there you are"), "done");
  EXPECT_TRUE(t.await(t.tablet, "Ben: there you are"));
}

TEST(Arrivals, a_group_that_was_shown_wrongly_once_is_entered_though_nothing_happens_in_it) {
  Tablet t;
  bool was_lied_to = false;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet || t.shown_in(frame) != t.id() || std::exchange(was_lied_to, true)) return true;
    std::get<wire::Group>(frame.body).nodes = {};
    return true;
  };
  t.wake_up();
  t.world.run_for(30'000);
  EXPECT_TRUE(was_lied_to);
  EXPECT_EQ(t.entered(), t.all() - 1);
  EXPECT_TRUE(t.await_all(120'000));
}

TEST(Arrivals, chats_that_nobody_can_enter_are_few_and_go_on_when_they_can_be_entered) {
  Tablet t(70);
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_list = &client == &t.tablet && std::holds_alternative<wire::Changes>(frame.body);
    if (is_list) frame.body = busy_for(1'000);
    return true;
  };
  t.wake_up();
  t.world.run_for(600'000);
  EXPECT_EQ(t.entered(), 0U);
  EXPECT_THAT(t.chats(), Le(Arrivals::kMostUnentered));
  t.tablet.stop();
  t.tablet.start();
  t.world.run_for(60'000);
  EXPECT_THAT(t.chats(), Le(Arrivals::kMostUnentered)) << "in all lives";
  t.dan.start();
  write(t.world, t.dan, find(t.world, t.dan, "+41790000001"), {"hello"});
  EXPECT_TRUE(await_messages(t.world, t.tablet, t.id_of(t.dan), 1)) << "a Welcome is not one of them";
  t.world.to_client = nullptr;
  EXPECT_TRUE(t.await_all(1'200'000)) << t.entered();
}

TEST(Arrivals, those_that_cannot_be_shown_keep_nobody_waiting_and_are_not_asked_for_again_and_again) {
  Tablet t(20);
  const auto newest = t.newest_first();
  const std::set<ConversationId> failing(newest.begin(), newest.begin() + Arrivals::kAtOnce);
  std::size_t failures = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.tablet) return true;
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) t.sort(*sync);
    if (const auto id = t.shown_in(frame); id && failing.contains(*id)) {
      ++failures;
      frame.body = busy_for(3'000);
    }
    return true;
  };
  t.wake_up();
  EXPECT_TRUE(t.world.run_until([&] { return t.entered() == t.all() - failing.size(); }, 5'000)) << t.entered();
  t.world.run_for(30'000);
  EXPECT_THAT(failures, Le(12 * failing.size())) << "each not before the server wants to be asked";
  EXPECT_THAT(t.stored_token(), IsEmpty());
  t.world.to_client = nullptr;
  EXPECT_TRUE(t.await_all());
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Arrivals, groups_that_are_never_shown_leave_the_connection_to_the_users_own_messages) {
  Tablet t(40);
  std::size_t withheld = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_group = &client == &t.tablet && std::holds_alternative<wire::Group>(frame.body);
    withheld += is_group ? 1 : 0;
    return !is_group;
  };
  t.wake_up();
  t.world.run_until([&] { return t.tablet.is_online(); });
  const auto own = t.tablet.ask({{"type", "create_group"}, {"name", "Mine"}, {"members", Json::array()}});
  ASSERT_TRUE(own && (*own)["type"] == "done");
  t.conversation = (*own)["chat"]["conversation"];
  t.world.boundaries = 0;
  for (int i = 0; i < 30; ++i) {
    t.world.run_for(5'000);
    EXPECT_EQ(t.say(t.tablet, "still here"), "done");
  }
  ASSERT_TRUE(t.world.run_until([&] { return t.group().log.size() >= 30; }));
  EXPECT_THAT(withheld, Le(Arrivals::kAtOnce));
  EXPECT_THAT(t.world.boundaries, Le(3'000U)) << "nor does it ask to be woken for nothing";
  EXPECT_THAT(t.world.said, IsEmpty());
}

}  // namespace
}  // namespace kith::client::test
