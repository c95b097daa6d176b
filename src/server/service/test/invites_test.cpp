// Links into a group at the server: who comes in by one, who asks to, and who neither.
#include <gmock/gmock.h>

#include "server/service/test/invited.h"

namespace kith::server::service::test {
namespace {

using Invites = Invited;
using Users = std::vector<UserId>;
constexpr const char* kRevoked = "invite_revoked: the group does not have this link any more";

TEST_F(Invites, whoever_has_a_link_comes_in_by_itself_and_is_a_member_like_all) {
  invite();
  EXPECT_EQ(look(dan_, proof(dan_)), "ok");
  EXPECT_EQ(shown_.epoch, Epoch{3});
  EXPECT_FALSE(shown_.nodes.empty());
  const auto ann_hears = w_.listen(ann_);
  EXPECT_EQ(come(dan_, {proof(dan_)}), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, std::vector<std::string>{"entry 4"});
  EXPECT_TRUE(is_listed(dan_));
  EXPECT_EQ(read(dan_), "trimmed 5") << "of what was before it sees nothing";
  EXPECT_EQ(append(dan_), "ok");
  EXPECT_EQ(read(dan_, 4), "5 of 5");
  EXPECT_EQ(commit(ann_, {.removes = {&dan_}}), "ok") << "and can be taken away";
  EXPECT_EQ(look(dan_, proof(dan_)), "ok") << "the link is still there";
}

TEST_F(Invites, nobody_comes_in_without_a_link_or_by_anothers) {
  const auto stranger = coming(dan_, {});
  EXPECT_EQ(send(dan_, stranger), "not_member: ");
  EXPECT_EQ(come(dan_, {proof(dan_)}), kRevoked) << "there is none";
  invite();
  const auto before = w_.dump();
  EXPECT_EQ(come(dan_, {}), "not_member: ");
  EXPECT_EQ(come(dan_, {proof(eve_)}), "not_member: ");
  EXPECT_EQ(come(dan_, {proof(dan_, new_link())}), kRevoked);
  auto forged = proof(dan_);
  forged.signature[3] ^= 1;
  EXPECT_EQ(come(dan_, {forged}), "invalid_argument: proof: not signed by the link's key");
  EXPECT_EQ(look(dan_, forged), "invalid_argument: proof: not signed by the link's key");
  EXPECT_EQ(look(dan_, proof(eve_)), "invalid_argument: proof: of another user");
  auto elsewhere = proof(dan_);
  elsewhere.group_id[0] ^= 1;
  elsewhere.sign(link_);
  EXPECT_EQ(come(dan_, {elsewhere}), "invalid_argument: proof: of another group");
  auto impostor = proof(dan_);
  impostor.identity_key = proof(eve_).identity_key;
  impostor.sign(link_);
  EXPECT_EQ(look(dan_, impostor), "invalid_argument: proof: of another identity");
  EXPECT_EQ(come(dan_, {impostor}), "not_allowed: somebody comes in who was neither added by one who may nor invited");
  EXPECT_EQ(w_.dump(), before);
  // A member's device comes back without one, as ever.
  EXPECT_EQ(look(cleo_, proof(cleo_)), "ok");
}

TEST_F(Invites, a_link_that_was_revoked_has_expired_or_is_used_up_lets_nobody_in) {
  const auto now_s = static_cast<std::uint64_t>(w_.scheduler.now().value / 1000);
  invite({.expires_s = now_s + 3600, .max_uses = 1});
  EXPECT_EQ(come(dan_, {proof(dan_)}), "ok");
  auto before = w_.dump();
  const std::string used_up = "invite_used_up: the link has let in as many as it may";
  EXPECT_EQ(come(eve_, {proof(eve_)}), used_up);
  EXPECT_EQ(look(eve_, proof(eve_)), used_up);
  EXPECT_EQ(ask(eve_, proof(eve_)), used_up);
  EXPECT_EQ(w_.dump(), before);

  invite({.expires_s = now_s + 3600, .max_uses = 2});
  EXPECT_EQ(look(eve_, proof(eve_)), "ok") << "what was used counts on";
  w_.scheduler.run_for(std::chrono::hours(1));
  before = w_.dump();
  const std::string expired = "invite_expired: the link has expired";
  EXPECT_EQ(come(eve_, {proof(eve_)}), expired);
  EXPECT_EQ(look(eve_, proof(eve_)), expired);
  EXPECT_EQ(ask(eve_, proof(eve_)), expired);
  EXPECT_EQ(w_.dump(), before);

  policy_.invites.clear();
  ASSERT_EQ(commit(ann_, {.policy = policy_}), "ok");
  EXPECT_EQ(come(eve_, {proof(eve_)}), kRevoked);
  EXPECT_EQ(look(eve_, proof(eve_)), kRevoked);
  EXPECT_EQ(ask(eve_, proof(eve_)), kRevoked);
  EXPECT_TRUE(w_.ok(w_.store.rows(domain::partition_of(id()), domain::RowKind::invite_uses, {}, {}, 10)).empty());
}

TEST_F(Invites, a_link_that_needs_an_approval_shows_nothing_and_tells_those_who_may_answer) {
  policy_.may_add = keys::Who::admins;
  invite({.needs_approval = true});
  const std::string not_yet = "not_allowed: the link lets nobody in who was not answered";
  EXPECT_EQ(look(dan_, proof(dan_)), "not_allowed: somebody has to let you in");
  EXPECT_EQ(come(dan_, {proof(dan_)}), not_yet);
  const auto bob_hears = w_.listen(bob_);
  const auto cleo_hears = w_.listen(cleo_);
  EXPECT_EQ(ask(dan_, proof(dan_)), "ok");
  EXPECT_EQ(ask(dan_, proof(dan_)), "ok") << "asked again, it is one";
  EXPECT_EQ(ask(eve_, proof(eve_)), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(bob_hears->size(), 2U);
  EXPECT_TRUE(cleo_hears->empty());
  EXPECT_THAT(asking(bob_), testing::UnorderedElementsAre(dan_.user, eve_.user));
  EXPECT_EQ(asking(cleo_), Users{});
  EXPECT_EQ(ask(cleo_, proof(cleo_)), "ok") << "who is in has nothing to ask";
  EXPECT_THAT(asking(bob_), testing::UnorderedElementsAre(dan_.user, eve_.user));

  EXPECT_EQ(decline(cleo_, eve_), "not_allowed: only admins add people here");
  EXPECT_EQ(decline(eve_, eve_), "not_member: ");
  EXPECT_EQ(decline(bob_, eve_), "ok");
  EXPECT_EQ(asking(ann_), Users{dan_.user});
  EXPECT_EQ(commit(bob_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(asking(ann_), Users{});
  EXPECT_TRUE(w_.ok(w_.store.rows(domain::partition_of(id()), domain::RowKind::join_request, {}, {}, 10)).empty());
}

TEST_F(Invites, a_member_that_may_not_add_brings_in_who_has_a_link_and_it_counts) {
  policy_.may_add = keys::Who::admins;
  invite({.max_uses = 1});
  EXPECT_EQ(commit(cleo_, {.adds = {&dan_}}),
            "not_allowed: somebody comes in who was neither added by one who may nor invited");
  const Doing taking_both{.adds = {&dan_, &eve_}, .grounds = {.joins = {proof(dan_), proof(eve_)}}};
  EXPECT_EQ(commit(cleo_, taking_both), "not_allowed: somebody is taken along who does not ask to come in");
  ASSERT_EQ(ask(dan_, proof(dan_)), "ok");
  ASSERT_EQ(ask(eve_, proof(eve_)), "ok");
  EXPECT_EQ(commit(cleo_, {.adds = {&dan_, &eve_}, .grounds = {.joins = {proof(dan_), proof(eve_)}}}),
            "invite_used_up: the link has let in as many as it may");
  EXPECT_EQ(commit(cleo_, {.adds = {&dan_}, .grounds = {.joins = {proof(dan_)}}}), "ok");
  EXPECT_EQ(come(eve_, {proof(eve_)}), "invite_used_up: the link has let in as many as it may");
}

TEST_F(Invites, who_does_not_get_in_alone_is_told_to_all_members_and_counts_when_an_admin_takes_it_along) {
  policy_.may_add = keys::Who::admins;
  invite({.max_uses = 1});
  const auto cleo_hears = w_.listen(cleo_);
  EXPECT_EQ(ask(dan_, proof(dan_)), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*cleo_hears, std::vector<std::string>{"changes"});
  EXPECT_EQ(asking(cleo_), Users{dan_.user});
  EXPECT_EQ(commit(bob_, {.adds = {&dan_}, .grounds = {.joins = {proof(dan_)}}}), "ok");
  EXPECT_EQ(come(eve_, {proof(eve_)}), "invite_used_up: the link has let in as many as it may");
}

TEST_F(Invites, who_left_is_not_brought_back_by_the_proof_that_stands_in_the_log) {
  policy_.may_add = keys::Who::admins;
  invite();
  ASSERT_EQ(come(dan_, {proof(dan_)}), "ok");
  const auto left = note(dan_);
  ASSERT_EQ(leave(dan_, left), "ok");
  groups_.erase(dan_.device);
  ASSERT_EQ(commit(cleo_, taking({&dan_}, {left})), "ok");
  EXPECT_EQ(commit(cleo_, {.adds = {&dan_}, .grounds = {.joins = {proof(dan_)}}}),
            "not_allowed: somebody is taken along who does not ask to come in");
}

TEST_F(Invites, what_is_no_group_looks_to_a_stranger_as_if_it_were_not_there) {
  const Beginning direct = w_.begin_direct(ann_, bob_);
  w_.ok(service().create_direct(ann_.caller(), direct.request(bob_.user)));
  const Bytes proof{1};
  for (const ConversationId& conversation : {direct.id, ConversationId{{7}}}) {
    EXPECT_EQ(told(w_.run(service().get_group(dan_.caller(), {.conversation = conversation, .proof = proof}))),
              "not_member: ");
    EXPECT_EQ(told(w_.run(service().request_join(dan_.caller(), {conversation, proof}))), "not_member: ");
  }
}

TEST_F(Invites, a_tree_that_moves_on_between_two_pieces_is_begun_anew) {
  invite();
  EXPECT_EQ(look(dan_, proof(dan_), Epoch{3}), "ok");
  ASSERT_EQ(commit(cleo_, {}), "ok");
  EXPECT_EQ(look(dan_, proof(dan_), Epoch{3}), "overloaded: ");
}

TEST_F(Invites, who_asks_by_a_link_that_is_used_up_is_told_to_nobody) {
  invite({.max_uses = 1});
  ASSERT_EQ(ask(eve_, proof(eve_)), "ok");
  ASSERT_EQ(come(dan_, {proof(dan_)}), "ok");
  EXPECT_EQ(asking(ann_), Users{});
}

TEST_F(Invites, whoever_is_declined_is_told_each_time_and_not_by_whom) {
  invite({.needs_approval = true});
  for (std::size_t times = 1; times <= 2; ++times) {
    ASSERT_EQ(ask(dan_, proof(dan_)), "ok");
    const auto dan_hears = w_.listen(dan_);
    ASSERT_EQ(decline(bob_, dan_), "ok");
    w_.relayed();
    EXPECT_EQ(dan_hears->size(), 1U);
    EXPECT_EQ(mails(dan_), std::vector<std::string>(times, "declined 0"));
  }
  const auto mail = w_.ok(service().read_mailbox(dan_.caller(), {}, 1 << 20)).mails.front();
  EXPECT_EQ(mail.conversation, id());
  EXPECT_NE(mail.sender, bob_.user);
  EXPECT_TRUE(mail.payload.empty());
  EXPECT_TRUE(mails(eve_).empty());
}

TEST_F(Invites, nobody_is_told_again_of_what_was_asked_or_answered_before) {
  invite({.needs_approval = true});
  ASSERT_EQ(ask(dan_, proof(dan_)), "ok");
  ASSERT_EQ(decline(ann_, dan_), "ok");
  const auto ann_hears = w_.listen(ann_);
  EXPECT_EQ(decline(ann_, dan_), "ok");
  w_.scheduler.run_ready();
  EXPECT_TRUE(ann_hears->empty());
}

TEST_F(Invites, whoever_left_comes_back_by_a_link_when_its_leaves_are_gone) {
  invite();
  ASSERT_EQ(commit(bob_, {.adds = {&dan_}}), "ok");
  const auto left = note(dan_);
  ASSERT_EQ(leave(dan_, left), "ok");
  EXPECT_EQ(look(dan_, proof(dan_)), "commit_first: the leaves of who left are still there");
  groups_.erase(dan_.device);
  ASSERT_EQ(commit(cleo_, taking({&dan_}, {left})), "ok");
  EXPECT_EQ(come(dan_, {proof(dan_)}), "ok");
}

// The last one to leave is its owner, whom nobody could take away: whoever came would be in a group in which nothing
// can be sent.
TEST_F(Invites, lead_into_no_group_that_its_owner_has_left) {
  invite();
  policy_.forget(bob_.user);
  ASSERT_EQ(commit(ann_, {.removes = {&bob_, &bobs_second_, &cleo_}, .policy = policy_}), "ok");
  const auto in_time = coming(dan_, {proof(dan_)});
  ASSERT_EQ(leave(ann_), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(look(dan_, proof(dan_)), "invite_revoked: nobody is in the group any more");
  EXPECT_EQ(ask(dan_, proof(dan_)), "invite_revoked: nobody is in the group any more");
  EXPECT_EQ(send(dan_, in_time), "invite_revoked: nobody is in the group any more");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Invites, a_join_that_is_repeated_gets_its_first_answer) {
  invite({.max_uses = 1});
  const auto pending = coming(dan_, {proof(dan_)});
  const CommitRequest once = request(pending);
  const auto first = w_.ok(service().commit(dan_.caller(), once));
  const auto again = w_.ok(service().commit(dan_.caller(), once));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, first.seq);
}

TEST_F(Invites, a_group_at_its_limit_takes_nobody_in_by_a_link) {
  invite();
  w_.limits.max_group_members = 3;
  w_.restart();
  EXPECT_EQ(come(dan_, {proof(dan_)}), "group_full: more members than a group may have");
}

}  // namespace
}  // namespace kith::server::service::test
