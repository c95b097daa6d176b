#include "client/core/alerts.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::pair<const char*, AlertLevel> kLevels[] = {
    {"all", AlertLevel::all}, {"mentions", AlertLevel::mentions}, {"none", AlertLevel::none}};
}

std::optional<AlertLevel> alert_level_of(const std::string& name) {
  const auto at = std::ranges::find(kLevels, name, [](const auto& level) { return std::string(level.first); });
  return at == std::ranges::end(kLevels) ? std::nullopt : std::optional(at->second);
}

void Alerts::set_level(AlertLevel level) {
  if (chat_.record().alerts == level) return;
  chat_.record().alerts = level;
  chat_.archive.setting_changed();
}

void Alerts::mute_until(std::int64_t until_ms) {
  if (until_ms <= chat_.machine().now().value) until_ms = 0;
  if (chat_.record().muted_until_ms == until_ms) return;
  chat_.record().muted_until_ms = until_ms;
  chat_.archive.setting_changed();
  chat_.poke();
}

bool Alerts::is_muted() const { return chat_.machine().now().value < chat_.record().muted_until_ms; }

bool Alerts::tells_of(const MessageRecord& message) const {
  if (is_muted() || message.is_line() || message.is_again) return false;
  const AlertLevel level = chat_.record().alerts;
  return level == AlertLevel::all || (level == AlertLevel::mentions && message.mentions_me);
}

void Alerts::advance() {
  const std::int64_t until = chat_.record().muted_until_ms;
  if (until == 0 || until == kMutedForEver) return;
  const Machine& machine = chat_.machine();
  if (is_muted()) return chat_.wake(machine.clock_ms() + (until - machine.now().value));
  chat_.record().muted_until_ms = 0;
  chat_.changed();
}

void Alerts::add_to(Json& chat) const {
  const ChatRecord& record = chat_.record();
  chat["notifications"] =
      std::ranges::find(kLevels, record.alerts, [](const auto& level) { return level.second; })->first;
  chat["muted"] = is_muted();
  if (is_muted() && record.muted_until_ms != kMutedForEver) chat["muted_until"] = record.muted_until_ms;
}

}  // namespace kith::client
