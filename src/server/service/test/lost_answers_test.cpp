// What the store did although nobody heard of it: whoever was to hear of it does, by who asks again or by the relay
// alone.
#include "server/service/test/direct_chat.h"
#include "server/service/test/group_chat.h"
#include "server/service/test/invited.h"

namespace kith::server::service::test {
namespace {

// The answer to the n-th commit from now on is lost.
void lose_answer(World& w, int n = 1) {
  auto counter = std::make_shared<int>(0);
  w.engine.fail_after = [counter, n](std::string_view operation) { return operation == "commit" && ++*counter == n; };
}

class LostAnswers : public DirectChat {
 public:
  LostAnswers() {
    w_.ok(accounts().change_devices(ann_.caller(),
                                    w_.device_change(2, {&ann_, &tablet_, &laptop_}, {&tablet_, &laptop_})));
    w_.relayed();
  }
  AccountService& accounts() { return w_.node->accounts; }
  std::size_t mails_of(const Person& person) {
    return w_.ok(service().read_mailbox(person.caller(), {}, 1 << 20)).mails.size();
  }
  // Without the laptop.
  std::string revoke() { return w_.error(accounts().change_devices(ann_.caller(), revoking_)); }

  Person tablet_ = w_.another_device(ann_);
  Person laptop_ = w_.another_device(ann_);
  domain::DeviceChange revoking_;
};

TEST_F(LostAnswers, whoever_revokes_a_device_again_has_it_logged_out_and_everybody_told) {
  const auto group = w_.start_direct(ann_, bob_);
  revoking_ = w_.device_change(3, {&ann_, &tablet_}, {});
  const auto laptop_hears = w_.listen(laptop_);
  const auto tablet_hears = w_.listen(tablet_);
  const auto bob_hears = w_.listen(bob_);
  lose_answer(w_);
  EXPECT_EQ(revoke(), "internal");
  w_.scheduler.run_ready();
  EXPECT_TRUE(laptop_hears->empty());
  EXPECT_EQ(revoke(), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*laptop_hears, (std::vector<std::string>{"lost", "logged out", "changes"}));
  EXPECT_EQ(*tablet_hears, (std::vector<std::string>{"lost", "changes"})) << "there is a generation in its mailbox";
  EXPECT_EQ(mails_of(tablet_), 1U);
  EXPECT_EQ(*bob_hears, std::vector<std::string>{"changes"});
}

TEST_F(LostAnswers, a_revoked_device_is_logged_out_though_nobody_asks_again) {
  revoking_ = w_.device_change(3, {&ann_, &tablet_}, {});
  const auto laptop_hears = w_.listen(laptop_);
  lose_answer(w_);
  EXPECT_EQ(revoke(), "internal");
  w_.scheduler.run_for(std::chrono::seconds(11));
  EXPECT_EQ(*laptop_hears, std::vector<std::string>{"logged out"});
}

TEST_F(LostAnswers, a_welcome_goes_its_way_where_the_store_fails_right_behind_the_commit) {
  const auto beginning = w_.begin_direct(ann_, bob_);
  int commits = 0;
  w_.engine.fail_before = [&](std::string_view operation) {
    commits += operation == "commit" ? 1 : 0;
    return commits == 1 && operation == "rows_at" && std::exchange(commits, 2) == 1;
  };
  EXPECT_EQ(w_.error(service().create_direct(ann_.caller(), beginning.request(bob_.user))), "internal");
  w_.scheduler.run_ready();
  EXPECT_EQ(mails_of(bob_), 1U);
}

TEST_F(LostAnswers, mail_that_may_have_come_without_a_word_has_its_device_look) {
  const auto beginning = w_.begin_direct(eve_, bob_);
  const auto bob_hears = w_.listen(bob_);
  lose_answer(w_, 2);
  w_.ok(service().create_direct(eve_.caller(), beginning.request(bob_.user)));
  w_.scheduler.run_for(std::chrono::seconds(2));
  EXPECT_EQ(mails_of(bob_), 1U);
  EXPECT_EQ(*bob_hears, (std::vector<std::string>{"entry 1", "lost"}));
}

TEST_F(LostAnswers, of_devices_that_came_everybody_is_told_though_it_was_noted_without_an_answer) {
  const auto group = w_.start_direct(eve_, bob_);
  Person second = w_.another_device(bob_);
  const auto grown = w_.device_change(2, {&bob_, &second}, {&second});
  const auto eve_hears = w_.listen(eve_);
  lose_answer(w_, 2);
  w_.ok(accounts().change_devices(bob_.caller(), grown));
  w_.scheduler.run_for(std::chrono::seconds(2));
  EXPECT_EQ(*eve_hears, std::vector<std::string>{"changes"});
}

class LostAnswersInGroups : public Invited {};

TEST_F(LostAnswersInGroups, whoever_leaves_again_has_it_told) {
  const auto ann_hears = w_.listen(ann_);
  const auto note_of_cleo = note(cleo_);
  lose_answer(w_);
  EXPECT_EQ(leave(cleo_, note_of_cleo).substr(0, 8), "internal");
  w_.scheduler.run_ready();
  EXPECT_TRUE(ann_hears->empty());
  EXPECT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, std::vector<std::string>{"changes"});
  ASSERT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  ann_hears->clear();
  EXPECT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.scheduler.run_ready();
  EXPECT_TRUE(ann_hears->empty()) << "of who is gone nobody hears again";
}

TEST_F(LostAnswersInGroups, whoever_declines_again_has_it_told) {
  invite({.needs_approval = true});
  ASSERT_EQ(ask(dan_, proof(dan_)), "ok");
  lose_answer(w_);
  EXPECT_EQ(decline(bob_, dan_).substr(0, 8), "internal");
  w_.scheduler.run_ready();
  EXPECT_TRUE(mails(dan_).empty());
  EXPECT_EQ(decline(bob_, dan_), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(mails(dan_), std::vector<std::string>{"declined 0"});
}

TEST_F(LostAnswersInGroups, of_two_who_commit_the_same_the_one_that_hears_of_it_has_it_relayed) {
  const Doing doing{.adds = {&dan_}};
  const auto pending = make(bob_, doing);
  const auto once = request(pending, doing);
  // Both have looked whether it is in the log before either is.
  w_.engine.delay = [](std::string_view operation) { return std::chrono::milliseconds(operation == "commit" ? 1 : 0); };
  lose_answer(w_);
  std::vector<std::string> answers;
  TaskScope scope;
  for (int i = 0; i < 2; ++i) {
    scope.spawn([](LostAnswersInGroups& self, const CommitRequest& same, std::vector<std::string>& out) -> Task<void> {
      out.push_back(told(co_await self.service().commit(self.bob_.caller(), same)));
    }(*this, once, answers));
  }
  w_.scheduler.run_for(std::chrono::milliseconds(20));
  EXPECT_EQ(answers, (std::vector<std::string>{"internal: a failure was asked for", "ok"}));
  EXPECT_EQ(mails(dan_), std::vector<std::string>{"welcome 3"});
}

}  // namespace
}  // namespace kith::server::service::test
