#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

class Registration : public testing::Test {
 public:
  RegistrationService::Begun begin(const std::string& phone = "+4911") {
    return w_.ok(w_.node->registrations.begin({.phone = phone, .region = {}, .email = {}}, "::1"));
  }
  Result<RegistrationService::Confirmed> confirm(const domain::RegistrationId& id, const std::string& code) {
    return w_.run(w_.node->registrations.confirm(id, code, "::1"));
  }
  std::string wrong(std::string code) {
    code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
    return code;
  }
  World w_;
};

TEST_F(Registration, the_right_code_promises_a_user_and_an_asked_again_answer_promises_the_same_one) {
  const auto begun = begin();
  EXPECT_EQ(begun.resend_after, std::chrono::seconds(30));
  EXPECT_EQ(begun.expires_in, std::chrono::minutes(10));
  const auto first = confirm(begun.registration, w_.sender.codes["+4911"]);
  const auto again = confirm(begun.registration, w_.sender.codes["+4911"]);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->user, again->user);
}

TEST_F(Registration, a_wrong_code_counts_and_after_five_the_right_one_is_refused_too) {
  const auto begun = begin();
  const auto code = w_.sender.codes["+4911"];
  for (std::uint32_t left = 4; left > 0; --left) {
    const auto answer = confirm(begun.registration, wrong(code));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::wrong_code);
    EXPECT_EQ(answer.error().attempts_left, left);
  }
  EXPECT_EQ(confirm(begun.registration, wrong(code)).error().code, Errc::too_many_attempts);
  const auto before = w_.dump();
  EXPECT_EQ(confirm(begun.registration, code).error().code, Errc::too_many_attempts);
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Registration, guesses_made_at_once_are_all_counted) {
  const auto begun = begin();
  const auto code = w_.sender.codes["+4911"];
  int wrong_answers = 0;
  int refused = 0;
  TaskScope scope;
  for (int i = 0; i < 8; ++i) {
    scope.spawn(
        [](Registration& self, domain::RegistrationId id, std::string guess, int& wrong, int& no) -> Task<void> {
          const auto answer = co_await self.w_.node->registrations.confirm(id, guess, "::1");
          if (!answer && answer.error().code == Errc::wrong_code) ++wrong;
          if (!answer && answer.error().code == Errc::too_many_attempts) ++no;
        }(*this, begun.registration, wrong(code), wrong_answers, refused));
  }
  w_.scheduler.run_ready();
  EXPECT_EQ(wrong_answers, 4);
  EXPECT_EQ(refused, 4);
}

TEST_F(Registration, a_code_expires_after_ten_minutes) {
  const auto begun = begin();
  const auto code = w_.sender.codes["+4911"];
  w_.scheduler.run_for(std::chrono::minutes(10));
  const auto before = w_.dump();
  EXPECT_EQ(confirm(begun.registration, code).error().code, Errc::code_expired);
  EXPECT_EQ(w_.error(w_.node->registrations.resend(begun.registration, "::1")), "code_expired");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Registration, resending_waits_longer_each_time_also_by_beginning_again) {
  const auto begun = begin();
  EXPECT_EQ(w_.error(w_.node->registrations.resend(begun.registration, "::1")), "rate_limited");
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = "+4911", .region = {}, .email = {}}, "::2")),
            "rate_limited");
  w_.scheduler.run_for(std::chrono::seconds(30));
  const auto first = w_.sender.codes["+4911"];
  EXPECT_EQ(w_.ok(w_.node->registrations.resend(begun.registration, "::1")).resend_after, std::chrono::seconds(60));
  EXPECT_EQ(w_.sender.sent, 2);
  EXPECT_EQ(confirm(begun.registration, first).error().code, Errc::wrong_code);
  w_.scheduler.run_for(std::chrono::seconds(60));
  EXPECT_EQ(begin().resend_after, std::chrono::seconds(120));
  w_.scheduler.run_for(std::chrono::hours(25));
  EXPECT_EQ(begin().resend_after, std::chrono::seconds(30));
}

