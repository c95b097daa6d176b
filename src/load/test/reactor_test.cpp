#include "load/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "load/stream.h"

namespace kith::load {
namespace {

using namespace std::chrono_literals;

// One end of a socket pair: keeps what it receives.
class End final : public StreamOwner {
 public:
  End(Reactor& reactor, int fd) : stream(reactor, *this) { stream.adopt(fd); }
  void on_connected() override {}
  void on_data(ByteSpan bytes) override { append(received, bytes); }
  void on_closed(const std::string& why) override { closed = why; }
  Bytes received;
  std::string closed;
  Stream stream;
};

struct Ends {
  Reactor reactor;
  std::unique_ptr<End> a;
  std::unique_ptr<End> b;
  Ends() {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    auto address = *Address::from("127.0.0.1", 0);
    socklen_t size = sizeof address.value;
    auto* raw = reinterpret_cast<sockaddr*>(&address.value);
    EXPECT_EQ(bind(listener, raw, size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    EXPECT_EQ(getsockname(listener, raw, &size), 0);
    const int one = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(one, raw, size), 0);
    const int other = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    ::close(listener);
    a = std::make_unique<End>(reactor, one);
    b = std::make_unique<End>(reactor, other);
  }
};

TEST(Reactor, timers_run_in_the_order_of_their_times) {
  Reactor reactor;
  std::string order;
  const auto now = Clock::now();
  reactor.post_at(now + 3ms, [&] { order += 'c'; });
  reactor.post_at(now + 1ms, [&] { order += 'a'; });
  reactor.post_at(now + 1ms, [&] { order += 'b'; });
  EXPECT_TRUE(reactor.run([&] { return order.size() == 3; }, 10s));
  EXPECT_EQ(order, "abc");
}

TEST(Reactor, a_task_that_never_ends_is_ended_by_its_time) {
  Reactor reactor;
  bool destroyed = false;
  struct Mark {
    bool& flag;
    ~Mark() { flag = true; }
  };
  const auto forever = [&]() -> Task<void> {
    const Mark mark{destroyed};
    co_await OneShot<bool>();
  };
  EXPECT_FALSE(reactor.run(forever(), 5ms));
  EXPECT_TRUE(destroyed);
}

TEST(Reactor, a_stop_ends_it) {
  Reactor reactor;
  reactor.post([&] { reactor.stop(); });
  EXPECT_FALSE(reactor.run([] { return false; }, 10s));
}

TEST(Stream, more_than_the_kernel_takes_at_once_arrives_whole) {
  Ends ends;
  Bytes sent(8 * 1024 * 1024);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 31 + (i >> 10U));
  ends.a->stream.send(ByteView(sent).first(1000));
  ends.a->stream.send(ByteView(sent).subspan(1000));
  EXPECT_TRUE(ends.reactor.run([&] { return ends.b->received.size() >= sent.size(); }, 20s));
  EXPECT_EQ(ends.b->received, sent);
  EXPECT_EQ(ends.a->stream.unsent_bytes(), 0U);
}

TEST(Stream, the_end_of_the_other_side_is_told_once) {
  Ends ends;
  ends.a->stream.close();
  EXPECT_TRUE(ends.reactor.run([&] { return !ends.b->closed.empty(); }, 10s));
  EXPECT_FALSE(ends.b->stream.is_open());
}

}  // namespace
}  // namespace kith::load
