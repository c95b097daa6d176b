#include "cli/notice.h"

#include "cli/text.h"

namespace kith::cli {

bool is_notice(const Json& message) { return message.contains("notice"); }

std::string notice_text(const Json& notice, std::int64_t now_ms) {
  if (notice.value("kind", "") != "messages_lost") return "Something that this version does not show yet.";
  const auto count = notice.value("count", std::int64_t{0});
  if (count == 0) return "Some messages may be missing here.";
  const auto from_ms = notice.value("from_ms", std::int64_t{0});
  const auto to_ms = notice.value("to_ms", from_ms);
  std::string text = count == 1 ? "1 message from " : std::to_string(count) + " messages from ";
  text += date_text(from_ms, now_ms);
  if (!is_same_day(from_ms, to_ms)) text += " to " + date_text(to_ms, now_ms);
  return text + " could not be restored on this device.";
}

}  // namespace kith::cli
