#include "client/core/loads.h"

#include <algorithm>

namespace kith::client {

Load Loads::ask(Bytes from, Bytes to, std::uint32_t limit, bool reverse, Handler handler) {
  Load load{.id = ++next_id_, .from = std::move(from), .to = std::move(to), .limit = limit, .reverse = reverse};
  waiting_.emplace(load.id, Waiting{load, std::move(handler), {}});
  return load;
}

void Loads::answer(std::uint32_t id, std::vector<Row> rows) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return;
  Waiting waiting = std::move(at->second);
  waiting_.erase(at);
  if (!waiting.later.empty()) {
    std::map<Bytes, SecretBytes> merged;
    for (Row& row : rows) merged.insert_or_assign(std::move(row.key), std::move(row.value));
    for (auto& [key, value] : waiting.later) {
      if (value) {
        merged.insert_or_assign(key, std::move(*value));
      } else {
        merged.erase(key);
      }
    }
    rows.clear();
    for (auto& [key, value] : merged) rows.push_back({key, std::move(value)});
    if (waiting.load.reverse) std::reverse(rows.begin(), rows.end());
    if (rows.size() > waiting.load.limit) rows.resize(waiting.load.limit);
  }
  waiting.handler(std::move(rows));
}

void Loads::wrote(const Bytes& key, const std::optional<SecretBytes>& value) {
  for (auto& [id, waiting] : waiting_) {
    if (waiting.load.from <= key && key < waiting.load.to) waiting.later.insert_or_assign(key, value);
  }
}

}  // namespace kith::client
