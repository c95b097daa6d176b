// The whole server as main runs it, on disk: what it makes, that it comes back, and what it refuses.
#include "server/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "crypto/crypto.h"
#include "server/edge/test/client.h"
#include "server/key_files.h"
#include "tests/support/temporary_directory.h"

namespace kith::server {
namespace {

namespace fs = std::filesystem;
using edge::test::HttpClient;
using ::testing::HasSubstr;

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() {
    config.data = directory.path() + "/data";
    config.edge.port = 0;
  }
  std::unique_ptr<Daemon> start() {
    auto started = Daemon::start(config, log);
    EXPECT_TRUE(started.has_value()) << started.error();
    return *std::move(started);
  }
  std::string logged() {
    const std::lock_guard lock(mutex);
    return text;
  }

  kith::test::TemporaryDirectory directory;
  Config config;
  std::mutex mutex;
  std::string text;
  edge::Log log{edge::LogLevel::info, [this](const std::string& line) {
                  const std::lock_guard lock(mutex);
                  text += line;
                }};
};

TEST_F(DaemonTest, serves_the_web_client_and_puts_codes_into_its_log) {
  const auto daemon = start();
  HttpClient http(daemon->port());
  EXPECT_THAT(http.get("/").body, HasSubstr("<html"));
  EXPECT_EQ(http.get("/readyz").status, 200);
  EXPECT_EQ(http.post("/v1/registrations", {{"phone", "0151 12345678"}, {"region", "DE"}}).status, 201);
  EXPECT_THAT(logged(), HasSubstr("one-time code for +4915112345678: "));
  EXPECT_THAT(logged(), HasSubstr("for development only"));
}

TEST_F(DaemonTest, comes_back_with_its_keys_and_what_it_stored) {
  std::string keys;
  std::string registration;
  {
    const auto daemon = start();
    HttpClient http(daemon->port());
    keys = http.get("/v1/jwks.json").body;
    registration = http.post("/v1/registrations", {{"phone", "+4915112345678"}}).json().at("registration");
  }
  const auto daemon = start();
  HttpClient http(daemon->port());
  EXPECT_EQ(http.get("/v1/jwks.json").body, keys);
  EXPECT_EQ(http.post("/v1/registrations/" + registration + "/code", {{"code", "x"}}).error(), "wrong_code");
}

TEST_F(DaemonTest, what_it_stores_is_for_its_user_only) {
  const auto daemon = start();
  for (const char* path : {"", "/keys", "/keys/master.key", "/keys/tokens.key"}) {
    struct stat status{};
    ASSERT_EQ(::stat((config.data + path).c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 077U, 0U) << path;
  }
}

TEST_F(DaemonTest, refuses_a_store_without_its_key) {
  start().reset();
  fs::remove(config.data + "/keys/master.key");
  const auto started = Daemon::start(config, log);
  ASSERT_FALSE(started.has_value());
  EXPECT_THAT(started.error(), HasSubstr("master.key"));
  EXPECT_FALSE(fs::exists(config.data + "/keys/master.key"));
}

TEST_F(DaemonTest, refuses_a_port_that_is_taken_and_says_which) {
  const auto first = start();
  config.data = directory.path() + "/other";
  config.edge.port = first->port();
  const auto second = Daemon::start(config, log);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error(), HasSubstr(std::to_string(first->port())));
}

TEST_F(DaemonTest, in_memory_it_leaves_nothing_behind) {
  config.store = StoreKind::memory;
  start().reset();
  EXPECT_FALSE(fs::exists(config.data));
}

TEST_F(DaemonTest, says_so_where_anybody_may_reach_it) {
  start().reset();
  EXPECT_THAT(logged(), ::testing::Not(HasSubstr("beyond_loopback")));
  config.edge.address = "0.0.0.0";
  start().reset();
  EXPECT_THAT(logged(), HasSubstr("listening_beyond_loopback"));
}

TEST_F(DaemonTest, takes_no_more_connections_than_the_system_gives_files_for) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 300;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  start().reset();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(logged(), HasSubstr("\"file_limit\":300,\"max_connections\":150"));
}

TEST_F(DaemonTest, refuses_a_key_that_others_can_read) {
  start().reset();
  const std::string path = config.data + "/keys/tokens.key";
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  const auto started = Daemon::start(config, log);
  ASSERT_FALSE(started.has_value());
  EXPECT_THAT(started.error(), HasSubstr(path));
  EXPECT_THAT(started.error(), HasSubstr("0640"));
}

TEST(KeyFiles, are_written_past_what_lies_in_their_way) {
  const kith::test::TemporaryDirectory directory;
  crypto::SystemEntropy entropy;
  const std::string elsewhere = directory.path() + "/elsewhere";
  std::ofstream(elsewhere) << "untouched";
  fs::create_symlink(elsewhere, directory.path() + "/k.new");
  ASSERT_TRUE(load_or_create_key(directory.path() + "/k", entropy).has_value());
  std::ifstream in(elsewhere);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "untouched");
  EXPECT_TRUE(load_or_create_key(directory.path() + "/k", entropy).has_value());
}

TEST(KeyFiles, are_made_once_and_never_replaced) {
  const kith::test::TemporaryDirectory directory;
  crypto::SystemEntropy entropy;
  const std::string path = directory.path() + "/k";
  const auto made = load_or_create_key(path, entropy);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(*load_or_create_key(path, entropy), *made);
  for (const char* wrong : {"", "12", "not hexadecimal at all, but of some length, it goes on and on...."}) {
    std::ofstream(path) << wrong;
    EXPECT_FALSE(load_or_create_key(path, entropy).has_value()) << wrong;
    std::ifstream in(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), wrong);
  }
  EXPECT_FALSE(load_or_create_key(directory.path() + "/missing/k", entropy).has_value());
}

}  // namespace
}  // namespace kith::server
