#include "tests/simulation/job.h"

#include <charconv>
#include <ranges>

namespace kith::sim {

namespace {

constexpr std::uint64_t kMostSteps = 1'000'000;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > kMostSteps) return std::nullopt;
  return number;
}

}  // namespace

std::string replay_of(const Job& job) {
  const Options& options = job.options;
  std::string line = job.defect.empty() ? "kith-sim" : "kith-sim-defects --defect " + job.defect;
  line += " --seed " + std::to_string(options.seed) + " --steps " + std::to_string(options.steps) + " --profile " +
          options.profile;
  if (options.people > 0) line += " --people " + std::to_string(options.people);
  if (job.has_real_crypto) line += " --crypto real";
  for (const Fault fault : options.without) line += " --without " + std::string(name_of(fault));
  if (!options.left_out.empty()) line += " --leave-out " + text_of_steps(options.left_out);
  return line;
}

std::string text_of_steps(const std::set<std::uint64_t>& steps) {
  std::string text;
  for (auto step = steps.begin(); step != steps.end();) {
    const std::uint64_t first = *step;
    std::uint64_t last = first;
    while (++step != steps.end() && *step == last + 1) last = *step;
    if (!text.empty()) text += ",";
    text += std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
  }
  return text;
}

std::optional<std::set<std::uint64_t>> steps_of(std::string_view text) {
  std::set<std::uint64_t> steps;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view range(part.begin(), part.end());
    const auto dash = range.find('-');
    const auto first = number_of(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number_of(range.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    for (std::uint64_t step = *first; step <= *last; ++step) steps.insert(step);
  }
  return steps;
}

}  // namespace kith::sim
