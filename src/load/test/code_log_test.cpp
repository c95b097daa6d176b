#include "load/code_log.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kith::load {
namespace {

using namespace std::chrono_literals;

class CodeLogTest : public testing::Test {
 protected:
  void SetUp() override { std::ofstream(path) << "{\"text\":\"one-time code for +1: 999999\"}\n"; }
  void TearDown() override { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path, std::ios::app) << text; }
  Task<void> keep(CodeLog& log, std::string address) { found = co_await log.code_for(std::move(address)); }

  Reactor reactor;
  const std::string path = testing::TempDir() + "code_log_test." + std::to_string(getpid());
  Result<std::string> found;
};

TEST_F(CodeLogTest, a_code_is_found_by_its_address_however_the_lines_are_cut) {
  CodeLog log(reactor, path);
  write("{\"event\":\"other\"}\n{\"text\":\"one-time code for +2: 1234");
  reactor.post_at(Clock::now() + 10ms, [this] { write("56\"}\n{\"text\":\"one-time code for +1: 654321\"}\n"); });
  EXPECT_TRUE(reactor.run(keep(log, "+2"), 10s));
  EXPECT_EQ(found, "123456");
  EXPECT_TRUE(reactor.run(keep(log, "+1"), 10s));
  EXPECT_EQ(found, "654321");
}

TEST_F(CodeLogTest, codes_from_before_are_not_seen) {
  CodeLog log(reactor, path);
  EXPECT_FALSE(reactor.run(keep(log, "+1"), 20ms));
}

TEST_F(CodeLogTest, a_missing_log_is_an_error) {
  CodeLog log(reactor, path + ".none");
  EXPECT_TRUE(reactor.run(keep(log, "+1"), 10s));
  EXPECT_FALSE(found);
}

}  // namespace
}  // namespace kith::load
