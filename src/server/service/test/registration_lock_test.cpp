// The registration lock: a number that has an account gets no other one without the PIN, and PINs are not to be
// guessed: not many at once, not around restarts, not while the store fails.
#include "server/service/registration_lock.h"

#include "server/service/account_rows.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

SecretBytes typed(std::string_view pin) { return to_secret(as_view(pin)); }

class Lock : public testing::Test {
 public:
  Lock() {
    set("2468");
    w_.scheduler.run_for(hours(25));  // until the number may be sent another code
  }
  void set(std::string_view pin) { w_.ok(w_.node->lock.set(ann_.user, typed(pin))); }
  Result<void> pass(std::string_view pin) { return w_.run(w_.node->lock.pass(ann_.user, typed(pin))); }
  std::string error(std::string_view pin) { return w_.error(w_.node->lock.pass(ann_.user, typed(pin))); }
  std::uint32_t attempts_left() {
    const auto answer = pass("1357");
    KITH_CHECK(!answer && answer.error().code == Errc::wrong_pin);
    return answer.error().attempts_left;
  }
  std::uint32_t attempts_stored() {
    const auto record =
        w_.ok(load<domain::PinRecord>(w_.store, domain::account_partition(ann_.user), {domain::RowKind::pin, {}}));
    return record ? record->value.attempts : 0;
  }
  std::string create(const domain::NewAccount& account, std::string_view pin) {
    auto with_pin = account;
    with_pin.pin = typed(pin);
    return w_.error(w_.node->accounts.create(std::move(with_pin)));
  }

  World w_;
  Person ann_ = w_.register_person("+4911");
};

TEST_F(Lock, a_locked_number_gets_a_new_account_with_the_pin_alone) {
  Person thief = w_.new_person("+4911");
  const auto account = w_.account_of(thief);
  const auto before = w_.dump();
  EXPECT_EQ(create(account, ""), "pin_needed");
  EXPECT_EQ(create(account, "12ab"), "invalid_argument");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(create(account, "1357"), "wrong_pin");
  EXPECT_EQ(w_.error(w_.node->accounts.profile(thief.user)), "not_found");
  EXPECT_EQ(create(account, "2468"), "ok");
  EXPECT_EQ(w_.ok(owner_of(w_.store, domain::address_of(account.registration))), thief.user);
  EXPECT_EQ(create(account, ""), "ok") << "a lost answer: the number is this account's now, which has no lock";
}

TEST_F(Lock, asks_nobody_whose_account_is_there_already_though_the_number_is_not_its_yet) {
  Person anew = w_.new_person("+4911");
  const auto account = w_.account_of(anew);
  // The server dies between the account and what tells the number of it.
  w_.engine.fail_before = [n = 0](std::string_view operation) mutable { return operation == "outbox" && n++ == 0; };
  (void)create(account, "2468");
  w_.engine.fail_before = nullptr;
  ASSERT_EQ(w_.ok(owner_of(w_.store, domain::address_of(account.registration))), ann_.user);
  EXPECT_EQ(create(account, ""), "ok");
  EXPECT_EQ(w_.ok(owner_of(w_.store, domain::address_of(account.registration))), anew.user);
}

TEST_F(Lock, other_numbers_are_not_asked) {
  Person bob = w_.new_person("+4922");
  EXPECT_EQ(create(w_.account_of(bob), ""), "ok");
}

TEST_F(Lock, an_attempt_is_counted_in_the_store_before_the_pin_is_looked_at) {
  w_.pins.is_held = true;
  const auto asked = w_.pins.asked;
  {
    TaskScope guess;
    const auto ask = [&]() -> Task<void> { (void)co_await w_.node->lock.pass(ann_.user, typed("1357")); };
    guess.spawn(ask());
    w_.scheduler.run_for(seconds(1));
    EXPECT_EQ(w_.pins.asked, asked + 1);
    EXPECT_EQ(attempts_stored(), 1U);
  }  // the node dies before it answers
  w_.pins.is_held = false;
  w_.restart();
  EXPECT_EQ(attempts_left(), 3U);
}

