#include "wire/content.h"

#include <gtest/gtest.h>

namespace kith::wire {
namespace {

TEST(Content, a_text_comes_back_with_its_time) {
  for (const std::string text : {"", "Hello", "Grüße, 你好, 🙂"}) {
    const auto content = decode_padded(encode_padded({.sent_ms = 1'700'000'000'123, .text = text}));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->sent_ms, 1'700'000'000'123);
    EXPECT_EQ(content->text, text);
  }
}

TEST(Content, lengths_close_to_one_another_look_the_same) {
  const auto size = [](std::size_t n) { return encode_padded({.sent_ms = 1, .text = std::string(n, 'x')}).size(); };
  EXPECT_EQ(size(400), size(401));
  std::size_t distinct = 0;
  std::size_t last = 0;
  for (std::size_t n = 0; n <= 4096; ++n) {
    if (size(n) != last) ++distinct;
    last = size(n);
    EXPECT_LE(static_cast<double>(last), static_cast<double>(n + 120) * 1.12 + 4);
  }
  EXPECT_LT(distinct, 100U);
}

TEST(Content, a_cut_or_changed_envelope_is_refused) {
  const Bytes good = encode_padded({.sent_ms = 1, .text = "Hello"});
  const std::size_t end = 4 + (std::size_t{good[2]} << 8 | good[3]);
  ASSERT_LE(end, good.size());
  for (std::size_t n = 0; n < good.size(); ++n) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
    // Only padding may be missing.
    const auto content = decode_padded(cut);
    ASSERT_EQ(content.has_value(), n >= end) << n;
    if (content) EXPECT_EQ(content->text, "Hello");
  }
  Bytes longer = good;
  longer.push_back(1);
  ASSERT_FALSE(decode_padded(longer));
  EXPECT_EQ(decode_padded(longer).error().detail, "content padding");
  Bytes lying = good;
  lying[0] = 255;
  EXPECT_EQ(decode_padded(lying).error().detail, "content length");
}

TEST(Content, a_gap_and_what_fills_it_come_out_as_they_went_in) {
  const auto missed = decode_padded(encode_padded({.sent_ms = 1, .missed = Missed{{7}, {12}}}));
  ASSERT_TRUE(missed && missed->missed);
  EXPECT_EQ(missed->missed->after, Seq{7});
  EXPECT_EQ(missed->missed->before, Seq{12});
  EXPECT_FALSE(missed->text || missed->again_of);
  const auto again = decode_padded(
      encode_padded({.sent_ms = 1, .text = "once more", .again_of = Seq{9}, .again_id = ClientId{{4, 2}}}));
  ASSERT_TRUE(again && again->again_of);
  EXPECT_EQ(again->again_id, (ClientId{{4, 2}}));
  EXPECT_EQ(again->again_of, Seq{9});
  EXPECT_EQ(again->text, "once more");
  const auto too_long =
      decode_padded(encode_padded({.sent_ms = 1, .text = std::string(kMaxTextBytes + 1, 'x'), .again_of = Seq{9}}));
  EXPECT_EQ(too_long.error().code, Errc::too_large);
}

