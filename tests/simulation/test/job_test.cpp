// The command line that does a run again, runs in processes, and shorter ones that fail as well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "tests/simulation/arguments.h"
#include "tests/simulation/processes.h"
#include "tests/simulation/shrink.h"

namespace kith::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

Job job_of(std::uint64_t seed, std::uint64_t steps) {
  Job job;
  job.options.seed = seed;
  job.options.steps = steps;
  job.options.profile = "lossy";
  return job;
}

Report failing(const std::string& why) {
  Report report{.outcome = {}, .seconds = 0, .is_whole = true};
  report.outcome.failures.push_back(why);
  return report;
}

TEST(Job, its_replay_is_read_as_the_same_job) {
  Job job = job_of(77, 30);
  job.options.people = 3;
  job.options.without = {Fault::bus_lost, Fault::client_killed};
  job.options.left_out = {1, 2, 3, 9};
  job.has_real_crypto = true;
  auto words = words_of(replay_of(job));
  words.erase(words.begin());
  const auto arguments = arguments_of(words);
  ASSERT_TRUE(arguments.has_value()) << arguments.error();
  EXPECT_EQ(replay_of(arguments->job(0, *arguments->seed)), replay_of(job));
}

TEST(Job, arguments_that_make_no_sense_are_named) {
  const auto why = [](const std::string& line) {
    const auto arguments = arguments_of(words_of(line));
    return arguments ? "nothing" : arguments.error();
  };
  EXPECT_EQ(why("--seed 5 --profile lossy"), "nothing");
  EXPECT_EQ(why("--sneed 5"), "There is no option --sneed.");
  EXPECT_EQ(why("--seed"), "--seed needs a value.");
  EXPECT_EQ(why("--seed 5x"), "--seed does not take 5x.");
  EXPECT_EQ(why("--profile stormy"), "--profile does not take stormy.");
  EXPECT_EQ(why("--without gravity"), "--without does not take gravity.");
  EXPECT_EQ(why("--leave-out 9-5"), "--leave-out does not take 9-5.");
  EXPECT_EQ(why("--trace --seeds 2"), "--trace is for one run.");
}

TEST(Processes, a_crash_and_a_run_without_end_are_reports_like_others_in_their_order) {
  Processes processes(
      [](const Job& job) {
        if (job.options.seed == 2) std::raise(SIGKILL);
        while (job.options.seed == 3) ::pause();
        Outcome outcome;
        outcome.entries = job.options.seed;
        return outcome;
      },
      2, 1);
  std::vector<std::string> told;
  processes.run(
      [next = std::uint64_t{0}]() mutable { return ++next > 4 ? std::nullopt : std::optional(job_of(next, 1)); },
      [&](const Job&, const Report& report) {
        told.push_back(report.has_failed() ? report.outcome.failures.front() : std::to_string(report.outcome.entries));
        return true;
      });
  EXPECT_THAT(told, ElementsAre("1", HasSubstr("it crashed"), HasSubstr("it did not end within 1 s"), "4"));
}

TEST(Shrink, finds_the_steps_and_the_faults_that_a_failure_needs) {
  const auto outcome_of = [](const Job& job) {
    const auto& without = job.options.without;
    const auto may_happen = [&](Fault fault) { return std::ranges::find(without, fault) == without.end(); };
    const bool is_long = job.options.steps > 20 && !job.options.left_out.contains(7);
    Report report = may_happen(Fault::bus_lost) && is_long ? failing("P1.1 misses entry 5 of abcdef") : Report{};
    for (const Fault fault : {Fault::bus_lost, Fault::bus_delayed})
      report.outcome.happened[static_cast<std::size_t>(fault)] = may_happen(fault) ? 3 : 0;
    return report;
  };
  const Job job = job_of(1, 100);
  Shrink shrink(
      [&](const std::vector<Job>& jobs) {
        std::vector<Report> reports;
        for (const Job& one : jobs) reports.push_back(outcome_of(one));
        return reports;
      },
      [](const std::string&) {});
  const Job shortest = shrink.shortest(job, outcome_of(job));
  EXPECT_EQ(shortest.options.steps, 21U);
  EXPECT_FALSE(shortest.options.left_out.contains(7));
  EXPECT_THAT(shrink.needed_faults(shortest), ElementsAre(Fault::bus_lost));
}

TEST(Shrink, failures_that_differ_in_names_and_numbers_are_of_one_kind) {
  EXPECT_EQ(kind_of("P1.1 misses entry 5 of abcdef"), kind_of("P3.2 misses entry 17 of 012345"));
  EXPECT_NE(kind_of("P1.1 misses entry 5 of abcdef"), kind_of("P1.1 shows entry 5 of abcdef"));
}

}  // namespace
}  // namespace kith::sim
