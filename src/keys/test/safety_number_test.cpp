#include "keys/safety_number.h"

#include <gtest/gtest.h>

#include <set>

namespace kith::keys {
namespace {

Identity identity(std::uint8_t user, std::uint8_t key) {
  Identity made;
  made.user.value.fill(user);
  made.key.fill(key);
  return made;
}

EpochMark mark(std::uint64_t epoch, std::uint8_t secret) {
  return EpochMark::of(direct_conversation(identity(1, 1).user, identity(2, 2).user), {epoch}, Bytes(32, secret));
}

Identity ann() { return identity(1, 11); }
Identity ben() { return identity(2, 22); }

SafetyView of_ann(std::optional<EpochMark> epoch = {}) { return {ann(), ben(), epoch}; }
SafetyView of_ben(std::optional<EpochMark> epoch = {}) { return {ben(), ann(), epoch}; }

Errc error_of(const SafetyView& shows, const SafetyView& scans) {
  const auto code = SafetyCode::parse(SafetyCode::of(shows).text());
  const auto match = code ? code->compare(scans) : Result<EpochMatch>(std::unexpected(code.error()));
  return match ? Errc::malformed : match.error().code;
}

TEST(SafetyNumber, is_sixty_digits_and_the_same_on_both_sides) {
  const std::string digits = safety_digits(ann(), ben());
  EXPECT_EQ(digits.size(), 60U);
  EXPECT_EQ(digits.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_EQ(digits, safety_digits(ben(), ann()));
}

TEST(SafetyNumber, never_changes_its_format) {
  EXPECT_EQ(safety_digits(ann(), ben()), "034146729216277107496792420046801585359902285695092402787230");
  EXPECT_EQ(to_hex(mark(3, 9).mark), "0fcd3da42f3467003f1fb47dfa752f3584d2cc67645d9b421c1e336fa29abad9");
}

TEST(SafetyNumber, is_another_one_for_another_key_and_for_another_user) {
  const std::set<std::string> all{safety_digits(ann(), ben()), safety_digits(ann(), identity(2, 23)),
                                  safety_digits(identity(1, 12), ben()), safety_digits(ann(), identity(3, 22))};
  EXPECT_EQ(all.size(), 4U);
}

TEST(SafetyNumber, has_one_persons_half_in_common_with_all_numbers_of_this_person) {
  EXPECT_EQ(safety_digits(ann(), ben()).substr(0, 30), safety_digits(ann(), identity(3, 33)).substr(0, 30));
}

TEST(SafetyCode, comes_back_from_its_text) {
  for (const auto& view : {of_ann(), of_ann(mark(7, 1))}) {
    const SafetyCode code = SafetyCode::of(view);
    const auto parsed = SafetyCode::parse("  " + code.text() + "\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, code);
    EXPECT_LE(code.text().size(), 240U);
  }
}

TEST(SafetyCode, that_is_not_one_is_refused) {
  const std::string good = SafetyCode::of(of_ann(mark(7, 1))).text();
  std::vector<std::string> bad{"", " ", "hello", "kith-safety:", "kith-safety:!", good + "AAAA", "x" + good};
  for (std::size_t size = 0; size < good.size(); ++size) bad.push_back(good.substr(0, size));
  std::string newer = good;
  newer[12] = 'B';  // the version
  bad.push_back(newer);
  for (const std::string& text : bad) {
    const auto parsed = SafetyCode::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::not_a_safety_number);
  }
}

TEST(SafetyCode, of_a_conversation_that_is_not_theirs_is_refused) {
  SafetyCode code = SafetyCode::of(of_ann(mark(7, 1)));
  std::string text = code.text();
  auto bytes = *from_base64url(text.substr(12));
  bytes[98] ^= 1;  // in the id of the conversation
  EXPECT_FALSE(SafetyCode::parse("kith-safety:" + to_base64url(bytes)));
}

TEST(SafetyCode, tells_that_identities_and_conversation_are_the_same) {
  EXPECT_EQ(*SafetyCode::of(of_ann()).compare(of_ben()), EpochMatch::none);
  EXPECT_EQ(*SafetyCode::of(of_ann(mark(7, 1))).compare(of_ben()), EpochMatch::none);
  EXPECT_EQ(*SafetyCode::of(of_ann()).compare(of_ben(mark(7, 1))), EpochMatch::none);
  EXPECT_EQ(*SafetyCode::of(of_ann(mark(7, 1))).compare(of_ben(mark(7, 1))), EpochMatch::same);
  EXPECT_EQ(*SafetyCode::of(of_ann(mark(7, 1))).compare(of_ben(mark(8, 2))), EpochMatch::unknown);
}

TEST(SafetyCode, tells_whose_identity_differs) {
  EXPECT_EQ(error_of(of_ann(), {ben(), identity(1, 12)}), Errc::their_identity_differs);
  EXPECT_EQ(error_of(of_ann(), {identity(2, 23), ann()}), Errc::own_identity_differs);
}

TEST(SafetyCode, of_other_people_is_named) {
  EXPECT_EQ(error_of(of_ann(), {ben(), identity(3, 33)}), Errc::other_person);
  EXPECT_EQ(error_of({ann(), identity(3, 33)}, of_ben()), Errc::other_person);
  EXPECT_EQ(error_of(of_ben(), of_ben()), Errc::other_person);
}

TEST(SafetyCode, shows_a_log_that_is_forked) {
  EXPECT_EQ(error_of(of_ann(mark(7, 1)), of_ben(mark(7, 2))), Errc::log_forked);
}

}  // namespace
}  // namespace kith::keys
