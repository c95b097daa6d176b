#include "tests/simulation/session.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/simulation/shrink.h"
#include "tests/simulation/story.h"

namespace kith::sim {

namespace {
void tell(const Job& job, const Report& report) {
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
}  // namespace

Session::Session(Arguments arguments, Processes::Work work)
    : arguments_(std::move(arguments)), work_(std::move(work)), processes_(work_, arguments_.jobs) {}

int Session::misused(const std::string& why) {
  std::fprintf(stderr, "%s\n\n%s", why.c_str(), usage().c_str());
  return kMisused;
}

double Session::seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

int Session::run() {
  if (arguments_.options.prints) return show(arguments_.job(0, arguments_.seed.value_or(1)));
  std::vector<Job> listed;
  if (!arguments_.regressions.empty()) {
    std::ifstream file(arguments_.regressions);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return misused("There is no file " + arguments_.regressions + ".");
    auto jobs = regressions_of(text.str());
    if (!jobs) return misused(jobs.error());
    if (jobs->empty()) return 0;
    listed = *std::move(jobs);
  }
  return run_all(listed);
}

int Session::run_all(const std::vector<Job>& listed) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto first = arguments_.seed.value_or(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  if (!arguments_.seed) std::printf("the first seed is %llu\n", static_cast<unsigned long long>(first));
  const std::uint64_t count = listed.empty() ? arguments_.seeds * arguments_.profiles.size() : listed.size();
  std::uint64_t begun = 0;
  processes_.run(
      [&]() -> std::optional<Job> {
        if (begun == count) return std::nullopt;
        if (arguments_.for_s > 0 && seconds() >= arguments_.for_s) return std::nullopt;
        const std::uint64_t number = begun++;
        return listed.empty() ? arguments_.job(number, first) : listed[number];
      },
      [&](const Job& job, const Report& report) {
        take(job, report);
        return true;
      });
  if (count > 1) std::printf("%s", summary_.text(seconds()).c_str());
  return summary_.failed() == 0 ? 0 : kFailed;
}

int Session::show(const Job& job) {
  const auto outcome = work_(job);
  tell(job, {.outcome = outcome, .seconds = seconds(), .is_whole = true});
  return outcome.failures.empty() ? 0 : kFailed;
}

void Session::take(const Job& job, const Report& report) {
  summary_.add(job, report);
  if (!arguments_.is_quiet || report.has_failed()) tell(job, report);
  if (!report.has_failed()) return;
  if (arguments_.lines > 0) tell_story(job, report);
  if (arguments_.shrinks) shrink(job, report);
}

void Session::tell_story(const Job& job, const Report& report) {
  const std::string& failure = report.outcome.failures.front();
  const auto story = story_of(processes_, job, failure, arguments_.lines);
  std::string subjects;
  for (const std::string& subject : subjects_of(failure)) subjects += " " + subject;
  std::printf("  the last lines before it%s:\n", subjects.empty() ? "" : (" that concern" + subjects).c_str());
  for (const std::string& line : story) std::printf("    %s\n", line.c_str());
}

void Session::shrink(const Job& job, const Report& report) {
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

}  // namespace kith::sim
