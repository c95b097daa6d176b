// kith-sim: runs the simulator. README.md beside this says how.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/simulation/arguments.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/story.h"
#include "tests/simulation/summary.h"
#include "tests/simulation/toy_crypto/toy.h"
#ifdef KITH_SIM_DEFECTS
#include <algorithm>

#include "tests/simulation/defects/defect.h"
#endif

namespace kith::sim {
namespace {

constexpr int kFailed = 1;
constexpr int kMisused = 2;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

int misused(const std::string& why) {
  std::fprintf(stderr, "%s\n\n%s", why.c_str(), usage().c_str());
  return kMisused;
}

#ifdef KITH_SIM_DEFECTS
bool has_defect_named(const std::string& name) {
  return std::ranges::find(known_defects(), name, &KnownDefect::name) != known_defects().end();
}
int list_defects() {
  for (const KnownDefect& known : known_defects()) {
    std::printf("%-34.*s %.*s\n", static_cast<int>(known.name.size()), known.name.data(),
                static_cast<int>(known.what.size()), known.what.data());
  }
  return 0;
}
#else
bool has_defect_named(const std::string&) { return false; }
int list_defects() { return misused("There are no defects in this program; kith-sim-defects has them."); }
#endif

Outcome carry_out(const Job& job) {
  use_toy_crypto(!job.has_real_crypto);
#ifdef KITH_SIM_DEFECTS
  if (!job.defect.empty()) plant_defect(job.defect);
#endif
  return simulate(job.options);
}

class Session {
 public:
  explicit Session(Arguments arguments)
      : arguments_(std::move(arguments)), processes_(carry_out, arguments_.jobs), began_(Clock::now()) {}

  int run_all(const std::vector<Job>& listed) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto first = arguments_.seed.value_or(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    if (!arguments_.seed) std::printf("the first seed is %llu\n", static_cast<unsigned long long>(first));
    const std::uint64_t count = listed.empty() ? arguments_.seeds * arguments_.profiles.size() : listed.size();
    std::uint64_t begun = 0;
    processes_.run(
        [&]() -> std::optional<Job> {
          if (begun == count) return std::nullopt;
          if (arguments_.for_s > 0 && seconds_since(began_) >= arguments_.for_s) return std::nullopt;
          const std::uint64_t number = begun++;
          return listed.empty() ? arguments_.job(number, first) : listed[number];
        },
        [&](const Job& job, const Report& report) {
          take(job, report);
          return true;
        });
    if (count > 1) std::printf("%s", summary_.text(seconds_since(began_)).c_str());
    return summary_.failed() == 0 ? 0 : kFailed;
  }

  // With its trace, in this process.
  int show(const Job& job) {
    const auto outcome = carry_out(job);
    tell(job, {.outcome = outcome, .seconds = seconds_since(began_), .is_whole = true});
    return outcome.failures.empty() ? 0 : kFailed;
  }

 private:
  void take(const Job& job, const Report& report) {
    summary_.add(job, report);
    if (!arguments_.is_quiet || report.has_failed()) tell(job, report);
    if (!report.has_failed()) return;
    if (arguments_.lines > 0) tell_story(job, report);
    if (arguments_.shrinks) shrink(job, report);
  }

  static void tell(const Job& job, const Report& report) {
    const Outcome& outcome = report.outcome;
    std::printf("seed %llu %s%s: ", static_cast<unsigned long long>(job.options.seed), job.options.profile.c_str(),
                job.has_real_crypto ? ", real crypto" : "");
    if (report.is_whole) {
      std::printf("%zu clients, %zu entries, %zu messages, %.1f virtual hours, %llu events, %.2f s, trace %016llx\n",
                  outcome.clients, outcome.entries, outcome.messages, static_cast<double>(outcome.virtual_ms) / 3.6e6,
                  static_cast<unsigned long long>(outcome.events), report.seconds,
                  static_cast<unsigned long long>(outcome.trace_hash));
    } else {
      std::printf("%.2f s\n", report.seconds);
    }
    for (const auto& failure : outcome.failures) std::printf("  FAILURE: %s\n", failure.c_str());
    if (report.has_failed()) std::printf("  replay: %s\n", replay_of(job).c_str());
  }

  void tell_story(const Job& job, const Report& report) {
    const std::string& failure = report.outcome.failures.front();
    const auto story = story_of(processes_, job, failure, arguments_.lines);
    std::string subjects;
    for (const std::string& subject : subjects_of(failure)) subjects += " " + subject;
    std::printf("  the last lines before it%s:\n", subjects.empty() ? "" : (" that concern" + subjects).c_str());
    for (const std::string& line : story) std::printf("    %s\n", line.c_str());
  }

  void shrink(const Job& job, const Report& report) {
    const auto run = [&](const std::vector<Job>& jobs) {
      std::vector<Report> reports;
      processes_.run(
          [&, next = jobs.begin()]() mutable { return next == jobs.end() ? std::nullopt : std::optional(*next++); },
          [&](const Job&, const Report& one) {
            reports.push_back(one);
            return true;
          });
      return reports;
    };
    Shrink shrink(run, [](const std::string& shorter) {
      std::printf("  fails as well: %s\n", shorter.c_str());
      std::fflush(stdout);
    });
    const Job shortest = shrink.shortest(job, report);
    std::printf("  shrunk in %zu runs, to %zu steps:\n", shrink.runs(),
                shortest.options.steps - shortest.options.left_out.size());
    tell(shortest, shrink.report());
    std::printf("  faults that it needs:");
    for (const Fault fault : shrink.needed_faults(shortest)) std::printf(" %s", std::string(name_of(fault)).c_str());
    std::printf("\n");
    if (arguments_.lines > 0) tell_story(shortest, shrink.report());
  }

  Arguments arguments_;
  Processes processes_;
  Clock::time_point began_;
  Summary summary_;
};

int run(const std::vector<std::string>& words) {
  const auto arguments = arguments_of(words);
  if (!arguments) return misused(arguments.error());
  if (arguments->helps) return std::printf("%s", usage().c_str()) < 0;
  if (arguments->lists_defects) return list_defects();
  if (!arguments->defect.empty() && !has_defect_named(arguments->defect)) {
    return misused("There is no defect " + arguments->defect + " here.");
  }
  if (arguments->options.prints) return Session(*arguments).show(arguments->job(0, arguments->seed.value_or(1)));
  std::vector<Job> listed;
  if (!arguments->regressions.empty()) {
    std::ifstream file(arguments->regressions);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return misused("There is no file " + arguments->regressions + ".");
    auto jobs = regressions_of(text.str());
    if (!jobs) return misused(jobs.error());
    if (jobs->empty()) return 0;
    listed = *std::move(jobs);
  }
  return Session(*arguments).run_all(listed);
}

}  // namespace
}  // namespace kith::sim

int main(int count, char** words) { return kith::sim::run({words + 1, words + count}); }
