#include "tests/simulation/story.h"

#include <algorithm>
#include <cctype>
#include <deque>

namespace kith::sim {

namespace {

constexpr std::size_t kShortId = 6;  // digits of an id that traces and failures show

// "P2.1"
bool is_device(std::string_view word) {
  const auto dot = word.find('.');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return word.size() >= 4 && word.front() == 'P' && dot != std::string_view::npos && dot > 1 && dot + 1 < word.size() &&
         std::ranges::all_of(word.substr(1, dot - 1), is_digit) && std::ranges::all_of(word.substr(dot + 1), is_digit);
}

}  // namespace

bool is_short_id(std::string_view word) {
  return word.size() == kShortId &&
         std::ranges::all_of(word, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<std::string> subjects_of(const std::string& failure) {
  std::vector<std::string> ids;
  std::vector<std::string> devices;
  std::string word;
  for (const char c : failure + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.') {
      word += c;
      continue;
    }
    while (word.ends_with('.')) word.pop_back();
    if (is_short_id(word)) ids.push_back(word);
    if (is_device(word)) devices.push_back(word);
    word.clear();
  }
  return ids.empty() ? devices : ids;
}

std::vector<std::string> story_of(Processes& processes, const Job& job, const std::string& failure, std::size_t most) {
  const auto subjects = subjects_of(failure);
  std::deque<std::string> last;
  bool is_over = false;
  processes.print(job, [&](std::string_view line) {
    // What the checks themselves ask is no part of it.
    is_over = is_over || line.contains(kLooking) || line.contains(" FAILURE ");
    const bool concerns = subjects.empty() || std::ranges::any_of(subjects, [&](const std::string& subject) {
                            return line.contains(subject);
                          });
    if (is_over || !concerns) return;
    last.emplace_back(line);
    if (last.size() > most) last.pop_front();
  });
  return {last.begin(), last.end()};
}

}  // namespace kith::sim
