// The small parts of the edge, each by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "server/edge/http/web_files.h"
#include "server/edge/log.h"
#include "server/edge/ws/outgoing.h"
#include "server/edge/ws/timing_wheel.h"
#include "server/edge/ws/translate.h"
#include "ws/parser.h"

namespace kith::server::edge {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Named : TimingWheel::Entry {
  explicit Named(int n) : number(n) {}
  int number;
};

std::vector<int> turn(TimingWheel& wheel) {
  std::vector<int> reached;
  wheel.turn([&](TimingWheel::Entry& entry) { reached.push_back(static_cast<Named&>(entry).number); });
  return reached;
}

TEST(TimingWheelTest, reaches_each_deadline_once_and_never_early) {
  TimingWheel wheel(milliseconds(10));
  Named a(1);
  Named b(2);
  wheel.schedule(a, milliseconds(0));
  wheel.schedule(b, milliseconds(20));
  EXPECT_THAT(turn(wheel), ElementsAre(1));
  EXPECT_THAT(turn(wheel), IsEmpty());
  EXPECT_THAT(turn(wheel), ElementsAre(2));
  for (int i = 0; i < 300; ++i) EXPECT_THAT(turn(wheel), IsEmpty());
}

TEST(TimingWheelTest, a_deadline_can_be_moved_cancelled_and_dies_with_its_owner) {
  TimingWheel wheel(milliseconds(10));
  Named moved(1);
  Named cancelled(2);
  wheel.schedule(moved, milliseconds(10));
  wheel.schedule(moved, milliseconds(30));
  wheel.schedule(cancelled, milliseconds(10));
  TimingWheel::cancel(cancelled);
  {
    Named gone(3);
    wheel.schedule(gone, milliseconds(10));
  }
  EXPECT_THAT(turn(wheel), IsEmpty());
  EXPECT_THAT(turn(wheel), IsEmpty());
  EXPECT_THAT(turn(wheel), IsEmpty());
  EXPECT_THAT(turn(wheel), ElementsAre(1));
}

TEST(TimingWheelTest, who_is_reached_may_destroy_and_schedule_others) {
  TimingWheel wheel(milliseconds(10));
  auto a = std::make_unique<Named>(1);
  auto b = std::make_unique<Named>(2);
  wheel.schedule(*a, milliseconds(0));
  wheel.schedule(*b, milliseconds(0));
  int reached = 0;
  wheel.turn([&](TimingWheel::Entry& entry) {
    ++reached;
    b.reset();
    wheel.schedule(entry, milliseconds(0));
  });
  EXPECT_EQ(reached, 1);
  EXPECT_THAT(turn(wheel), ElementsAre(1));
}

class OutgoingTest : public ::testing::Test {
 protected:
  OutgoingTest() {
    KITH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) == 0);
    int size = 4096;
    ::setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  ~OutgoingTest() override {
    for (const int end : ends_) ::close(end);
  }
  // Takes everything that has arrived, as the messages in it.
  std::vector<std::string> take() {
    std::vector<std::string> messages;
    Bytes bytes(1 << 20);
    const ssize_t size = ::recv(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    arrived_ = std::move(bytes);
    parser_.feed(arrived_);
    for (auto event = parser_.next(); event.kind != kith::ws::Event::Kind::none; event = parser_.next()) {
      messages.emplace_back(as_text(event.payload));
    }
    return messages;
  }
  static domain::SharedBytes hint(const std::string& text) {
    auto message = std::make_shared<Bytes>();
    kith::ws::append_frame(*message, kith::ws::Opcode::binary, as_view(text));
    return message;
  }

  std::array<int, 2> ends_{};
  Outgoing outgoing_;
  Bytes arrived_;
  std::vector<std::string> heard_;
  kith::ws::Parser parser_{{.sender = kith::ws::Sender::server, .accepts_text = false, .max_message_bytes = 1 << 20}};
};

TEST_F(OutgoingTest, sends_everything_in_order) {
  outgoing_.add(kith::ws::Opcode::binary, to_bytes("one"));
  EXPECT_TRUE(outgoing_.add_hint(hint("two")));
  outgoing_.add(kith::ws::Opcode::binary, to_bytes(""));
  EXPECT_GT(outgoing_.bytes(), 6U);
  EXPECT_EQ(outgoing_.send(ends_[0]), Outgoing::Sent::all);
  EXPECT_THAT(take(), ElementsAre("one", "two", ""));
  EXPECT_EQ(outgoing_.bytes(), 0U);
  EXPECT_TRUE(outgoing_.empty());
}

TEST_F(OutgoingTest, goes_on_in_the_middle_of_whatever_the_socket_did_not_take) {
  std::vector<std::string> sent;
  for (int i = 0; i < 3000; ++i) {
    sent.push_back(std::string(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26)) + std::to_string(i));
    if (i % 3 == 0) {
      outgoing_.add(kith::ws::Opcode::binary, to_bytes(sent.back()));
    } else {
      ASSERT_TRUE(outgoing_.add_hint(hint(sent.back())));
    }
    if (i % 50 == 49) {
      while (outgoing_.send(ends_[0]) == Outgoing::Sent::some) {
        for (auto& message : take()) heard_.push_back(message);
      }
    }
  }
  while (outgoing_.send(ends_[0]) == Outgoing::Sent::some) {
    for (auto& message : take()) heard_.push_back(message);
  }
  for (auto& message : take()) heard_.push_back(message);
  EXPECT_EQ(heard_, sent);
}

