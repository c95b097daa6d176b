#include "load/histogram.h"

#include <gtest/gtest.h>

namespace kith::load {
namespace {

TEST(Histogram, an_empty_one_answers_zero) { EXPECT_EQ(Histogram{}.quantile(0.5), 0); }

TEST(Histogram, small_values_are_exact) {
  Histogram h;
  for (int i = 1; i <= 100; ++i) h.add(i);
  EXPECT_EQ(h.count(), 100U);
  EXPECT_EQ(h.quantile(0.5), 50);
  EXPECT_EQ(h.quantile(0.99), 99);
  EXPECT_EQ(h.quantile(1), 100);
}

TEST(Histogram, every_value_is_answered_from_above_and_within_two_percent) {
  for (std::int64_t value = 1; value < 1'000'000'000'000; value = value * 9 / 8 + 1) {
    Histogram h;
    h.add(value);
    EXPECT_GE(h.quantile(0.5), value);
    EXPECT_LE(static_cast<double>(h.quantile(0.5)), static_cast<double>(value) * 1.016 + 1) << value;
  }
}

TEST(Histogram, what_lies_outside_goes_to_the_ends) {
  Histogram h;
  h.add(-5);
  EXPECT_EQ(h.quantile(1), 0);
  h.add(INT64_MAX);
  EXPECT_GT(h.quantile(1), 1'000'000'000'000);
}

TEST(Histogram, a_rare_outlier_shows_in_the_last_percentile_only) {
  Histogram h;
  for (int i = 0; i < 999; ++i) h.add(1000);
  h.add(1'000'000);
  EXPECT_LT(h.quantile(0.99), 1100);
  EXPECT_GE(h.quantile(1), 1'000'000);
}

}  // namespace
}  // namespace kith::load
