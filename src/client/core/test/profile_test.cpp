// Whatever becomes of those who know how a group calls itself: in the end all who are in it call it the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/record.h"
#include "client/core/test/friends.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;

// Another name in the rows of a client that is stopped, which it says as soon as it starts.
void make_say(Friends& f, Client& client, const ProfileWord& word) {
  auto chat = *mls::decoded<ChatRecord>(client.rows.at(row_key::chat(f.id())));
  chat.group->profile = word.profile;
  chat.group->source = word.source;
  chat.group->named_at = word.at;
  chat.group->profile_due_ms = word.profile.name.empty() ? 0 : f.world.now();
  client.rows[row_key::chat(f.id())] = mls::encoded(chat);
}

bool calls_it(Friends& f, Client& client, const std::string& name, std::int64_t limit_ms = 120'000) {
  return f.world.run_until([&] { return f.info(client)["name"] == name; }, limit_ms);
}

TEST(Profile, of_two_words_all_take_the_same) {
  using enum ProfileSource;
  const std::vector<ProfileWord> rising{
      {{"", "of no name"}, given, {9}}, {{"A", ""}, before, {0}},  {{"A", ""}, before, {5}}, {{"B", ""}, before, {5}},
      {{"B", "x"}, before, {5}},        {{"A", ""}, hearsay, {4}}, {{"A", ""}, given, {3}},  {{"A", ""}, given, {4}}};
  for (std::size_t a = 0; a < rising.size(); ++a) {
    for (std::size_t b = 0; b < rising.size(); ++b) EXPECT_EQ(rising[a].beats(rising[b]), a > b) << a << " and " << b;
  }
}

TEST(Profile, who_comes_back_from_outside_hears_of_a_name_that_was_given_meanwhile) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"name", "Renamed"}}), "done");
  f.ben.rows.erase(row_key::group_epoch(f.id()));
  f.ben.start();
  EXPECT_TRUE(calls_it(f, f.ben, "Renamed"));
}

// The program ends before the new name is encrypted, and once more before what was written behind it is.
TEST(Profile, a_name_that_waits_in_one_life_is_not_written_over_by_what_waits_in_the_next) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(10'000);
  const auto begin_a_life = [&] {
    f.ann.crash();
    ASSERT_TRUE(f.world.run_until([&] { return f.ann.is_running() && f.ann.is_online(); }));
  };
  // Nothing leaves before the devices are known.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &f.ann || !std::holds_alternative<wire::Changes>(frame.body);
  };
  begin_a_life();
  f.ann.tell({{"type", "set_group"}, {"conversation", f.conversation}, {"name", "Renamed"}});
  f.world.run_for(100);
  begin_a_life();
  f.ann.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "behind it"}});
  f.world.run_for(100);
  f.world.to_client = nullptr;
  begin_a_life();
  f.expect_all_see({&f.ann, &f.ben}, "Ann: behind it");
  EXPECT_TRUE(calls_it(f, f.ben, "Renamed"));
  begin_a_life();
  f.expect_all_see({&f.ann, &f.ben}, "Ann: behind it");
  EXPECT_EQ(f.ann.warnings["entry_refused"], 0);
}

TEST(Profile, an_old_word_is_said_where_nobody_has_a_better_one) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(10'000);
  f.ann.stop();
  f.ben.stop();
  make_say(f, f.ben, {});
  f.ann.rows.erase(row_key::group_epoch(f.id()));
  f.ben.start();
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  f.ann.start();
  EXPECT_TRUE(calls_it(f, f.ben, "Hiking"));
}

TEST(Profile, an_old_word_gives_way_to_what_anybody_knows) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"name", "Renamed"}}), "done");
  ASSERT_TRUE(calls_it(f, f.cleo, "Renamed"));
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "[Ann: may_edit admins]");
  f.ann.stop();
  f.ben.stop();
  make_say(f, f.ben, {{"Hiking", ""}, ProfileSource::before, {}});
  f.ben.start();
  EXPECT_TRUE(calls_it(f, f.ben, "Renamed")) << "though Cleo may not give it";
  EXPECT_EQ(f.info(f.cleo)["name"], "Renamed");
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Profile, who_may_not_edit_misleads_those_who_are_new_until_one_speaks_who_may) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "[Ann: may_edit admins]");
  f.ann.stop();
  f.cleo.stop();
  make_say(f, f.cleo, {{"Cleo's", ""}, ProfileSource::given, {1'000}});
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return f.ben.warnings["entry_refused"] == 1; }));
  EXPECT_EQ(f.add(f.cleo, {&f.dan}), "done");
  EXPECT_TRUE(calls_it(f, f.dan, "Cleo's"));
  EXPECT_EQ(f.info(f.ben)["name"], "Hiking");
  f.ann.start();
  EXPECT_TRUE(calls_it(f, f.dan, "Hiking", 60'000));
  EXPECT_EQ(f.info(f.ann)["name"], "Hiking");
  EXPECT_EQ(f.info(f.ben)["name"], "Hiking");
}

TEST(Profile, who_may_edit_no_more_when_the_name_goes_out_names_nothing) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  bool hears = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return hears || &client != &f.ben || !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  EXPECT_EQ(f.run(f.ben, {{"type", "set_group"}, {"name", "Ben's"}}), "not_allowed");
  hears = true;
  EXPECT_EQ(f.say(f.ben, "a pity"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: a pity");
  for (Client* client : {&f.ann, &f.ben, &f.cleo}) EXPECT_EQ(f.info(*client)["name"], "Hiking");
  EXPECT_THAT(f.world.said, IsEmpty());
}

}  // namespace
}  // namespace kith::client::test
