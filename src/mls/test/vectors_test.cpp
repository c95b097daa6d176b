#include "mls/test/vectors.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace kith::mls {
namespace {

class Vectors : public testing::TestWithParam<std::string_view> {};

TEST_P(Vectors, of_the_working_group_hold) {
  const std::string path = std::string(KITH_VECTORS) + "/mls/" + std::string(GetParam()) + ".json";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no vectors here: " << GetParam();
  std::stringstream text;
  text << file.rdbuf();
  const vectors::Outcome outcome = vectors::run(GetParam(), text.str());
  EXPECT_TRUE(outcome.known);
  EXPECT_GT(outcome.cases, 0);
  EXPECT_EQ(outcome.of_other_suites, 0) << "natively every suite runs";
  for (std::size_t i = 0; i < outcome.failures.size() && i < 20; ++i) ADD_FAILURE() << outcome.failures[i];
  EXPECT_TRUE(outcome.failures.empty()) << outcome.failures.size() << " failures";
}

TEST(Primitives, edge_cases_are_judged_alike_everywhere) {
  const vectors::Outcome outcome = vectors::run(vectors::kEdgeCasesName, vectors::kEdgeCases);
  EXPECT_EQ(outcome.cases, 2);
  for (const std::string& failure : outcome.failures) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(Mls, Vectors, testing::ValuesIn(vectors::names()), [](const auto& info) {
  std::string name(info.param);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace kith::mls
