// Sockets without a server around them: what the system may refuse.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "server/edge/test/running_server.h"
#include "server/edge/wire_hint_encoder.h"
#include "server/edge/ws/sockets.h"

namespace kith::server::edge::test {
namespace {

TEST(SocketsTest, one_that_the_system_will_not_watch_is_closed_and_costs_nothing) {
  boost::asio::io_context io;
  AsioScheduler scheduler(io);
  LockedEntropy entropy;
  adapters::MemoryEngine engine(entropy);
  adapters::MemoryStore store(engine, scheduler);
  adapters::InProcessBus hub;
  const auto bus = hub.attach(scheduler);
  WireHintEncoder hints;
  KeptCodes codes;
  const PlainPhones phones;
  const domain::ServerSecrets secrets(Bytes(domain::ServerSecrets::kMasterBytes, 7));
  kith::test::QuickStretcher pins(scheduler);
  service::Node node({.store = store,
                      .bus = *bus,
                      .scheduler = scheduler,
                      .entropy = entropy,
                      .hints = hints,
                      .codes = codes,
                      .phones = phones,
                      .secrets = secrets,
                      .pins = pins});
  const AccessTokens tokens(Bytes(AccessTokens::kSeedBytes, 5));
  Log log(LogLevel::error, [](const std::string&) {});
  TaskScope tasks;
  const Timing timing;
  Sockets sockets({.io = io,
                   .scheduler = scheduler,
                   .node = node,
                   .bus = *bus,
                   .tokens = tokens,
                   .entropy = entropy,
                   .log = log,
                   .tasks = tasks,
                   .timing = timing,
                   .max_buffered_bytes = 1 << 20});

  const int file = ::memfd_create("unwatchable", MFD_CLOEXEC);  // epoll refuses files
  ASSERT_GE(file, 0);
  sockets.adopt(file, to_bytes("greeting"), as_view("and what came behind the handshake"));
  EXPECT_EQ(sockets.size(), 0U);
  EXPECT_EQ(sockets.buffered_bytes(), 0U);
  EXPECT_EQ(::fcntl(file, F_GETFD), -1) << "it is closed";
  io.poll();
}

}  // namespace
}  // namespace kith::server::edge::test
