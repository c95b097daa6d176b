#include "cli/chat_command.h"

#include <algorithm>
#include <charconv>

namespace kith::cli {
namespace {

constexpr const char* kHowToAnswer =
    "To answer a message: /reply N and the text; the last message here is 1, the one before it 2";

bool is_blank(std::string_view text) { return text.find_first_not_of(" \n") == std::string_view::npos; }

// The first word, which then is gone from the text, with the spaces behind it.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \n"));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  return word;
}

bool is_command(std::string_view word) {
  return word.size() > 1 && word.front() == '/' &&
         std::ranges::all_of(word.substr(1), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

std::size_t number_in(std::string_view word) {
  std::size_t number = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
  return read.ec == std::errc() && read.ptr == word.data() + word.size() ? number : 0;
}

}  // namespace

ChatCommand chat_command(std::string_view line) {
  using Kind = ChatCommand::Kind;
  if (is_blank(line)) return {};
  if (line.starts_with("//")) return {.kind = Kind::message, .text = std::string(line.substr(1))};
  std::string_view rest = line;
  const std::string_view word = take_word(rest);
  if (!is_command(word)) return {.kind = Kind::message, .text = std::string(line)};
  if (word == "/quit") return {.kind = Kind::quit};
  if (word == "/reply") {
    const std::size_t answers = number_in(take_word(rest));
    if (answers == 0 || is_blank(rest)) return {.kind = Kind::unknown, .text = kHowToAnswer};
    return {.kind = Kind::message, .text = std::string(rest), .answers = answers};
  }
  return {.kind = Kind::unknown,
          .text = "There is no " + std::string(word) + " here, but /reply and /quit. To send it as it is: /" +
                  std::string(word)};
}

std::size_t answers_so_far(std::string_view line) {
  return take_word(line) == "/reply" ? number_in(take_word(line)) : 0;
}

}  // namespace kith::cli
