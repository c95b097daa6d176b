// What went wrong, in words for people.
#include "cli/session.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

std::string words(const char* error, const char* message) {
  return problem_of(Json{{"error", error}, {"message", message}}).message;
}

TEST(Problems, the_words_of_a_server_or_a_library_are_not_shown_where_there_are_better_ones) {
  EXPECT_EQ(words("link_foreign", "the link is for another account"),
            "This code is for another account. Begin again on the new device, with the number or e-mail of yours.");
  EXPECT_EQ(words("recovery_key_checksum", "the recovery key is mistyped"),
            "This key is mistyped somewhere. Compare it with your copy, group by group.");
  for (const char* error : {"link_used", "link_expired", "recovery_key_length", "recovery_key_character",
                            "device_unreachable", "no_device", "identity_changed"})
    EXPECT_EQ(words(error, "a sentence of theirs").find("theirs"), std::string::npos) << error;
}

TEST(Problems, any_other_sentence_begins_and_ends_as_one) {
  EXPECT_EQ(words("invalid_argument", "the name is too long"), "The name is too long.");
  EXPECT_EQ(words("invalid_argument", "Done already."), "Done already.");
  EXPECT_EQ(words("strange", ""), "That did not work (strange).");
}

}  // namespace
}  // namespace kith::cli
