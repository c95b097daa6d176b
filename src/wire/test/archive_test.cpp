// What a block of an archive holds comes out as it went in, and anything else is refused.
#include "wire/archive.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "wire/content.h"

namespace kith::wire {
namespace {

ArchiveContent everything() {
  ArchiveContent content;
  const ArchivedMessage text{.client_id = {{1}},
                             .seq = {4},
                             .sender = {{7}},
                             .sent_ms = 1'700'000'000'000,
                             .time_ms = 1'700'000'000'100,
                             .content = encode_padded({.sent_ms = 1'700'000'000'000, .text = "Hello"}),
                             .first_seq = {2},
                             .first_id = ClientId{{9}}};
  const ArchivedMessage line{
      .client_id = {{2}},
      .seq = {6},
      .sender = {{7}},
      .sent_ms = 5,
      .time_ms = 6,
      .changes = {{.kind = 2, .users = {{{8}}, {{9}}}}, {.kind = 6, .value = 1, .text = "Trip"}}};
  content.spans = {
      {.conversation = {{3}}, .history = {{1}}, .from = {4}, .to = {9}, .name = "Trip", .messages = {text, line}},
      {.conversation = {{4}}, .history = {{1}}, .from = {1}, .to = {1}, .peer = UserId{{8}}}};
  content.chats = {{.conversation = {{3}},
                    .at_ms = 12,
                    .muted_until_ms = INT64_MAX,
                    .alerts = 2,
                    .is_pinned = true,
                    .is_put_away = true,
                    .peer = UserId{{8}}}};
  content.people = {{.user = {{8}},
                     .identity_key = Bytes(32, 5),
                     .is_verified = true,
                     .name = "Ben",
                     .address = "+41790000002",
                     .at_ms = 3}};
  content.account = ArchivedAccount{.at_ms = 8, .is_on = false};
  content.former = FormerKey{.generation = 2, .archive_key = SecretBytes(32, 6)};
  content.can_be_erased = true;
  return content;
}

TEST(Archive, everything_comes_back_as_it_went_in) {
  const auto back = decode_archive(encode_archive(everything()));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, everything());
  const auto nothing = decode_archive(encode_archive({}));
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
}

TEST(Archive, what_came_again_has_its_name_without_a_first_place) {
  ArchiveContent content = everything();
  content.spans[0].messages[0].first_seq = {};
  const auto back = decode_archive(encode_archive(content));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, content);
}

TEST(Archive, the_golden_bytes_are_read_as_ever) {
  std::ifstream file(KITH_SOURCE "/schema/golden/archive.txt");
  std::string line;
  ASSERT_TRUE(std::getline(file, line)) << to_hex(encode_archive(everything()));
  const auto back = decode_archive(*from_hex(line));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, everything());
  EXPECT_EQ(to_hex(encode_archive(everything())), line);
}

TEST(Archive, cut_bytes_are_refused_or_read_as_less_but_never_crash) {
  const SecretBytes good = encode_archive(everything());
  for (std::size_t n = 0; n < good.size(); ++n) {
    const auto read = decode_archive(ByteView(good).first(n));
    if (n < good.size() / 2) EXPECT_FALSE(read) << n;
  }
}

TEST(Archive, spans_and_messages_out_of_order_are_refused) {
  const auto is_refused = [](const std::function<void(ArchiveContent&)>& spoil) {
    ArchiveContent content = everything();
    spoil(content);
    return !decode_archive(encode_archive(content));
  };
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.spans[0].from = {0}; }));
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.spans[0].to = {3}; }));
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.spans[0].from = {5}; })) << "a message before its span";
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.spans[0].to = {5}; })) << "a message behind its span";
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.spans[0].messages[1].seq = {4}; })) << "two at one place";
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.people[0].identity_key.pop_back(); }));
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.former->archive_key.pop_back(); }));
  EXPECT_TRUE(is_refused([](ArchiveContent& c) { c.people[0].name = "\xff"; }));
  EXPECT_FALSE(is_refused([](ArchiveContent&) {}));
}

}  // namespace
}  // namespace kith::wire
