#include "tests/simulation/arguments.h"

#include <charconv>
#include <functional>
#include <ranges>
#include <sstream>

namespace kith::sim {

namespace {

constexpr std::uint64_t kOneRealIn = 10;
constexpr const char* kProfiles[] = {"calm", "lossy", "crashy", "hostile"};

constexpr const char* kUsage =
    "kith-sim [option...]: runs servers and clients in one thread, on virtual time, from a seed. The same seed gives "
    "the\n"
    "same run. Exits with 1 where a run failed.\n"
    "\n"
    "  --seed N|fresh       the first seed (1); fresh: from the time, and printed\n"
    "  --seeds COUNT        how many seeds, from it on (1)\n"
    "  --for SECONDS        begin no run after this time; without --seeds as many as fit\n"
    "  --profile NAME|all   calm, lossy, crashy, hostile; all: each seed in each (calm)\n"
    "  --steps M            what people do before all comes to rest (100)\n"
    "  --people P           how many there are in the beginning (as chance has it)\n"
    "  --crypto WHICH       toy, real; mixed: one seed in ten real (toy)\n"
    "  --without FAULT      this fault never happens; may be said several times\n"
    "  --leave-out STEPS    these steps are left out, as in 3,5-9 (the first is 0)\n"
    "  --jobs J             processes at a time (1)\n"
    "  --regressions FILE   run what the file lists: profile, seed, steps, and what it found\n"
    "  --shrink             look for a shorter run that fails in the same way, and for the faults that it needs\n"
    "  --lines N            of the trace, before a failure, that concern it (40)\n"
    "  --trace              print the whole trace of one run, as it comes\n"
    "  --quiet              failures and the summary only\n"
    "  --defect NAME        (kith-sim-defects) with this bug; --list-defects lists them\n"
    "  --prove              (kith-sim-defects) each of them, or that one, is found by one of the seeds\n"
    "\n"
    "faults:";

using Value = const std::string&;
// False where the value is none.
using Take = std::function<bool(Arguments&, Value)>;

template <class Number>
bool read(Value text, Number& into, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) return false;
  into = static_cast<Number>(number);
  return true;
}

bool take_profile(Arguments& into, Value name) {
  if (name == "all") {
    into.profiles.assign(std::begin(kProfiles), std::end(kProfiles));
    return true;
  }
  into.profiles = {name};
  return profile_named(name).has_value();
}

bool take_crypto(Arguments& into, Value name) {
  into.crypto = name == "real"    ? Arguments::Crypto::real
                : name == "mixed" ? Arguments::Crypto::mixed
                                  : Arguments::Crypto::toy;
  return name == "toy" || name == "real" || name == "mixed";
}

bool take_fault(Arguments& into, Value name) {
  const auto fault = fault_named(name);
  if (fault) into.options.without.push_back(*fault);
  return fault.has_value();
}

bool take_steps(Arguments& into, Value text) {
  auto steps = steps_of(text);
  if (steps) into.options.left_out = *std::move(steps);
  return steps.has_value();
}

bool take_seed(Arguments& into, Value text) {
  into.seed = 0;
  if (text != "fresh") return read(text, *into.seed, 0, ~std::uint64_t{0});
  into.seed.reset();
  return true;
}

struct Named {
  const char* name;
  bool (*take)(Arguments&, Value);
};

constexpr Named kWithValue[] = {
    {"--seed", take_seed},
    {"--seeds", [](Arguments& into, Value v) { return read(v, into.seeds, 1, 1'000'000'000); }},
    {"--for", [](Arguments& into, Value v) { return read(v, into.for_s, 1, 1'000'000); }},
    {"--profile", take_profile},
    {"--steps", [](Arguments& into, Value v) { return read(v, into.options.steps, 0, 1'000'000); }},
    {"--people", [](Arguments& into, Value v) { return read(v, into.options.people, 1, 1000); }},
    {"--crypto", take_crypto},
    {"--without", take_fault},
    {"--leave-out", take_steps},
    {"--jobs", [](Arguments& into, Value v) { return read(v, into.jobs, 1, 256); }},
    {"--regressions",
     [](Arguments& into, Value v) {
       into.regressions = v;
       return !v.empty();
     }},
    {"--lines", [](Arguments& into, Value v) { return read(v, into.lines, 0, 1'000'000); }},
    {"--defect",
     [](Arguments& into, Value v) {
       into.defect = v;
       return !v.empty();
     }},
};

struct Switch {
  const char* name;
  void (*turn)(Arguments&);
};

constexpr Switch kSwitches[] = {
    {"--shrink", [](Arguments& into) { into.shrinks = true; }},
    {"--trace", [](Arguments& into) { into.options.prints = true; }},
    {"--quiet", [](Arguments& into) { into.is_quiet = true; }},
    {"--list-defects", [](Arguments& into) { into.lists_defects = true; }},
    {"--prove", [](Arguments& into) { into.proves = true; }},
    {"--help", [](Arguments& into) { into.helps = true; }},
};

}  // namespace

std::string usage() {
  std::string text = kUsage;
  for (std::size_t i = 0; i < kFaults; ++i) {
    text += (i % 6 == 0 ? "\n  " : " ") + std::string(name_of(static_cast<Fault>(i)));
  }
  return text + "\n";
}

Job Arguments::job(std::uint64_t number, std::uint64_t first) const {
  Job job{.options = options, .has_real_crypto = crypto == Crypto::real, .defect = defect};
  job.options.seed = first + number / profiles.size();
  job.options.profile = profiles[number % profiles.size()];
  if (crypto == Crypto::mixed) job.has_real_crypto = job.options.seed % kOneRealIn == 0;
  return job;
}

std::expected<Arguments, std::string> arguments_of(const std::vector<std::string>& words) {
  Arguments all;
  all.profiles = {"calm"};
  all.seed = 1;
  bool has_seeds = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto* const turned = std::ranges::find(kSwitches, word, &Switch::name);
    if (turned != std::end(kSwitches)) {
      turned->turn(all);
      continue;
    }
    const auto* const taken = std::ranges::find(kWithValue, word, &Named::name);
    if (taken == std::end(kWithValue)) return std::unexpected("There is no option " + word + ".");
    if (++i == words.size()) return std::unexpected(word + " needs a value.");
    if (!taken->take(all, words[i])) return std::unexpected(word + " does not take " + words[i] + ".");
    has_seeds = has_seeds || word == "--seeds";
  }
  if (all.for_s > 0 && !has_seeds) all.seeds = ~std::uint64_t{0} / 8;
  if (all.options.prints && (all.seeds > 1 || all.profiles.size() > 1 || !all.regressions.empty())) {
    return std::unexpected("--trace is for one run.");
  }
  return all;
}

std::expected<std::vector<Job>, std::string> regressions_of(const std::string& text) {
  std::vector<Job> jobs;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Job job;
    std::string what;
    words >> job.options.profile >> job.options.seed >> job.options.steps;
    if (!words || !std::getline(words >> std::ws, what) || !profile_named(job.options.profile)) {
      return std::unexpected("This is not 'profile seed steps what it found': " + line);
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace kith::sim