TEST_F(Registration, who_proved_an_address_can_finish_although_a_stranger_begins_again_and_again) {
  Person ann = w_.new_person("+4911");
  const auto account = [&] {
    auto made = w_.account_of(ann);
    for (int i = 0; i < 3; ++i) {
      w_.scheduler.run_for(std::chrono::minutes(5));
      const auto strange = begin();
      EXPECT_EQ(confirm(strange.registration, wrong(w_.sender.codes["+4911"])).error().code, Errc::wrong_code);
      EXPECT_NE(strange.registration, made.registration) << "nobody learns which registration was proved";
    }
    return made;
  }();
  EXPECT_EQ(w_.error(w_.node->accounts.create(account)), "ok");
}

TEST_F(Registration, an_earlier_proof_ends_with_its_hour_and_with_the_next_right_code) {
  Person ann = w_.new_person("+4911");
  const auto first = w_.account_of(ann);
  w_.scheduler.run_for(std::chrono::minutes(5));
  begin();
  w_.scheduler.run_for(std::chrono::minutes(56));
  EXPECT_EQ(w_.error(w_.node->accounts.create(first)), "code_expired");

  Person bob = w_.new_person("+4922");
  const auto second = w_.account_of(bob);
  w_.scheduler.run_for(std::chrono::minutes(5));
  const auto again = begin("+4922");
  ASSERT_TRUE(confirm(again.registration, w_.sender.codes["+4922"]));
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(w_.node->accounts.create(second)), "not_found");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Registration, known_and_unknown_addresses_get_the_same_answer) {
  w_.register_person("+4911");
  w_.scheduler.run_for(std::chrono::hours(25));
  const auto known = begin("+4911");
  const auto unknown = begin("+4922");
  EXPECT_EQ(known.resend_after, unknown.resend_after);
  EXPECT_EQ(known.expires_in, unknown.expires_in);
}

TEST_F(Registration, one_source_may_not_begin_without_end) {
  int begun = 0;
  for (int i = 0; i < 100; ++i) {
    if (w_.run(w_.node->registrations.begin({.phone = "+49" + std::to_string(1000 + i), .region = {}, .email = {}},
                                            "::1")))
      ++begun;
  }
  EXPECT_EQ(begun, 60);
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = "+492000", .region = {}, .email = {}}, "::2")), "ok");
}

TEST_F(Registration, an_email_is_an_address_and_two_addresses_at_once_are_none) {
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = {}, .region = {}, .email = "Ann@Example.org"}, "::1")),
            "ok");
  EXPECT_EQ(w_.sender.codes.count("ann@example.org"), 1U);
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = "+4911", .region = {}, .email = "a@b.c"}, "::1")),
            "invalid_argument");
  EXPECT_EQ(w_.error(w_.node->registrations.begin({}, "::1")), "invalid_argument");
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = "no", .region = {}, .email = {}}, "::1")),
            "invalid_argument");
}

TEST_F(Registration, unknown_registrations_are_not_found_and_change_nothing) {
  const auto begun = begin();
  const auto before = w_.dump();
  auto other = begun.registration;
  other.value[47] ^= 1;
  EXPECT_EQ(confirm(other, w_.sender.codes["+4911"]).error().code, Errc::not_found);
  EXPECT_EQ(confirm(domain::RegistrationId{}, "000000").error().code, Errc::not_found);
  EXPECT_EQ(w_.error(w_.node->registrations.resend(domain::RegistrationId{}, "::1")), "not_found");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Registration, a_carrier_that_fails_is_told_and_the_code_can_be_asked_for_again) {
  w_.sender.fails = true;
  EXPECT_EQ(w_.error(w_.node->registrations.begin({.phone = "+4911", .region = {}, .email = {}}, "::1")), "overloaded");
  w_.sender.fails = false;
  w_.scheduler.run_for(std::chrono::seconds(30));
  const auto begun = begin();
  EXPECT_TRUE(confirm(begun.registration, w_.sender.codes["+4911"]));
}

TEST_F(Registration, the_store_holds_neither_address_nor_code) {
  begin("+4917012345678");
  const auto dump = w_.dump();
  for (const auto& secret :
       {std::string("+4917012345678"), std::string("4917012345678"), w_.sender.codes["+4917012345678"]}) {
    EXPECT_EQ(dump.find(to_hex(as_view(secret))), std::string::npos);
  }
}

}  // namespace
}  // namespace kith::server::service::test