TEST_F(Lock, wrong_pins_are_paused_longer_and_longer_and_a_restart_forgets_nothing) {
  for (std::uint32_t left = 5; left-- > 0;) {
    EXPECT_EQ(attempts_left(), left);
    w_.restart();
  }
  for (const auto pause : {minutes(1), minutes(5), minutes(30), minutes(240), minutes(1440), minutes(1440)}) {
    w_.scheduler.run_for(pause - seconds(10));
    w_.restart();
    w_.node->accounts.see(ann_.caller());
    w_.scheduler.run_ready();
    const auto before = w_.dump();
    const auto asked = w_.pins.asked;
    const auto early = pass("2468");
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Errc::pin_paused) << "not even the right one";
    EXPECT_GT(early.error().retry_after_ms, 0U);
    EXPECT_LE(early.error().retry_after_ms, 10'000U);
    EXPECT_EQ(w_.dump(), before);
    EXPECT_EQ(w_.pins.asked, asked);
    w_.scheduler.run_for(seconds(10));
    EXPECT_EQ(attempts_left(), 0U);
  }
}

TEST_F(Lock, the_right_pin_forgets_the_wrong_ones) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(error("1357"), "wrong_pin");
  EXPECT_EQ(error("2468"), "ok");
  EXPECT_EQ(attempts_left(), 4U);
}

// From two nodes, as in a cluster: what one of them knows does not help.
TEST_F(Lock, guesses_that_come_at_once_are_all_counted) {
  w_.limits.pins_per_second = 1e6;
  w_.restart();
  const auto begun = w_.scheduler.now();
  Node other = w_.another_node();
  std::map<std::string, int> answers;
  const auto guess = [&](Node& node, std::string_view pin) -> Task<void> {
    const auto answer = co_await node.lock.pass(ann_.user, typed(pin));
    ++answers[answer ? "ok" : std::string(domain::name_of(answer.error().code))];
  };
  TaskScope all;
  for (int i = 0; i < 40; ++i) all.spawn(guess(i % 2 == 0 ? *w_.node : other, "1357"));
  all.spawn(guess(other, "2468"));
  w_.scheduler.run_for(seconds(30));
  EXPECT_EQ(answers["wrong_pin"], 5) << "as many as one after the other";
  EXPECT_EQ(answers["ok"], 0) << "the right one came too late";
  EXPECT_EQ(answers["pin_paused"] + answers["overloaded"], 36);
  EXPECT_EQ(attempts_stored(), 5U);
  EXPECT_LE(w_.scheduler.now() - begun, seconds(30));
}

TEST_F(Lock, a_store_that_fails_gives_no_guess_for_nothing) {
  for (const bool before : {true, false}) {
    for (int n = 1; n <= 6; ++n) {
      SCOPED_TRACE(n);
      set("2468");
      auto hook = [n, at = 0](std::string_view) mutable { return ++at == n; };
      (before ? w_.engine.fail_before : w_.engine.fail_after) = hook;
      const auto asked = w_.pins.asked;
      (void)pass("1357");
      w_.engine.fail_before = nullptr;
      w_.engine.fail_after = nullptr;
      EXPECT_GE(attempts_stored(), w_.pins.asked - asked);
      w_.scheduler.run_for(hours(1));  // so that it may be set again
      w_.node->accounts.see(ann_.caller());
      w_.scheduler.run_ready();
    }
  }
}

TEST_F(Lock, ends_a_week_after_the_last_device_was_there) {
  w_.scheduler.run_for(hours(24 * 5));
  EXPECT_EQ(error(""), "pin_needed");
  w_.node->accounts.see(ann_.caller());
  w_.scheduler.run_for(hours(24 * 7));
  EXPECT_EQ(error(""), "pin_needed") << "she was here meanwhile";
  Person anew = w_.new_person("+4911");
  const auto account = w_.account_of(anew);
  EXPECT_EQ(create(account, ""), "pin_needed");
  // It is known to the hour: she was here at 13 past.
  w_.scheduler.run_for(minutes(46));
  w_.restart();
  EXPECT_EQ(create(account, ""), "pin_needed");
  w_.scheduler.run_for(minutes(1));
  EXPECT_EQ(error(""), "ok");
  EXPECT_EQ(error("1357"), "ok");
  w_.node->accounts.see(ann_.caller());
  w_.scheduler.run_ready();
  EXPECT_EQ(error(""), "pin_needed") << "she is back in time";
}

