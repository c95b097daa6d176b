// What a server hears from clients, good and bad: the groups follow the public case list for RFC 6455 (1 framing, 2
// pings, 3 reserved bits, 4 opcodes, 5 fragmentation, 6 UTF-8, 7 closing, 9 sizes), each at every split of its bytes.
#include "ws/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ws/utf8.h"

namespace kith::ws {
namespace {

using Kind = Event::Kind;
using ::testing::ElementsAre;

constexpr MaskingKey kMask{0x12, 0x34, 0x56, 0x78};

struct Heard {
  Kind kind{};
  std::string payload;
  std::uint16_t code = 1005;
  friend bool operator==(const Heard&, const Heard&) = default;
  friend void PrintTo(const Heard& h, std::ostream* out) {
    *out << "kind " << static_cast<int>(h.kind) << " code " << h.code << " " << h.payload.size() << " bytes";
  }
};

Bytes frame(std::uint8_t first, std::string_view payload) {
  Bytes bytes;
  append_frame(bytes, Opcode::binary, as_view(payload), kMask);
  bytes[0] = first;
  return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
  append(a, b);
  return a;
}

constexpr std::uint8_t kFin = 0x80;
Bytes binary(std::string_view payload) { return frame(kFin | 2, payload); }
Bytes text(std::string_view payload) { return frame(kFin | 1, payload); }
Bytes ping(std::string_view payload) { return frame(kFin | 9, payload); }
Bytes close_frame(std::uint16_t code, std::string_view reason = "") {
  return frame(kFin | 8,
               std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + std::string(reason));
}

void drain(Parser& parser, std::vector<Heard>& heard) {
  for (Event event = parser.next(); event.kind != Kind::none; event = parser.next()) {
    // A failure's sentence is for people; what counts is its code.
    heard.push_back({event.kind, event.kind == Kind::failed ? "" : std::string(as_text(event.payload)),
                     static_cast<std::uint16_t>(event.close_code)});
    if (event.kind == Kind::failed || event.kind == Kind::close) {
      EXPECT_EQ(parser.next().kind, Kind::none) << "nothing comes after the last event";
      return;
    }
  }
}

std::vector<Heard> hear(const std::vector<Bytes>& pieces, ParserOptions options) {
  Parser parser(options);
  std::vector<Heard> heard;
  for (Bytes piece : pieces) {
    parser.feed(piece);
    drain(parser, heard);
    if (!heard.empty() && (heard.back().kind == Kind::failed || heard.back().kind == Kind::close)) break;
  }
  return heard;
}

constexpr ParserOptions kWithText{.sender = Sender::client, .accepts_text = true, .max_message_bytes = 1 << 20};

// Hears the bytes whole, at every split in two, and one by one; all must agree.
std::vector<Heard> hear(const Bytes& bytes, ParserOptions options = kWithText) {
  const auto whole = hear(std::vector<Bytes>{bytes}, options);
  const std::size_t step = bytes.size() > 4000 ? 997 : 1;
  for (std::size_t cut = 0; cut <= bytes.size(); cut += step) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(cut);
    EXPECT_EQ(hear(std::vector<Bytes>{{bytes.begin(), at}, {at, bytes.end()}}, options), whole) << "split at " << cut;
  }
  std::vector<Bytes> single;
  for (const std::uint8_t b : bytes) single.push_back({b});
  EXPECT_EQ(hear(single, options), whole) << "byte by byte";
  return whole;
}

Heard failure(CloseCode code) { return {Kind::failed, "", static_cast<std::uint16_t>(code)}; }

TEST(WsParser, messages_of_every_length_form_arrive_whole) {
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536, 70000}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
    EXPECT_THAT(hear(binary(payload)), ElementsAre(Heard{Kind::binary, payload})) << size;
  }
}

TEST(WsParser, text_is_given_out_as_text) {
  EXPECT_THAT(hear(text("Grüße") + text("")), ElementsAre(Heard{Kind::text, "Grüße"}, Heard{Kind::text, ""}));
}

TEST(WsParser, several_messages_in_one_read_come_out_in_order) {
  EXPECT_THAT(hear(binary("a") + binary("bc") + binary("")),
              ElementsAre(Heard{Kind::binary, "a"}, Heard{Kind::binary, "bc"}, Heard{Kind::binary, ""}));
}

TEST(WsParser, pings_and_pongs_carry_up_to_125_bytes) {
  const std::string most(125, 'p');
  EXPECT_THAT(hear(ping("") + ping(most) + frame(kFin | 10, "unasked")),
              ElementsAre(Heard{Kind::ping, ""}, Heard{Kind::ping, most}, Heard{Kind::pong, "unasked"}));
  EXPECT_THAT(hear(ping(std::string(126, 'p'))), ElementsAre(failure(CloseCode::protocol_error)));
}

