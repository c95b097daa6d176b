#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/support/temporary_directory.h"

namespace kith::server {
namespace {

using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  std::expected<Config, Farewell> read(std::vector<std::string> arguments) {
    return read_config({.arguments = std::move(arguments), .environment = [this](const char* name) -> const char* {
                          const auto found = environment.find(name);
                          return found == environment.end() ? nullptr : found->second.c_str();
                        }});
  }
  std::string file(const std::string& text) {
    const std::string path = directory.path() + "/kithd.toml";
    std::ofstream(path) << text;
    return path;
  }
  std::string complaint(std::vector<std::string> arguments) {
    const auto result = read(std::move(arguments));
    if (result) return "";
    EXPECT_NE(result.error().exit_code, 0);
    return result.error().text;
  }

  kith::test::TemporaryDirectory directory;
  std::map<std::string, std::string> environment;
};

TEST_F(ConfigTest, with_nothing_given_it_listens_on_localhost_and_stores_under_data) {
  const auto config = read({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->edge.address, "127.0.0.1");
  EXPECT_EQ(config->edge.port, 8470);
  EXPECT_EQ(config->data, "./data");
  EXPECT_EQ(config->store, StoreKind::rocksdb);
  EXPECT_EQ(config->edge.io_threads, 1U);
  EXPECT_EQ(config->otp_sender, "log");
  EXPECT_EQ(config->edge.limits.max_group_members, 2000U);
  EXPECT_EQ(config->edge.limits.archive_mebibytes, 2048U);
}

TEST_F(ConfigTest, a_flag_wins_over_the_environment_and_that_over_the_file) {
  const std::string path =
      file("listen = \"0.0.0.0:1\"\nio_threads = 4\ndata = \"/a\"\n[limits]\nlookups_per_hour = 7.5\n");
  environment = {
      {"KITH_CONFIG", path}, {"KITH_IO_THREADS", "5"}, {"KITH_DATA", "/b"}, {"KITH_LIMITS_CLAIMS_PER_HOUR", "9"}};
  const auto config = read({"--data", "/c", "--log-level=debug"});
  ASSERT_TRUE(config.has_value()) << config.error().text;
  EXPECT_EQ(config->edge.address, "0.0.0.0");
  EXPECT_EQ(config->edge.port, 1);
  EXPECT_EQ(config->edge.io_threads, 5U);
  EXPECT_EQ(config->data, "/c");
  EXPECT_EQ(config->edge.limits.lookups_per_hour, 7.5);
  EXPECT_EQ(config->edge.limits.claims_per_hour, 9);
  EXPECT_EQ(config->log_level, edge::LogLevel::debug);
}

TEST_F(ConfigTest, every_key_can_be_set_in_all_three_places) {
  const std::map<std::string, std::string, std::less<>> values{{"listen", "[::1]:9"},
                                                               {"data", "/x"},
                                                               {"store", "memory"},
                                                               {"log_level", "error"},
                                                               {"otp_sender", "log"},
                                                               {"trust_forwarded_for", "true"},
                                                               {"max_buffered_bytes", "2000000"}};
  for (const ConfigKey& key : config_keys()) {
    const auto found = values.find(key.name);
    const std::string value = found == values.end() ? "3" : found->second;
    std::string flag = "--" + std::string(key.name);
    std::string variable = "KITH_" + std::string(key.name);
    for (char& c : flag) c = c == '_' || c == '.' ? '-' : c;
    for (char& c : variable) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
    EXPECT_TRUE(read({flag, value}).has_value()) << flag;
    environment = {{variable, "no such value ever"}};
    if (key.name != "data") EXPECT_THAT(complaint({}), HasSubstr(std::string(key.name)));
    environment.clear();
    EXPECT_TRUE(read({"--config", file(std::string(key.name) + " = \"" + value + "\"\n")}).has_value()) << key.name;
  }
}

TEST_F(ConfigTest, unknown_keys_and_values_that_do_not_fit_are_errors_by_name) {
  EXPECT_THAT(complaint({"--config", file("lissten = \"x\"\n")}), HasSubstr("lissten"));
  EXPECT_THAT(complaint({"--config", file("[limits]\nlookups = 1\n")}), HasSubstr("limits.lookups"));
  EXPECT_THAT(complaint({"--config", file("listen = [1]\n")}), HasSubstr("listen"));
  EXPECT_THAT(complaint({"--config", file("a = \n")}), HasSubstr("line 1"));
  EXPECT_FALSE(complaint({"--config", directory.path() + "/missing.toml"}).empty());
  EXPECT_FALSE(complaint({"--lissten", "x"}).empty());
  EXPECT_FALSE(complaint({"stray"}).empty());
  for (const char* value : {"", "8470", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", ":1"}) {
    EXPECT_THAT(complaint({std::string("--listen=") + value}), HasSubstr("listen")) << value;
  }
  EXPECT_THAT(complaint({"--io-threads", "0"}), HasSubstr("io_threads"));
  for (const char* value : {"0", "-1", "100001", "2.5"}) {
    EXPECT_THAT(complaint({std::string("--limits-max-group-members=") + value}), HasSubstr("max_group_members"));
  }
  EXPECT_EQ(read({"--limits-archive-mebibytes=0"})->edge.limits.archive_mebibytes, 0U);
  for (const char* value : {"-1", "16777217", "2.5"}) {
    EXPECT_THAT(complaint({std::string("--limits-archive-mebibytes=") + value}), HasSubstr("archive_mebibytes"));
  }
  for (const char* value : {"-1", "0", "nan", "-nan", "inf", "1e400", "1e10"}) {
    EXPECT_THAT(complaint({std::string("--limits-appends-per-second=") + value}), HasSubstr("appends_per_second"))
        << value;
  }
}

TEST_F(ConfigTest, help_names_every_key) {
  const auto help = read({"--help"});
  ASSERT_FALSE(help.has_value());
  EXPECT_EQ(help.error().exit_code, 0);
  EXPECT_THAT(help.error().text, HasSubstr("--limits-commits-per-minute"));
  EXPECT_THAT(help.error().text, HasSubstr("KITH_LISTEN"));
}

}  // namespace
}  // namespace kith::server
