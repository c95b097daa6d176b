#include "cli/messages.h"

#include <algorithm>
#include <set>
#include <string>

namespace kith::cli {

std::vector<Json> newest_messages(Session& session, const std::string& conversation, std::size_t limit,
                                  const std::function<bool(const Json&)>& wanted) {
  constexpr std::size_t kPage = 200;
  std::vector<Json> newest_first;
  // One that moves from pending into the log between two pages is in both.
  std::set<std::string> seen;
  Json command{{"type", "list_messages"}, {"conversation", conversation}};
  for (bool more = true; more && newest_first.size() < limit;) {
    command["limit"] = std::min(kPage, limit - newest_first.size());
    const Json page = session.must(command);
    const Json& messages = page.at("messages");
    more = page.value("more", false) && !messages.empty();
    for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
      if (!wanted(*it)) {
        more = false;
        break;
      }
      if (seen.insert(it->value("id", "")).second) newest_first.push_back(*it);
    }
    if (!messages.empty()) command["before"] = messages.front().at("order");
  }
  std::ranges::reverse(newest_first);
  return newest_first;
}

}  // namespace kith::cli
