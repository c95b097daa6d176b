#include "load/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace kith::load {
namespace {

Result<Options> parse(std::vector<std::string> words) {
  std::vector<char*> argv;
  words.insert(words.begin(), "kith_load");
  for (auto& word : words) argv.push_back(word.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

TEST(Options, a_command_line_is_read) {
  const auto options = parse({"pairs", "--port", "9000", "--state", "s.json", "--pairs", "7"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->command, "pairs");
  EXPECT_EQ(options->port, 9000);
  EXPECT_EQ(options->state_file, "s.json");
  EXPECT_EQ(options->pairs, 7U);
  EXPECT_EQ(options->bytes, 200U);
}

TEST(Options, what_is_wrong_is_named) {
  EXPECT_FALSE(parse({}));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"pairs", "--prot", "1"},
                                                {"pairs", "--port"},
                                                {"pairs", "--port", "70000"},
                                                {"pairs", "--port", "1x"},
                                                {"pairs", "--window", "65"},
                                                {"pairs", "--pairs", "-1"},
                                                {"pairs", "--concurrency", "0"}}) {
    EXPECT_FALSE(parse(words)) << words.back();
  }
}

}  // namespace
}  // namespace kith::load
