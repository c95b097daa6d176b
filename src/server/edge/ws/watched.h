// Whose receipts a connection wants to hear of while they move: those of the groups that it asked for last.
#pragma once

#include <algorithm>
#include <vector>

#include "base/ids.h"

namespace kith::server::edge {

class Watched {
 public:
  static constexpr std::size_t kMost = 4;  // the oldest gives way

  void add(const ConversationId& conversation) {
    remove(conversation);
    if (latest_last_.size() == kMost) latest_last_.erase(latest_last_.begin());
    latest_last_.push_back(conversation);
  }
  void remove(const ConversationId& conversation) { std::erase(latest_last_, conversation); }
  [[nodiscard]] bool contains(const ConversationId& conversation) const {
    return std::ranges::find(latest_last_, conversation) != latest_last_.end();
  }

 private:
  std::vector<ConversationId> latest_last_;
};

}  // namespace kith::server::edge
