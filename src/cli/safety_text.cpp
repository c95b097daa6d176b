#include "cli/safety_text.h"

namespace kith::cli {
namespace {
constexpr std::size_t kGroupDigits = 5;
constexpr std::size_t kGroupsPerLine = 4;
}  // namespace

std::vector<std::string> digit_lines(const std::string& digits) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < digits.size(); at += kGroupDigits) {
    const bool begins_line = at % (kGroupDigits * kGroupsPerLine) == 0;
    if (begins_line) lines.emplace_back();
    lines.back() += (begins_line ? "" : " ") + digits.substr(at, kGroupDigits);
  }
  return lines;
}

std::string comparison_text(const Json& comparison, const std::string& name) {
  const std::string identity = comparison.value("identity", "");
  const std::string log = comparison.value("log", "none");
  if (identity == "changed") return name + " really has the new identity. Take it with --accept, then compare again.";
  if (identity == "theirs_differs")
    return "The identity that you know " + name + " by is not the one on " + name +
           "'s device. Somebody may stand between you.";
  if (identity == "mine_differs")
    return name + " knows you by another identity than yours. Somebody may stand between you.";
  if (log == "forked")
    return "The identities are the same, but the server shows this chat differently to the two of you. Do not trust "
           "it.";
  const std::string same = "The safety numbers are the same.";
  if (log == "unknown")
    return same +
           " The chat could not be compared: the two of you are not at the same point. Try again when both are up "
           "to date.";
  return log == "same" ? same + " So is the chat." : same;
}

}  // namespace kith::cli
