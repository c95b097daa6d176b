#include "tests/simulation/defects/proof.h"

#include <cstdio>
#include <ranges>

namespace kith::sim {

namespace {

// Of one run. Most take less than a second; with some defects they do not end.
constexpr int kLimitS = 30;

std::vector<std::string> profiles_of(const KnownDefect& defect) {
  std::vector<std::string> profiles;
  for (const auto part : std::views::split(defect.profiles, std::string_view(", "))) {
    profiles.emplace_back(part.begin(), part.end());
  }
  return profiles;
}

}  // namespace

Proof::Proof(Arguments arguments, const Processes::Work& work)
    : arguments_(std::move(arguments)), processes_(work, arguments_.jobs, kLimitS) {}

bool Proof::passes_without(Job job) {
  job.defect.clear();
  return !processes_.run(job).has_failed();
}

std::optional<Proof::Found> Proof::find(const KnownDefect& defect) {
  std::optional<Found> found;
  Arguments of = arguments_;
  of.profiles = profiles_of(defect);
  of.defect = defect.name;
  processes_.run(
      [&, number = std::uint64_t{0}]() mutable -> std::optional<Job> {
        if (number == of.seeds * of.profiles.size()) return std::nullopt;
        return of.job(number++, of.seed.value_or(1));
      },
      [&](const Job& job, const Report& report) {
        if (report.has_failed() && passes_without(job)) found = {job, report.outcome.failures.front()};
        return !found.has_value();
      });
  return found;
}

int Proof::run() {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  for (const KnownDefect& defect : known_defects()) {
    if (!arguments_.defect.empty() && defect.name != arguments_.defect) continue;
    const std::string name(defect.name);
    if (defect.profiles == kByNobody) {
      ++skipped;
      std::printf("%s: skipped: nothing finds it yet\n", name.c_str());
      continue;
    }
    const auto found = find(defect);
    ++(found ? passed : failed);
    if (found) {
      std::printf("%s is found by %s %llu: %s\n", name.c_str(), found->by.options.profile.c_str(),
                  static_cast<unsigned long long>(found->by.options.seed), found->failure.c_str());
    } else {
      std::printf("%s is not found\n", name.c_str());
    }
    std::fflush(stdout);
  }
  std::printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
  return failed == 0 ? 0 : 1;
}

}  // namespace kith::sim
