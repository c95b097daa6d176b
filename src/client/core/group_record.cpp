#include "client/core/group_record.h"

#include <algorithm>
#include <tuple>

namespace kith::client {

ProfileSource profile_source(std::uint8_t number) {
  return static_cast<ProfileSource>(std::min<std::uint8_t>(number, 2));
}

bool ProfileWord::beats(const ProfileWord& other) const {
  const auto rank = [](const ProfileWord& word) {
    return std::tuple(!word.profile.name.empty(), -static_cast<int>(word.source), word.at,
                      std::tie(word.profile.name, word.profile.description));
  };
  return rank(*this) > rank(other);
}

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
