// Servers that lie about groups, and members who want more than their part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "keys/group_policy.h"
#include "mls/profile.h"
#include "mls/welcome.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::Not;

struct Hostile : Friends {
  explicit Hostile(std::uint64_t seed) : Friends(seed) { found({&ben, &cleo}); }
  void lose_group(Client& client) {
    client.stop();
    client.rows.erase(row_key::group_epoch(id()));
  }
  // Comes back from outside and says that it had read nothing at all.
  void ask_for_everything(Client& client) {
    lose_group(client);
    auto record = *mls::decoded<ChatRecord>(client.rows.at(row_key::chat(id())));
    record.position = {};
    record.newest.clear();
    client.rows[row_key::chat(id())] = mls::encoded(record);
    client.start();
    EXPECT_TRUE(world.run_until([&] { return chat(client)["membership"] == "member"; }));
    world.run_for(60'000);
  }
};

TEST(GroupHostile, nobody_is_sent_what_was_said_before_they_came) {
  Hostile f(41);
  EXPECT_EQ(f.say(f.ann, "before Dan"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: before Dan");
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  EXPECT_EQ(f.say(f.ann, "with Dan"), "done");
  f.expect_all_see({&f.ben, &f.cleo, &f.dan}, "Ann: with Dan");
  f.ask_for_everything(f.dan);
  EXPECT_EQ(f.say(f.ann, "after"), "done");
  EXPECT_TRUE(f.await(f.dan, "Ann: after"));
  EXPECT_THAT(f.seen(f.dan), Not(Contains("Ann: before Dan")));
  EXPECT_THAT(f.seen(f.dan), Contains("Ann: with Dan"));
}

TEST(GroupHostile, who_was_out_sends_nothing_of_before_to_those_who_came_meanwhile) {
  Hostile f(45);
  EXPECT_EQ(f.say(f.ben, "of old"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: of old");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.dan}, "Ben: back");
  f.ask_for_everything(f.dan);
  EXPECT_EQ(f.say(f.ben, "after"), "done");
  EXPECT_TRUE(f.await(f.dan, "Ben: after"));
  EXPECT_THAT(f.seen(f.dan), Not(Contains("Ben: of old")));
}

TEST(GroupHostile, a_change_that_is_in_the_log_is_done_though_the_server_calls_its_maker_a_stranger) {
  Hostile f(46);
  bool is_told = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &f.ann && !is_told && std::holds_alternative<wire::Appended>(frame.body)) {
      frame.body =
          wire::Error{.code = wire::ErrorCode::not_member, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {}};
      is_told = true;
    }
    return true;
  };
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_TRUE(is_told);
  EXPECT_EQ(f.chat(f.ann)["membership"], "member");
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.cleo) == "Ann owner, Ben admin, Cleo member"; }));
}

// With a good list of Dan's own devices: a server that would have him in.
TEST(GroupHostile, whom_the_server_names_who_is_in_no_leaf_is_ignored) {
  Hostile f(46);
  const auto dan = Friends::device_of(f.dan).first;
  f.ann.stop();
  f.group().notes.insert_or_assign(dan, DevicesOf(f.dan).list(2, {}));
  const Epoch before = f.group().epoch;
  f.ann.start();
  EXPECT_EQ(f.say(f.ann, "just us"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: just us");
  f.world.run_for(60'000);
  EXPECT_EQ(f.group().epoch, before);
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member");
  EXPECT_TRUE(f.chat(f.dan).is_null());
}

TEST(GroupHostile, the_servers_word_alone_puts_nobody_out) {
  Hostile f(42);
  const auto self = Friends::device_of(f.ben);
  f.world.server.tell_removed(self, f.id(), {}, self.first);
  f.world.server.tell_removed(self, f.id(), {std::uint64_t{1} << 50}, self.first);
  f.world.run_for(30'000);
  EXPECT_EQ(f.chat(f.ben)["membership"], "member");
  EXPECT_EQ(f.say(f.ben, "still here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: still here");
  // And what comes after it in the mailbox is read.
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
}

TEST(GroupHostile, who_lost_a_group_comes_back_to_people_that_it_knew_and_nobody_else) {
  Hostile f(43);
  // The server and Dan, who is not in it, make another group of this name.
  kith::test::SeededEntropy entropy(5);
  const AccountRecord dan = stored_account(f.dan);
  const auto key = *crypto::Suite::product().signature_key_from(dan.leaf_key);
  auto policy = *keys::policy_of(f.group().group->context().extensions);
  policy.owner = dan.user;
  const auto forged = *mls::Group::create(
      crypto::Suite::product(),
      {.group_id = keys::group_id(f.id(), 0),
       .leaf = {.credential = mls::Credential::basic(dan.credential),
                .capabilities = mls::profile::capabilities(),
                .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(f.world.now() / 1000)),
                .extensions = {}},
       .extensions = keys::group_extensions(policy)},
      key, entropy);
  const auto next = *forged.commit({}, entropy);
  const Bytes info = next.next.group_info(true);
  int shown = 0;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    // A log that cannot be this group's makes Ben look for the group anew.
    static const Bytes garbage = to_bytes("garbage");
    const auto spoil = [](wire::Entry& entry) {
      if (entry.kind == wire::EntryKind::commit) entry.payload = garbage;
    };
    auto* hint = std::get_if<wire::EntryHint>(&frame.body);
    if (hint != nullptr && &client == &f.ben) spoil(hint->entry);
    auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (entries != nullptr && &client == &f.ben) std::ranges::for_each(entries->entries, spoil);
    auto* group = std::get_if<wire::Group>(&frame.body);
    if (group == nullptr || &client != &f.ben) return true;
    group->group_info = info;
    group->nodes = {};
    group->next_node = 0;
    ++shown;
    return true;
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(f.world.run_until([&] { return shown > 0 && f.ben.warnings["group_refused"] > 0; }));
  EXPECT_EQ(f.chat(f.ben)["membership"], "joining");
  f.world.to_client = nullptr;
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }, 300'000));
  EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member, Cleo member");
}

// Dan is one of them, and the only one who is there when Cleo comes back.
TEST(GroupHostile, whom_a_commit_with_a_wrong_membership_tag_brought_in_is_known_by_it) {
  Hostile f(47);
  Client& eve = f.world.add("Eve");
  register_account(f.world, eve, "+41790000005");
  f.cleo.stop();
  const Epoch before = f.group().epoch;
  ASSERT_EQ(f.add(f.ann, {&f.dan}), "done");
  for (Client* other : {&f.ann, &f.ben, &eve}) other->stop();
  ASSERT_EQ(f.add(f.dan, {&eve}), "done");
  Bytes mistagged;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (&client != &f.cleo || entries == nullptr) return true;
    for (wire::Entry& entry : entries->entries) {
      if (entry.kind != wire::EntryKind::commit || entry.epoch != before) continue;
      mistagged = to_bytes(entry.payload);
      mistagged.back() ^= 1;
      entry.payload = mistagged;
    }
    return true;
  };
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return f.cleo.warnings["rejoining"] == 1; }));
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "member"; }, 20'000));
  EXPECT_EQ(f.cleo.warnings["group_refused"], 0);
}