TEST_F(Lock, is_kept_up_by_any_of_the_accounts_devices) {
  Person tablet = w_.another_device(ann_);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(2, {&ann_, &tablet}, {&tablet})));
  w_.scheduler.run_for(hours(24 * 6));
  w_.node->accounts.see(tablet.caller());
  w_.scheduler.run_for(hours(24 * 3));
  EXPECT_EQ(error(""), "pin_needed");
}

TEST_F(Lock, is_changed_and_taken_away_by_the_account) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error("1357"), "wrong_pin");
  set("13579");
  EXPECT_EQ(error("2468"), "wrong_pin") << "which may be tried, as the pause was another PIN's";
  EXPECT_EQ(error("13579"), "ok");
  for (const char* bad : {"", "123", "12 34", "abcd", "123456789012345678901"})
    EXPECT_EQ(w_.error(w_.node->lock.set(ann_.user, typed(bad))), "invalid_argument") << bad;
  EXPECT_EQ(error("13579"), "ok");
  EXPECT_TRUE(w_.ok(w_.node->lock.is_set(ann_.user)));
  EXPECT_EQ(w_.dump().find(to_hex(as_view("13579"))), std::string::npos);
  w_.ok(w_.node->lock.set(ann_.user, std::nullopt));
  EXPECT_FALSE(w_.ok(w_.node->lock.is_set(ann_.user)));
  EXPECT_EQ(error(""), "ok");
}

TEST_F(Lock, that_could_not_be_stretched_is_as_before) {
  w_.pins.fails = true;
  EXPECT_EQ(w_.error(w_.node->lock.set(ann_.user, typed("13579"))), "overloaded");
  w_.pins.fails = false;
  EXPECT_EQ(error("2468"), "ok");
}

TEST_F(Lock, stretching_is_paced_for_each_account_and_for_everybody) {
  for (int i = 0; i < 10; ++i) set("2468");
  EXPECT_EQ(w_.error(w_.node->lock.set(ann_.user, typed("2468"))), "rate_limited");
  w_.scheduler.run_for(hours(1));
  // Of many who come at once, four have their turn in a second, and whoever would wait too long comes later.
  std::vector<Person> people;
  for (int i = 0; i < 60; ++i) people.push_back(w_.register_person("+49" + std::to_string(1000 + i)));
  w_.scheduler.run_for(minutes(1));
  std::map<std::string, int> answers;
  const auto begun = w_.pins.asked;
  TaskScope all;
  const auto ask = [&](const Person& person) -> Task<void> {
    const auto answer = co_await w_.node->lock.set(person.user, typed("2468"));
    ++answers[answer ? "ok" : std::string(domain::name_of(answer.error().code))];
  };
  for (const auto& person : people) all.spawn(ask(person));
  w_.scheduler.run_ready();
  EXPECT_EQ(w_.pins.asked, begun + 4);
  w_.scheduler.run_for(seconds(1));
  EXPECT_EQ(w_.pins.asked, begun + 8);
  w_.scheduler.run_for(seconds(10));
  EXPECT_EQ(answers["ok"] + answers["rate_limited"], 60);
  EXPECT_EQ(answers["ok"], 24) << "four at once, and twenty in five seconds";
}

TEST_F(Lock, whoever_has_to_pause_takes_nobody_elses_turn) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error("1357"), "wrong_pin");
  Person bob = w_.register_person("+4922");
  w_.scheduler.run_for(seconds(5));
  const auto begun = w_.scheduler.now();
  TaskScope all;
  const auto guess = [&]() -> Task<void> { (void)co_await w_.node->lock.pass(ann_.user, typed("1357")); };
  for (int i = 0; i < 200; ++i) all.spawn(guess());
  w_.scheduler.run_ready();
  w_.ok(w_.node->lock.set(bob.user, typed("2468")));
  EXPECT_EQ(w_.scheduler.now(), begun);
}

}  // namespace
}  // namespace kith::server::service::test