TEST(WsParser, a_reserved_bit_breaks_the_protocol) {
  for (const int bit : {0x40, 0x20, 0x10, 0x70}) {
    for (const int opcode : {1, 2, 8, 9, 10}) {
      EXPECT_THAT(hear(binary("before") + frame(static_cast<std::uint8_t>(kFin | bit | opcode), "x") + binary("after")),
                  ElementsAre(Heard{Kind::binary, "before"}, failure(CloseCode::protocol_error)));
    }
  }
}

TEST(WsParser, a_reserved_opcode_breaks_the_protocol) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    EXPECT_THAT(hear(frame(static_cast<std::uint8_t>(kFin | opcode), "")),
                ElementsAre(failure(CloseCode::protocol_error)));
  }
}

TEST(WsParser, an_unmasked_frame_of_a_client_breaks_the_protocol) {
  Bytes bytes;
  append_frame(bytes, Opcode::binary, as_view("x"));
  EXPECT_THAT(hear(bytes), ElementsAre(failure(CloseCode::protocol_error)));
}

TEST(WsParser, fragments_make_one_message_with_control_frames_between_them) {
  EXPECT_THAT(hear(frame(2, "ab") + ping("1") + frame(0, "") + ping("2") + frame(kFin | 0, "cd") + binary("next")),
              ElementsAre(Heard{Kind::ping, "1"}, Heard{Kind::ping, "2"}, Heard{Kind::binary, "abcd"},
                          Heard{Kind::binary, "next"}));
}

TEST(WsParser, fragments_out_of_turn_break_the_protocol) {
  EXPECT_THAT(hear(frame(kFin | 0, "x")), ElementsAre(failure(CloseCode::protocol_error)));
  EXPECT_THAT(hear(frame(0, "x")), ElementsAre(failure(CloseCode::protocol_error)));
  EXPECT_THAT(hear(frame(2, "x") + binary("y")), ElementsAre(failure(CloseCode::protocol_error)));
  EXPECT_THAT(hear(frame(2, "x") + text("y")), ElementsAre(failure(CloseCode::protocol_error)));
  EXPECT_THAT(hear(frame(2, "x") + frame(kFin | 0, "y") + frame(0, "z")),
              ElementsAre(Heard{Kind::binary, "xy"}, failure(CloseCode::protocol_error)));
}

TEST(WsParser, a_fragmented_control_frame_breaks_the_protocol) {
  for (const std::uint8_t opcode : std::initializer_list<std::uint8_t>{8, 9, 10}) {
    EXPECT_THAT(hear(frame(opcode, "")), ElementsAre(failure(CloseCode::protocol_error)));
  }
}

TEST(WsParser, text_must_be_utf8_also_across_fragments) {
  EXPECT_THAT(hear(frame(1, "Gr\xc3") + frame(kFin | 0, "\xbc\xc3\x9f")), ElementsAre(Heard{Kind::text, "Grüß"}));
  EXPECT_THAT(hear(frame(1, "Gr\xc3") + frame(kFin | 0, "x")), ElementsAre(failure(CloseCode::invalid_payload)));
  EXPECT_THAT(hear(text("\xed\xa0\x80")), ElementsAre(failure(CloseCode::invalid_payload)));
}

TEST(WsParser, text_is_refused_where_only_binary_is_spoken) {
  EXPECT_THAT(hear(text("x"), {}), ElementsAre(failure(CloseCode::unsupported_data)));
}

TEST(WsParser, a_close_ends_everything) {
  EXPECT_THAT(hear(frame(kFin | 8, "") + binary("late")), ElementsAre(Heard{Kind::close, ""}));
  EXPECT_THAT(hear(close_frame(1000, "done") + ping("late")), ElementsAre(Heard{Kind::close, "done", 1000}));
  EXPECT_THAT(hear(frame(2, "part") + close_frame(1001)), ElementsAre(Heard{Kind::close, "", 1001}));
}

TEST(WsParser, close_codes_and_reasons_are_checked) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                                                                       1011, 1012, 1013, 1014, 3000, 3999, 4999}) {
    EXPECT_THAT(hear(close_frame(code)), ElementsAre(Heard{Kind::close, "", code}));
  }
  for (const std::uint16_t code :
       std::initializer_list<std::uint16_t>{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_THAT(hear(close_frame(code)), ElementsAre(failure(CloseCode::protocol_error))) << code;
  }
  EXPECT_THAT(hear(frame(kFin | 8, "x")), ElementsAre(failure(CloseCode::protocol_error)));
  EXPECT_THAT(hear(close_frame(1000, "\xff")), ElementsAre(failure(CloseCode::invalid_payload)));
  EXPECT_THAT(hear(frame(kFin | 8, std::string(126, 'r'))), ElementsAre(failure(CloseCode::protocol_error)));
}

