#include "cli/export_text.h"

#include <gtest/gtest.h>

#include <fstream>

namespace kith::cli {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(KITH_SOURCE) + "/schema/golden/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

void use_utc() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

TEST(ExportText, is_as_the_document_says_to_the_byte) {
  use_utc();
  const Json fixture = Json::parse(file("export.json"));
  Names names(fixture.at("own").at("user"));
  for (const auto& contact : fixture.at("contacts")) names.put(contact);
  std::string text = export_title(fixture.at("own").at("name"));
  for (const auto& each : fixture.at("chats")) {
    std::optional<std::vector<std::string>> people;
    if (!each.at("people").is_null()) people = each.at("people").get<std::vector<std::string>>();
    Span span;
    std::string lines;
    for (const auto& message : each.at("messages")) {
      span.take(message);
      lines += export_lines(message, names);
    }
    text += export_heading(each.at("chat"), people, span, names) + lines;
  }
  EXPECT_EQ(text, file("export.txt"));
}

TEST(ExportText, has_dates_with_their_year_since_nobody_knows_when_it_is_read) {
  use_utc();
  const std::int64_t at = 1'793'664'000'000;  // 3 November 2026
  const Json notice{{"kind", "messages_lost"}, {"count", 2}, {"from_ms", at}, {"to_ms", at}};
  EXPECT_EQ(export_lines({{"notice", notice}, {"sent_ms", at}}, Names("me")),
            "2026-11-03 00:00  * 2 messages from 3 Nov 2026 could not be restored on this device.\n");
}

TEST(ExportText, nobody_is_taken_for_the_user) {
  use_utc();
  Names names("me");
  names.put({{"user", "ana"}, {"name", "you"}});
  const Json message{{"sender", "ana"}, {"text", "I agree"}, {"sent_ms", 0}};
  EXPECT_EQ(export_lines(message, names), "1970-01-01 00:00  “you”: I agree\n");
}

}  // namespace
}  // namespace kith::cli
