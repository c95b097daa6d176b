#include "client/core/test/people.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "keys/conversation.h"

namespace kith::client::test {

namespace {
constexpr int kTries = 200;

void let_it_restart(World& world, Client& client) {
  world.run_until([&] { return client.is_running() && !client.account.is_null(); });
}
}  // namespace

void register_account(World& world, Client& client, const std::string& phone) {
  if (!client.is_running()) client.start();
  for (int i = 0; i < kTries; ++i) {
    let_it_restart(world, client);
    const std::string stage = client.account["stage"];
    if (stage == "ready") return;
    if (stage == "new") client.ask({{"type", "register"}, {"phone", phone}});
    if (stage == "code") client.ask({{"type", "confirm_code"}, {"code", world.server.code}});
    if (stage == "account") client.ask({{"type", "register_anew"}});
    if (stage == "name") client.ask({{"type", "create_account"}, {"name", client.name}, {"device_name", "test"}});
    if (stage == "recovery_key") {
      const Json key = client.account["recovery_key"];
      client.ask({{"type", "confirm_recovery_key"},
                  {"groups", {{{"index", 1}, {"text", key[1]}}, {{"index", 5}, {"text", key[5]}}}}});
    }
  }
  ADD_FAILURE() << client.name << " never got ready: " << client.account.dump();
}

std::string find(World& world, Client& client, const std::string& phone) {
  for (int i = 0; i < kTries; ++i) {
    let_it_restart(world, client);
    const auto answer = client.ask({{"type", "find_contact"}, {"phone", phone}});
    if (answer && (*answer)["type"] == "done") return (*answer)["contact"]["user"];
    if (answer && (*answer)["error"] != "offline") break;
    world.run_for(100);
  }
  ADD_FAILURE() << client.name << " did not find " << phone;
  return {};
}

std::string conversation_of(const Client& client, const std::string& user) {
  return keys::direct_conversation(*UserId::from_text(client.account["user"].get<std::string>()),
                                   *UserId::from_text(user))
      .text();
}

std::vector<Json> chat_with(World& world, Client& client, const std::string& user) {
  for (int i = 0; i < kTries; ++i) {
    let_it_restart(world, client);
    std::vector<Json> all;
    Json before;
    while (true) {
      Json command = {{"type", "list_messages"}, {"conversation", conversation_of(client, user)}, {"limit", 100}};
      if (!before.is_null()) command["before"] = before;
      const auto answer = client.ask(command);
      if (!answer) break;
      if ((*answer)["type"] == "failed") return {};
      const auto page = (*answer)["messages"].get<std::vector<Json>>();
      all.insert(all.begin(), page.begin(), page.end());
      if (!(*answer)["more"]) return all;
      before = page.front()["order"];
    }
  }
  ADD_FAILURE() << client.name << " could not list its messages";
  return {};
}

std::vector<std::string> texts_with(World& world, Client& client, const std::string& user) {
  std::vector<std::string> texts;
  for (const Json& message : chat_with(world, client, user)) {
    const auto notice = message.find("notice");
    texts.push_back(notice == message.end()                      ? message["text"].get<std::string>()
                    : (*notice)["kind"] == "identity_changed"    ? "(identity changed)"
                    : (*notice)["kind"] == "generation_unsigned" ? "(new keys)"
                    : notice->contains("count")                  ? "(" + (*notice)["count"].dump() + " lost)"
                                                                 : "(some may be missing)");
  }
  return texts;
}

bool has_text(World& world, Client& client, const std::string& user, const std::string& text) {
  return std::ranges::count(texts_with(world, client, user), text) > 0;
}

void write(World& world, Client& client, const std::string& user, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    bool first = true;
    for (int i = 0; i < kTries; ++i) {
      let_it_restart(world, client);
      // After an answer that never came one looks before writing again.
      if (!first && has_text(world, client, user, text)) break;
      const auto answer = client.ask({{"type", "send"}, {"user", user}, {"text", text}});
      if (answer && (*answer)["type"] == "done") break;
      ASSERT_TRUE(!answer || (*answer)["error"] == "offline") << answer->dump();
      first = false;
      ASSERT_LT(i, kTries - 1);
    }
  }
}