TEST(WsParser, a_length_in_a_longer_form_than_needed_breaks_the_protocol) {
  const Bytes in_two{kFin | 2, 0x80 | 126, 0, 125};
  const Bytes in_eight{kFin | 2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const Bytes negative{kFin | 2, 0x80 | 127, 0x80, 0, 0, 0, 0, 1, 0, 0};
  for (const Bytes& bytes : {in_two, in_eight, negative}) {
    EXPECT_THAT(hear(bytes), ElementsAre(failure(CloseCode::protocol_error)));
  }
}

TEST(WsParser, a_message_over_the_limit_is_refused_by_its_header) {
  const ParserOptions small{.sender = Sender::client, .accepts_text = false, .max_message_bytes = 1000};
  EXPECT_THAT(hear(binary(std::string(1000, 'x')), small), ElementsAre(Heard{Kind::binary, std::string(1000, 'x')}));
  Bytes header_only = binary(std::string(1001, 'x'));
  header_only.resize(4);
  EXPECT_THAT(hear(header_only, small), ElementsAre(failure(CloseCode::message_too_big)));
  EXPECT_THAT(hear(frame(2, std::string(600, 'x')) + frame(0, std::string(401, 'y')), small),
              ElementsAre(failure(CloseCode::message_too_big)));
  EXPECT_THAT(hear(frame(2, std::string(1000, 'x')) + ping("still") + frame(kFin | 0, ""), small),
              ElementsAre(Heard{Kind::ping, "still"}, Heard{Kind::binary, std::string(1000, 'x')}));
}

TEST(WsParser, memory_follows_what_came_and_not_what_was_promised) {
  Parser parser({});
  Bytes promise{kFin | 2, 0x80 | 127, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4, 'x'};
  parser.feed(promise);
  EXPECT_EQ(parser.next().kind, Kind::none);
  EXPECT_LT(parser.buffered_bytes(), 64U);
  EXPECT_TRUE(parser.is_in_message());
}

TEST(WsParser, between_messages_nothing_is_held) {
  Parser parser({});
  Bytes bytes = frame(2, std::string(9000, 'a')) + frame(kFin | 0, std::string(9000, 'b'));
  const std::size_t half = bytes.size() / 2;
  parser.feed(ByteSpan(bytes).first(half));
  EXPECT_EQ(parser.next().kind, Kind::none);
  EXPECT_GT(parser.buffered_bytes(), 8000U);
  parser.feed(ByteSpan(bytes).subspan(half));
  EXPECT_EQ(parser.next().kind, Kind::binary);
  EXPECT_EQ(parser.next().kind, Kind::none);
  EXPECT_EQ(parser.buffered_bytes(), 0U);
  EXPECT_FALSE(parser.is_in_message());
  EXPECT_LE(sizeof(Parser), 96U);
}

TEST(WsParser, a_whole_message_is_given_out_where_it_lies) {
  Parser parser({});
  Bytes bytes = binary("in place");
  parser.feed(bytes);
  const Event event = parser.next();
  EXPECT_EQ(event.payload.data(), bytes.data() + 6);
  EXPECT_EQ(parser.buffered_bytes(), 0U);
}

TEST(WsParser, a_reader_may_stop_between_two_messages_and_feed_the_rest_later) {
  Parser parser({});
  Bytes bytes = binary("one") + binary("two");
  parser.feed(bytes);
  EXPECT_EQ(as_text(parser.next().payload), "one");
  Bytes rest = to_bytes(parser.take_unread());
  EXPECT_EQ(parser.next().kind, Kind::none);
  parser.feed(rest);
  EXPECT_EQ(as_text(parser.next().payload), "two");
}

TEST(WsParser, a_client_hears_a_server_unmasked_and_nothing_else) {
  const ParserOptions client{.sender = Sender::server, .accepts_text = false, .max_message_bytes = 1 << 20};
  Bytes unmasked;
  append_frame(unmasked, Opcode::binary, as_view("hello"));
  append_close(unmasked, CloseCode::going_away, "bye");
  EXPECT_THAT(hear(unmasked, client), ElementsAre(Heard{Kind::binary, "hello"}, Heard{Kind::close, "bye", 1001}));
  EXPECT_THAT(hear(binary("masked"), client), ElementsAre(failure(CloseCode::protocol_error)));
}

TEST(WsUtf8, accepts_what_rfc_3629_allows_and_nothing_else) {
  for (const std::string_view good :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const std::string_view bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x20", "\xe0\x9f\xbf",
                                     "\xe1\x80", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
                                     "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff", "ok\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace kith::ws
