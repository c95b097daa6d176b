#include "cli/incoming_history.h"

#include "cli/console.h"

namespace kith::cli {

IncomingHistory::IncomingHistory(Session& session, const Settings& settings) : session_(session), settings_(settings) {
  session_.listen([this](std::string_view, const Json& event) { take(event); });
}

void IncomingHistory::take(const Json& event) {
  if (event.value("type", "") != "history") return;
  done_ = event.value("blocks_done", std::int64_t{0});
  total_ = event.value("blocks_total", std::int64_t{0});
  if (!is_waited_for_ || settings_.json || total_ <= 0) return;
  constexpr std::int64_t kTenths = 10;
  const std::int64_t tenths = done_ * kTenths / total_;
  if (std::exchange(said_, tenths) != tenths) remark("Bringing your history here: " + std::to_string(tenths) + "0 %");
}

bool IncomingHistory::wait() {
  is_waited_for_ = true;
  const auto is_here = [this] { return done_ >= total_; };
  session_.run_until([&] { return is_here() || session_.connection() == "offline"; }, std::nullopt);
  is_waited_for_ = false;
  return is_here();
}

}  // namespace kith::cli
