#include "client/core/group_record.h"

#include <algorithm>

namespace kith::client {

void GroupFacts::note_links(const std::vector<keys::PublicKey>& made, const UserId& by,
                            const std::vector<keys::PublicKey>& used) {
  for (const keys::PublicKey& key : made) links.push_back({.key = key, .by = by, .joined = 0});
  for (const keys::PublicKey& key : used) {
    const auto link = std::ranges::find(links, key, &LinkRecord::key);
    if (link != links.end() && link->joined) ++*link->joined;
  }
}

void GroupFacts::links_went_unseen() {
  for (LinkRecord& link : links) link.joined.reset();
}

}  // namespace kith::client
