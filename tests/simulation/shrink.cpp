#include "tests/simulation/shrink.h"

#include <algorithm>
#include <cctype>

#include "tests/simulation/story.h"

namespace kith::sim {

namespace {
constexpr std::uint64_t kDescent = 24;  // steps fewer that are tried one by one, where half as many do not fail
constexpr std::size_t kAtOnce = 8;
}  // namespace

std::string kind_of(const std::string& failure) {
  std::string kind;
  std::string word;
  for (const char c : failure + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_') {
      word += c;
      continue;
    }
    const bool varies = is_short_id(word) || std::ranges::any_of(word, [](char d) { return d >= '0' && d <= '9'; });
    kind += varies ? "#" : word;
    kind += c;
    word.clear();
  }
  // What follows a colon is often what was seen.
  return kind.substr(0, std::min(kind.find(": {"), kind.find(": [")));
}

bool Shrink::fails(const Report& report) const {
  return std::ranges::any_of(report.outcome.failures,
                             [&](const std::string& failure) { return kind_of(failure) == kind_; });
}

bool Shrink::try_each(Job& job, const std::vector<Job>& candidates) {
  for (std::size_t from = 0; from < candidates.size(); from += kAtOnce) {
    const std::vector<Job> some(
        candidates.begin() + static_cast<std::ptrdiff_t>(from),
        candidates.begin() + static_cast<std::ptrdiff_t>(std::min(from + kAtOnce, candidates.size())));
    const auto reports = run_(some);
    runs_ += some.size();
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (!fails(reports[i])) continue;
      job = some[i];
      report_ = reports[i];
      say_(replay_of(job));
      return true;
    }
  }
  return false;
}

// A run of fewer steps is the beginning of this one, so what failed early fails in it as well; not always, since its
// end comes earlier.
bool Shrink::fewer_steps(Job& job) {
  bool is_shorter = false;
  while (job.options.steps > 0) {
    std::vector<Job> fewer;
    const std::uint64_t steps = job.options.steps;
    const auto try_with = [&](std::uint64_t count) {
      if (count >= steps || (!fewer.empty() && fewer.back().options.steps >= count)) return;
      fewer.push_back(job);
      fewer.back().options.steps = count;
      std::erase_if(fewer.back().options.left_out, [&](std::uint64_t step) { return step >= count; });
    };
    for (std::uint64_t part = 0; part < 8; ++part) try_with(steps * part / 8);
    for (std::uint64_t less = std::min(kDescent, steps); less > 0; --less) try_with(steps - less);
    if (!try_each(job, fewer)) break;
    is_shorter = true;
  }
  return is_shorter;
}

// Another number of people is another run altogether, which may fail in the same way.
bool Shrink::fewer_people(Job& job) {
  std::vector<Job> fewer;
  const std::size_t most = job.options.people > 0 ? job.options.people : report_.outcome.clients;
  for (std::size_t count = 2; count < most; ++count) {
    fewer.push_back(job);
    fewer.back().options.people = count;
  }
  return try_each(job, fewer);
}

bool Shrink::fewer_faults(Job& job) {
  bool is_shorter = false;
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (report_.outcome.happened[i] == 0) continue;
    Job without = job;
    without.options.without.push_back(static_cast<Fault>(i));
    is_shorter |= try_each(job, {without});
  }
  return is_shorter;
}

bool Shrink::steps_left_out(Job& job) {
  bool is_shorter = false;
  for (std::uint64_t size = std::max<std::uint64_t>(job.options.steps / 2, 1);; size = size / 2) {
    for (std::uint64_t from = 0; from < job.options.steps;) {
      Job without = job;
      for (std::uint64_t step = from; step < std::min(from + size, job.options.steps); ++step) {
        without.options.left_out.insert(step);
      }
      from += size;
      if (without.options.left_out != job.options.left_out) is_shorter |= try_each(job, {without});
    }
    if (size == 1) return is_shorter;
  }
}

Job Shrink::shortest(Job job, const Report& report) {
  report_ = report;
  kind_ = kind_of(report.outcome.failures.front());
  fewer_steps(job);
  if (fewer_people(job)) fewer_steps(job);
  do {
    while (fewer_faults(job)) fewer_steps(job);
    fewer_steps(job);
  } while (steps_left_out(job));
  return job;
}

std::vector<Fault> Shrink::needed_faults(const Job& job) const {
  std::vector<Fault> needed;
  for (std::size_t i = 0; i < kFaults; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (report_.outcome.happened[i] > 0 && std::ranges::find(job.options.without, fault) == job.options.without.end()) {
      needed.push_back(fault);
    }
  }
  return needed;
}

}  // namespace kith::sim
