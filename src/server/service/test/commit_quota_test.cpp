// How often one member may change one group, and how often people may come into one by a link.
#include "server/service/test/invited.h"

namespace kith::server::service::test {
namespace {

class CommitQuota : public GroupChat {
 public:
  CommitQuota() {
    w_.limits.commits_per_member_minute = 2;
    w_.restart();
  }
};

TEST_F(CommitQuota, a_flood_by_one_member_is_refused_and_hinders_nobody) {
  EXPECT_EQ(commit(ann_, {}), "ok");
  EXPECT_EQ(commit(ann_, {}), "ok");
  const auto before = w_.dump();
  for (int i = 0; i < 50; ++i) {
    const auto refused = w_.run(service().commit(ann_.caller(), request(make(ann_, {}))));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::rate_limited);
    EXPECT_EQ(refused.error().retry_after_ms, 30'000U);
  }
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(append(ann_), "ok");
  EXPECT_EQ(append(cleo_), "ok");
  EXPECT_EQ(commit(bob_, {}), "ok");
  EXPECT_EQ(commit(cleo_, {}), "ok");
  w_.scheduler.run_for(std::chrono::seconds(30));
  EXPECT_EQ(commit(ann_, {}), "ok");
  EXPECT_EQ(commit(ann_, {}), "rate_limited: ");
}

TEST_F(CommitQuota, devices_of_one_member_share_it) {
  EXPECT_EQ(commit(bob_, {}), "ok");
  EXPECT_EQ(commit(bobs_second_, {}), "ok");
  EXPECT_EQ(commit(bob_, {}), "rate_limited: ");
}

TEST_F(CommitQuota, a_commit_whose_answer_was_lost_gets_it_again_and_counts_once) {
  const auto pending = make(ann_, {});
  const auto asked = request(pending);
  const auto first = w_.ok(service().commit(ann_.caller(), asked));
  for (int i = 0; i < 5; ++i) {
    const auto again = w_.ok(service().commit(ann_.caller(), asked));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.seq, first.seq);
  }
}

TEST_F(CommitQuota, those_that_came_too_late_do_not_count) {
  const auto late = make(cleo_, {});
  EXPECT_EQ(commit(ann_, {}), "ok");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(w_.error(service().commit(cleo_.caller(), request(late))), "stale_epoch");
  EXPECT_EQ(commit(cleo_, {}), "ok");
}

TEST_F(CommitQuota, of_somebody_who_is_not_in_nothing_is_counted) {
  const auto pending = make(ann_, {});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(w_.error(service().commit(dan_.caller(), request(pending))), "not_member");
  EXPECT_EQ(commit(ann_, {}), "ok");
}

// Those who come by a link, in the same minute.
class JoinQuota : public Invited {
 public:
  JoinQuota() {
    w_.limits.joins_per_group_minute = 2;
    w_.restart();
    invite();
  }
};

TEST_F(JoinQuota, a_crowd_with_a_link_is_held_back_and_members_go_on) {
  const Person eve = w_.register_person("+4956");
  const Person fay = w_.register_person("+4957");
  EXPECT_EQ(come(dan_, {proof(dan_)}), "ok");
  EXPECT_EQ(come(eve, {proof(eve)}), "ok");
  const auto before = w_.dump();
  for (int i = 0; i < 5; ++i) {
    const auto pending = coming(fay, {proof(fay)});
    const auto refused = w_.run(service().commit(fay.caller(), request(pending)));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::rate_limited);
    EXPECT_EQ(refused.error().retry_after_ms, 30'000U);
  }
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(commit(ann_, {}), "ok");
  EXPECT_EQ(commit(bob_, {}), "ok");
  w_.scheduler.run_for(std::chrono::seconds(30));
  EXPECT_EQ(come(fay, {proof(fay)}), "ok");
}

TEST_F(JoinQuota, who_has_no_link_keeps_nobody_out) {
  const Person eve = w_.register_person("+4956");
  for (int i = 0; i < 5; ++i) EXPECT_NE(come(eve, {proof(eve, new_link())}), "ok");
  EXPECT_EQ(come(dan_, {proof(dan_)}), "ok");
  EXPECT_EQ(come(eve, {proof(eve)}), "ok");
}

TEST_F(JoinQuota, whose_answer_was_lost_gets_it_again) {
  const Person eve = w_.register_person("+4956");
  EXPECT_EQ(come(eve, {proof(eve)}), "ok");
  const auto once = coming(dan_, {proof(dan_)});
  const auto asked = request(once);
  w_.ok(service().commit(dan_.caller(), asked));
  EXPECT_TRUE(w_.ok(service().commit(dan_.caller(), asked)).duplicate);
}

}  // namespace
}  // namespace kith::server::service::test
