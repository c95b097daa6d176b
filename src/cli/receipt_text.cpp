#include "cli/receipt_text.h"

#include <algorithm>
#include <vector>

#include "cli/console.h"

namespace kith::cli {
namespace {

std::string people(const char* heading, const Json& users, const Names& names) {
  std::vector<std::string> lines;
  for (const std::string user : users) lines.push_back("\n  " + names.sender({{"sender", user}}));
  std::ranges::sort(lines);
  if (lines.empty()) return "";
  std::string text = painted(heading, Paint::faint);
  for (const auto& line : lines) text += line;
  return text;
}

}  // namespace

std::string receipts_page(const Json& receipts, const Names& names) {
  if (receipts.contains("of")) {
    const std::string of = " of " + receipts.at("of").dump();
    return "Read by " + receipts.value("read_count", Json(0)).dump() + of + "\nDelivered to " +
           receipts.value("delivered_count", Json(0)).dump() + of;
  }
  std::string page;
  for (const auto& [heading, list] :
       {std::pair{"Read by", "read"}, {"Delivered to", "delivered"}, {"Not delivered yet to", "waiting"}}) {
    const std::string part = people(heading, receipts.value(list, Json::array()), names);
    if (!part.empty()) page += (page.empty() ? "" : "\n") + part;
  }
  return page.empty() ? "Nobody who was there when this was sent is still there." : page;
}

std::optional<int> number_of_message(const std::string& text) {
  const bool is_number = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number || text.empty() || text.size() > 5) return std::nullopt;
  return std::stoi(text);
}

}  // namespace kith::cli