TEST(Content, the_end_of_an_answer_comes_out_with_all_its_places) {
  std::vector<Seq> places;
  for (std::uint64_t i = 0; i < 2'000; ++i) places.push_back({5 + 3 * i});
  const auto content = decode_padded(encode_padded({.sent_ms = 1, .again_done = AgainDone{{4}, {9'000}, places}}));
  ASSERT_TRUE(content && content->again_done);
  EXPECT_EQ(content->again_done->after, Seq{4});
  EXPECT_EQ(content->again_done->before, Seq{9'000});
  EXPECT_EQ(content->again_done->unshown, places);
  EXPECT_TRUE(content->is_unshown());
  EXPECT_FALSE(content->text || content->again_of || content->missed);
  const auto empty = decode_padded(encode_padded({.sent_ms = 1, .again_done = AgainDone{{4}, {9}, {}}}));
  ASSERT_TRUE(empty && empty->again_done);
  EXPECT_TRUE(empty->again_done->unshown.empty());
}

TEST(Content, a_groups_profile_comes_out_as_it_went_in_and_has_a_name) {
  const GroupProfile profile{.name = "Hiking ⛰", .description = "Every Sunday"};
  const auto content = decode_padded(encode_padded({.sent_ms = 1, .profile = profile}));
  ASSERT_TRUE(content && content->profile);
  EXPECT_EQ(*content->profile, profile);
  EXPECT_TRUE(content->is_unshown() && content->is_silent());
  const auto refused = [](GroupProfile bad) { return decode_padded(encode_padded({.sent_ms = 1, .profile = bad})); };
  EXPECT_EQ(refused({.name = "", .description = "x"}).error().code, Errc::malformed);
  EXPECT_EQ(refused({.name = "\xff", .description = "x"}).error().code, Errc::malformed);
  EXPECT_EQ(refused({.name = std::string(kMaxGroupNameBytes + 1, 'x'), .description = ""}).error().code,
            Errc::too_large);
  EXPECT_EQ(refused({.name = "x", .description = std::string(kMaxDescriptionBytes + 1, 'x')}).error().code,
            Errc::too_large);
}

ClientId client_id(std::uint8_t n) { return {{n, 1, 2}}; }
UserId user_id(std::uint8_t n) { return {{n, 7}}; }

TEST(Content, an_answer_and_mentions_come_out_as_they_went_in_also_sent_again) {
  const ReplyTo reply{.client_id = client_id(1), .seq = {41}, .sender = user_id(2), .excerpt = "shall we? 🙂"};
  const std::vector<Mention> mentions = {{user_id(3), 0, 4}, {user_id(2), 6, 6}};
  for (const std::optional<Seq> again : {std::optional<Seq>(), std::optional(Seq{9})}) {
    const auto content = decode_padded(encode_padded(
        {.sent_ms = 1, .text = "@Ben, @Zoë!", .again_of = again, .reply = reply, .mentions = {{user_id(3), 0, 4}}}));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->reply, reply);
    EXPECT_EQ(content->mentions, (std::vector<Mention>{{user_id(3), 0, 4}}));
    EXPECT_EQ(content->again_of, again);
  }
  const auto two = decode_padded(encode_padded({.sent_ms = 1, .text = "@Ben, @Zoë!!", .mentions = mentions}));
  ASSERT_TRUE(two);
  EXPECT_EQ(two->mentions, mentions);
  EXPECT_FALSE(two->reply);
}

TEST(Content, mentions_that_do_not_stand_in_the_text_are_refused) {
  const std::string text = "@Zoë and @Ben";  // the ë is the bytes 3 and 4
  const auto code_of = [&](const std::vector<Mention>& mentions) {
    const auto content = decode_padded(encode_padded({.sent_ms = 1, .text = text, .mentions = mentions}));
    return content ? std::optional<Errc>() : std::optional(content.error().code);
  };
  EXPECT_EQ(code_of({{user_id(1), 0, 5}, {user_id(2), 10, 4}}), std::nullopt);
  EXPECT_EQ(code_of({{user_id(1), 0, 5}, {user_id(2), 5, 1}}), std::nullopt) << "side by side";
  const auto size = static_cast<std::uint32_t>(text.size());
  for (const Mention& bad : {Mention{user_id(1), 0, 0}, Mention{user_id(1), size, 1}, Mention{user_id(1), 0, size + 1},
                             Mention{user_id(1), 10, 0xFFFFFFFF}, Mention{user_id(1), 0xFFFFFFFF, 4},
                             Mention{user_id(1), 0, 4}, Mention{user_id(1), 4, 3}}) {
    EXPECT_EQ(code_of({bad}), Errc::malformed) << bad.start << " " << bad.length;
  }
  EXPECT_EQ(code_of({{user_id(1), 10, 4}, {user_id(2), 0, 5}}), Errc::malformed) << "out of order";
  EXPECT_EQ(code_of({{user_id(1), 0, 5}, {user_id(2), 3, 4}}), Errc::malformed) << "one over another";
  std::vector<Mention> many;
  for (std::uint32_t i = 0; i <= kMaxMentions; ++i) many.push_back({user_id(1), i, 1});
  const auto crowd =
      decode_padded(encode_padded({.sent_ms = 1, .text = std::string(kMaxMentions + 1, 'x'), .mentions = many}));
  EXPECT_EQ(crowd.error().code, Errc::too_large);
  many.pop_back();
  const auto full = decode_padded(encode_padded({.sent_ms = 1,
                                                 .text = std::string(kMaxMentions, 'x'),
                                                 .again_of = Seq{1},
                                                 .reply = ReplyTo{client_id(1), {1}, user_id(1), "x"},
                                                 .mentions = many}));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->mentions, many);
}

TEST(Content, an_excerpt_that_is_too_long_or_not_utf8_is_refused) {
  const auto refused = [](std::string excerpt) {
    return decode_padded(
               encode_padded(
                   {.sent_ms = 1, .text = "x", .reply = ReplyTo{client_id(1), {1}, user_id(1), std::move(excerpt)}}))
        .error()
        .code;
  };
  EXPECT_EQ(refused(std::string(kMaxExcerptBytes + 1, 'x')), Errc::too_large);
  EXPECT_EQ(refused("\xC3"), Errc::malformed);
}

TEST(Content, a_beginning_ends_between_characters) {
  EXPECT_EQ(beginning_of("Zoë", 4), "Zoë");
  EXPECT_EQ(beginning_of("Zoë", 3), "Zo");
  EXPECT_EQ(beginning_of("🙂", 3), "");
}

TEST(Content, text_that_is_too_long_or_not_utf8_is_refused) {
  const auto long_text = decode_padded(encode_padded({.sent_ms = 1, .text = std::string(kMaxTextBytes + 1, 'x')}));
  ASSERT_FALSE(long_text);
  EXPECT_EQ(long_text.error().code, Errc::too_large);
  const auto bad = decode_padded(encode_padded({.sent_ms = 1, .text = "\xC3"}));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::malformed);
}

TEST(Utf8, only_shortest_forms_of_scalar_values_pass) {
  for (const char* good :
       {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace kith::wire