TEST(GroupHostile, a_commit_is_told_of_whom_signed_it_whatever_the_server_says) {
  Hostile f(44);
  const auto cleo = Friends::device_of(f.cleo);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* hint = std::get_if<wire::EntryHint>(&frame.body);
    if (hint != nullptr && &client == &f.ben && hint->entry.kind == wire::EntryKind::commit) {
      hint->entry.sender_user = cleo.first;
      hint->entry.sender_device = cleo.second;
    }
    return true;
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(f.await(f.ben, "[Ann: may_add admins]"));
  EXPECT_EQ(f.ben.warnings["entry_refused"], 1) << "and that is named";
}

TEST(GroupHostile, a_log_that_is_said_once_not_to_be_kept_is_read_all_the_same) {
  Friends f(91);
  f.found({&f.ben});
  f.world.run_for(5'000);
  f.ben.stop();
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  bool has_lied = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ben || !std::holds_alternative<wire::Entries>(frame.body)) return true;
    if (std::exchange(has_lied, true)) return true;
    frame.body =
        wire::Error{.code = wire::ErrorCode::trimmed, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {1'000}};
    return true;
  };
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "Ann: hello"));
  EXPECT_TRUE(has_lied);
  EXPECT_EQ(f.ben.warnings["rejoining"], 0);
}

// Cleo was in then, and could read what is said in what he would make of it.
TEST(GroupHostile, who_has_lost_a_group_does_not_come_back_to_a_past_of_it) {
  Friends f(92);
  f.found({&f.ben, &f.cleo});
  f.world.run_for(5'000);
  const auto lose_it = [&] {
    f.ben.stop();
    f.ben.rows.erase(row_key::group_epoch(f.id()));
    f.ben.start();
  };
  std::optional<Bytes> past;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &f.ben && std::holds_alternative<wire::Group>(frame.body) && !past) past = wire::encode(frame);
    return true;
  };
  lose_it();
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: back");
  ASSERT_TRUE(past);
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.await(f.ben, "[Ann removed Cleo]"));
  const wire::Frame shown = wire::decode(*past).value();
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &f.ben && std::holds_alternative<wire::Group>(frame.body)) frame.body = shown.body;
    return true;
  };
  const std::size_t entries = f.group().log.size();
  lose_it();
  EXPECT_TRUE(f.world.run_until([&] { return f.ben.warnings["group_refused"] == 1; }));
  EXPECT_EQ(f.group().log.size(), entries);
  f.world.to_client = nullptr;
  EXPECT_EQ(f.say(f.ben, "again"), "done");
  f.expect_all_see({&f.ann}, "Ben: again");
}

TEST(GroupHostile, a_place_that_no_log_has_is_not_taken) {
  Friends f(93);
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ben}, "Ann: one");
  f.ben.stop();
  f.ben.rows.erase(row_key::group_epoch(f.id()));
  bool has_lied = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* appended = std::get_if<wire::Appended>(&frame.body);
    if (&client == &f.ben && appended != nullptr && !std::exchange(has_lied, true)) appended->seq = {~std::uint64_t{1}};
    return true;
  };
  f.ben.start();
  EXPECT_TRUE(f.world.run_until([&] { return f.ben.warnings["connection_refused"] == 1; }));
  for (const char* text : {"two", "three"}) EXPECT_EQ(f.say(f.ann, text), "done");
  f.expect_all_see({&f.ben}, "Ann: three");
  const auto seen = f.seen(f.ben);
  EXPECT_EQ(std::ranges::count(seen, "Ann: one"), 1) << "it is not overwritten";
  EXPECT_EQ(seen.back(), "Ann: three");
}

}  // namespace
}  // namespace kith::client::test
