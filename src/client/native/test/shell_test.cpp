#include "client/native/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/native/system_entropy.h"
#include "client/native/test/peer.h"
#include "client/native/test/temporary_directory.h"

namespace kith::client::native {
namespace {

using nlohmann::json;

// A shell on a state directory, with what it has shown.
struct Client {
  Client(Loop& loop, const std::filesystem::path& directory, const ServerUrl& server, Entropy& entropy)
      : loop_(loop), shell(loop, *Store::open(directory, entropy), server, entropy, [this](std::string_view event) {
          shown.push_back(json::parse(event));
          if (until && until(shown.back())) loop_.stop();
        }) {}

  // Runs until an event like this is shown.
  bool runs_until(const std::string& type, const std::function<bool(const json&)>& also = {}) {
    until = [=](const json& event) { return event.at("type") == type && (!also || also(event)); };
    return runs_to_its_end(loop_);
  }
  [[nodiscard]] bool has_shown(const std::string& type) const {
    return std::ranges::any_of(shown, [&](const json& event) { return event.at("type") == type; });
  }

  Loop& loop_;
  std::vector<json> shown;
  std::function<bool(const json&)> until;
  Shell shell;
};

class ShellTest : public testing::Test {
 protected:
  ShellTest() {
    // A server that begins every registration.
    server.on_received([this](const std::string& received) {
      if (!received.starts_with("POST /v1/registrations ") || !received.ends_with("}")) return;
      const std::string body =
          R"({"registration":"00112233445566778899aabbccddeeff","resend_after_ms":1000,"expires_in_ms":600000})";
      server.say("HTTP/1.1 201 Created\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
  }
  std::unique_ptr<Client> start() {
    auto client = std::make_unique<Client>(loop, directory.path() / "alice", server.url(), *entropy);
    KITH_CHECK(client->shell.start().has_value());
    KITH_CHECK(client->runs_until("account"));
    return client;
  }
  static constexpr const char* kRegister = R"({"id": 1, "type": "register", "phone": "+4915112345678"})";

  TemporaryDirectory directory;
  Loop loop;
  Peer server{loop};
  std::unique_ptr<Entropy> entropy = system_entropy();
};

TEST_F(ShellTest, what_was_shown_is_there_again_after_the_shell_was_destroyed) {
  {
    const auto client = start();
    EXPECT_EQ(client->shown.front().at("account").at("stage"), "new");
    client->shell.command(kRegister);
    ASSERT_TRUE(client->runs_until("done"));
  }
  const auto again = start();
  EXPECT_EQ(again->shown.front().at("account").at("stage"), "code");
}

TEST_F(ShellTest, nothing_is_shown_of_a_batch_that_another_process_made_impossible) {
  const auto client = start();
  // A file system without locks: the second process does not see the first one's.
  std::filesystem::remove(directory.path() / "alice" / "lock");
  const auto usurper = start();
  client->shell.command(kRegister);
  ASSERT_TRUE(client->runs_until("stopped"));
  EXPECT_EQ(client->shown.back().at("reason"), "taken_over");
  EXPECT_FALSE(client->has_shown("done"));
  EXPECT_FALSE(usurper->has_shown("stopped"));

  client->shell.command(R"({"id": 2, "type": "list_chats"})");
  ASSERT_TRUE(client->runs_until("failed"));
  EXPECT_EQ(client->shown.back().at("id"), 2);
  EXPECT_EQ(client->shown.back().at("error"), "stopped");

  usurper->shell.command(kRegister);
  EXPECT_TRUE(usurper->runs_until("done")) << "the one that took over goes on";
}

TEST_F(ShellTest, a_server_that_is_not_there_is_an_answer_too) {
  Client client(loop, directory.path() / "bob", {.tls = false, .host = "127.0.0.1", .port = 1}, *entropy);
  ASSERT_TRUE(client.shell.start());
  client.shell.command(kRegister);
  ASSERT_TRUE(client.runs_until("failed"));
  EXPECT_EQ(client.shown.back().at("error"), "offline");
}

TEST_F(ShellTest, finishing_without_a_connection_ends_at_once_and_nothing_is_shown_afterwards) {
  const auto client = start();
  client->shell.command(kRegister);
  const auto shown_before = client->shown.size();
  client->shell.finish([this] { loop.stop(); });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(client->shown.size(), shown_before);
}

}  // namespace
}  // namespace kith::client::native