TEST_F(OutgoingTest, hints_beyond_the_bound_are_dropped_responses_never_and_one_resync_follows) {
  const std::string text(1000, 'h');
  std::size_t kept = 0;
  while (outgoing_.add_hint(hint(text))) ++kept;
  EXPECT_LE(outgoing_.bytes(), Outgoing::kMaxHintBytes);
  EXPECT_GT(kept, 50U);
  EXPECT_FALSE(outgoing_.add_hint(hint("small"))) << "nothing comes between a gap and its Resync";
  outgoing_.add(kith::ws::Opcode::binary, to_bytes("response"));
  std::vector<std::string> heard;
  while (outgoing_.send(ends_[0]) == Outgoing::Sent::some) {
    for (auto& message : take()) heard.push_back(message);
  }
  for (auto& message : take()) heard.push_back(message);
  ASSERT_EQ(heard.size(), kept + 2);
  EXPECT_EQ(heard[kept], "response");
  const Bytes last = to_bytes(heard.back());
  EXPECT_TRUE(std::holds_alternative<wire::Resync>(wire::decode(last)->body));
  EXPECT_TRUE(outgoing_.add_hint(hint("again")));
}

TEST_F(OutgoingTest, a_socket_whose_peer_is_gone_is_broken) {
  ::close(ends_[1]);
  ends_[1] = -1;
  outgoing_.add(kith::ws::Opcode::binary, to_bytes("x"));
  EXPECT_EQ(outgoing_.send(ends_[0]), Outgoing::Sent::broken);
}

TEST(LogTest, writes_one_json_object_a_line_and_leaves_out_what_is_below_its_level) {
  std::string text;
  Log log(LogLevel::info, [&](const std::string& line) { text += line; });
  log.debug("unseen");
  log.info("seen", {{"text", "a \"quote\", a \\ and a\nline"}, {"number", 42}});
  ASSERT_TRUE(text.ends_with("}\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = nlohmann::json::parse(text);
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("event"), "seen");
  EXPECT_EQ(line.at("text"), "a \"quote\", a \\ and a\nline");
  EXPECT_EQ(line.at("number"), 42);
  EXPECT_THAT(line.at("time").get<std::string>(), ::testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
}

TEST(AcceptEncoding, is_read_with_its_weights) {
  EXPECT_TRUE(accepts_coding("gzip, br", "br"));
  EXPECT_TRUE(accepts_coding("GZIP;q=0.001", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip;q=0", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip; q=0.000", "gzip"));
  EXPECT_FALSE(accepts_coding("brotli", "br"));
  EXPECT_FALSE(accepts_coding("", "br"));
}

}  // namespace
}  // namespace kith::server::edge
