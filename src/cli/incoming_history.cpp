#include "cli/incoming_history.h"

#include "cli/console.h"
#include "cli/text.h"

namespace kith::cli {

void HistoryProgress::take(const Json& event) {
  const std::string type = event.value("type", "");
  if (type == "history") {
    done_ = event.value("blocks_done", std::int64_t{0});
    total_ = event.value("blocks_total", std::int64_t{0});
    refusal_.clear();
  } else if (type == "warning") {
    const std::string code = event.value("code", "");
    if (code == "archive_truncated" || code == "archive_forged") refusal_ = event.value("message", code);
  }
}

std::optional<std::int64_t> HistoryProgress::tenths() const {
  constexpr std::int64_t kTenths = 10;
  return total_ > 0 ? std::optional(done_ * kTenths / total_) : std::nullopt;
}

void HistoryProgress::wait(const RunUntil& run_until, const std::function<bool()>& is_cut_off) const {
  const auto is_over = [&] { return is_here() || !refusal_.empty() || is_cut_off(); };
  std::int64_t before = 0;
  do {
    before = done_;
  } while (!run_until(is_over, kPatience) && done_ != before);
}

IncomingHistory::IncomingHistory(Session& session, const Settings& settings) : session_(session), settings_(settings) {
  session_.listen([this](std::string_view, const Json& event) { take(event); });
}

void IncomingHistory::take(const Json& event) {
  progress_.take(event);
  if (!is_waited_for_ || settings_.json || event.value("type", "") != "history") return;
  const auto tenths = progress_.tenths();
  if (tenths && std::exchange(said_, tenths) != tenths)
    remark("Bringing your history here: " + std::to_string(*tenths) + "0 %");
}

bool IncomingHistory::wait() {
  is_waited_for_ = true;
  progress_.wait([this](const auto& holds, auto timeout) { return session_.run_until(holds, timeout); },
                 [this] { return session_.connection() == "offline"; });
  is_waited_for_ = false;
  const bool is_offline = session_.connection() == "offline";
  if (!progress_.refusal().empty()) {
    remark(safe_line(progress_.refusal()));
  } else if (!progress_.is_here() && !is_offline) {
    remark("Your history does not come any further now; the rest comes later.");
  }
  return progress_.is_here() || !is_offline;
}

}  // namespace kith::cli