namespace {
// The nodes that rows lie at, with what is in them. `any` is the key of one of them.
std::vector<std::pair<mls::NodeIndex, Bytes>> rows_like(const Client& client, Bytes any) {
  any.resize(any.size() - sizeof(std::uint64_t));
  std::vector<std::pair<mls::NodeIndex, Bytes>> found;
  const Bytes end = row_key::end_of(any);
  for (auto at = client.rows.lower_bound(any); at != client.rows.end() && at->first < end; ++at)
    found.emplace_back(row_key::node_of(at->first).value(), at->second);
  return found;
}
}  // namespace

AccountRecord stored_account(const Client& client) {
  return mls::decoded<AccountRecord>(client.rows.at(row_key::account())).value();
}

mls::RatchetPieces stored_ratchets(const Client& client, const ConversationId& conversation) {
  mls::RatchetPieces pieces;
  for (const auto& [node, bytes] : rows_like(client, row_key::group_ratchet(conversation, {})))
    pieces.push_back({node, to_secret(bytes)});
  return pieces;
}

mls::Group stored_group(const Client& client, const ConversationId& conversation) {
  mls::EpochChanges epoch{to_secret(client.rows.at(row_key::group_epoch(conversation))), {}};
  for (auto& [node, bytes] : rows_like(client, row_key::group_node(conversation, {})))
    epoch.nodes.push_back({node, std::move(bytes)});
  const auto key = crypto::Suite::product().signature_key_from(stored_account(client).leaf_key);
  return mls::Group::restore(epoch, nullptr, stored_ratchets(client, conversation), key.value()).value();
}

bool await_messages(World& world, Client& client, const std::string& user, std::size_t count) {
  for (int i = 0; i < kTries; ++i) {
    const auto messages = chat_with(world, client, user);
    const auto in_log = std::ranges::count_if(messages, [](const Json& m) { return m.contains("seq"); });
    if (static_cast<std::size_t>(in_log) >= count && messages.size() == count) return true;
    world.run_for(500);
  }
  return false;
}

std::vector<std::string> numbered(const std::string& prefix, int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(prefix + std::to_string(i));
  return texts;
}

void expect_same_chat(World& world, Client& a, Client& b, std::size_t count) {
  const std::string user_a = a.account["user"];
  const std::string user_b = b.account["user"];
  EXPECT_TRUE(await_messages(world, a, user_b, count)) << a.name;
  EXPECT_TRUE(await_messages(world, b, user_a, count)) << b.name;
  const auto at_a = chat_with(world, a, user_b);
  const auto at_b = chat_with(world, b, user_a);
  ASSERT_EQ(at_a.size(), count);
  ASSERT_EQ(at_b.size(), count);
  std::set<std::string> ids;
  std::set<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    for (const char* same : {"id", "seq", "sender", "text"})
      EXPECT_EQ(at_a[i].value(same, Json()), at_b[i].value(same, Json())) << same;
    EXPECT_TRUE(ids.insert(at_a[i]["id"]).second);
    EXPECT_TRUE(texts.insert(at_a[i]["text"]).second) << at_a[i];
  }
}

void with_a_crash_everywhere(const std::function<void(std::uint64_t crash_at, std::uint64_t& boundaries)>& story,
                             std::uint64_t stride) {
  std::uint64_t boundaries = 0;
  story(0, boundaries);
  ASSERT_GT(boundaries, 0U);
  const std::uint64_t all = boundaries;
  for (std::uint64_t crash_at = 1; crash_at <= all && !::testing::Test::HasFailure(); crash_at += stride) {
    SCOPED_TRACE("crash at boundary " + std::to_string(crash_at));
    story(crash_at, boundaries);
  }
}

Acquainted::Acquainted(std::uint64_t seed) : Pair(seed) {
  write(world, alice, bob_id, {"first"});
  EXPECT_TRUE(await_messages(world, bob, alice_id, 1));
  write(world, bob, alice_id, {"second"});
  EXPECT_TRUE(await_messages(world, alice, bob_id, 2));
}

std::size_t Acquainted::messages_in_log() {
  return static_cast<std::size_t>(std::ranges::count_if(
      conversation().log, [](const auto& entry) { return entry.kind != wire::EntryKind::commit; }));
}

}  // namespace kith::client::test
