// Adding and removing more than one commit can take, keys that cannot be had at once, and an owner without a device
// that could be reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "keys/group_rules.h"
#include "keys/recovery_key.h"
#include "mls/framing.h"
#include "mls/labels.h"
#include "mls/profile.h"

namespace kith::client::test {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Le;

// Proposals of each commit that a group's log has from this entry on.
std::vector<std::size_t> proposals_of(const ModelServer::Conversation& group, std::size_t from) {
  std::vector<std::size_t> counts;
  for (std::size_t i = from; i < group.log.size(); ++i) {
    if (group.log[i].kind != wire::EntryKind::commit) continue;
    const auto message = *mls::decoded_message<mls::PublicMessage>(group.log[i].payload);
    counts.push_back(std::get<mls::Commit>(message.content.content).proposals.size());
  }
  return counts;
}

// A key package of this person's device with so much in it that it fills a third of a request; its device knows it.
std::string heavy_package(World& world, Client& client) {
  client.stop();
  const auto suite = crypto::Suite::product();
  const AccountRecord account = stored_account(client);
  const auto key = *suite.signature_key_from(account.leaf_key);
  kith::test::SeededEntropy entropy(account.device.value[0]);
  const mls::LeafParameters leaf{.credential = mls::Credential::basic(account.credential),
                                 .capabilities = mls::profile::capabilities(),
                                 .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world.now() / 1000)),
                                 .extensions = {}};
  auto made = mls::create_key_package(suite, leaf, key, false, entropy);
  mls::KeyPackage& package = made.key_package;
  package.extensions.push_back({0xF0F0, Bytes(std::size_t{350} * 1024)});
  package.signature = mls::sign_with_label(suite, key, "KeyPackageTBS", mls::key_package_tbs(package));
  made.ref = mls::key_package_ref(suite, package);
  client.rows[row_key::key_package(made.ref)] = to_bytes(mls::encoded_secret(made));
  client.rows[row_key::key_package_mark(made.ref)] = mls::encoded(KeyPackageMark{.created_ms = world.now()});
  client.start();
  return to_base64url(mls::encoded_message(package));
}

TEST(Members, people_whose_keys_are_too_large_for_one_commit_come_by_several) {
  Friends f;
  f.found({});
  std::map<std::string, std::string> heavy;  // by device
  for (Client* client : {&f.ben, &f.cleo, &f.dan}) heavy[client->account["device"]] = heavy_package(f.world, *client);
  f.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("key_packages")) return;
    for (Json& item : body["key_packages"]) {
      if (heavy.contains(item["device"])) item["key_package"] = heavy[item["device"]];
    }
    reply.body = body.dump();
  };
  const std::size_t before = f.group().log.size();
  EXPECT_EQ(f.add(f.ann, {&f.ben, &f.cleo, &f.dan}), "done");
  EXPECT_EQ(f.say(f.dan, "here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "Dan: here");
  EXPECT_EQ(proposals_of(f.group(), before), (std::vector<std::size_t>{1, 2})) << "fewer, and again as many as can be";
  for (Client* client : {&f.ann, &f.ben, &f.cleo, &f.dan}) EXPECT_THAT(client->warnings, IsEmpty()) << client->name;
}

// Ben brings in people who have one device each, and no client.
struct Swarm : Friends {
  static constexpr int kCommits = 2;
  static constexpr int kOfEach = 150;

  Swarm() {
    found({&ben, &cleo});
    ben.stop();
    const AccountRecord account = stored_account(ben);
    const auto token = mls::decoded<TokenRecord>(ben.rows.at(row_key::tokens()))->access;
    auto group_of_ben = stored_group(ben, id());
    const auto connection = world.server.open();
    world.server.receive(connection, wire::encode({.id = 1, .body = wire::Hello{.token = token}}));
    for (std::uint8_t i = 1; i <= kCommits; ++i) {
      const ClientId client{{0xBE, i}};
      mls::CommitOptions options{.authenticated_data = bound(client), .tree_in_welcome = false};
      for (int n = 0; n < kOfEach; ++n) options.adds.push_back(somebody());
      auto commit = *group_of_ben.commit(options, entropy);
      world.server.receive(connection, wire::encode({.id = i + 1U,
                                                     .body = wire::Commit{.conversation = id(),
                                                                          .client_id = client,
                                                                          .epoch = {group_of_ben.epoch()},
                                                                          .payload = commit.commit,
                                                                          .group_info = commit.group_info,
                                                                          .welcomes = {}}}));
      group_of_ben = std::move(commit.next);
      world.deliver_sent();
    }
    world.run_for(10'000);
    EXPECT_EQ(info(ann)["members"].size(), people.size() + 3);
  }
  [[nodiscard]] Bytes bound(const ClientId& client) const {
    return keys::AuthenticatedData{.conversation = id(),
                                   .history_id = world.server.history,
                                   .client_id = client,
                                   .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                   .last_seq = {},
                                   .extra = {}}
        .encode();
  }
  mls::VerifiedKeyPackage somebody() {
    const auto suite = crypto::Suite::product();
    UserId user{{0x50, static_cast<std::uint8_t>(people.size() >> 8), static_cast<std::uint8_t>(people.size())}};
    people.push_back(user);
    const auto certificate = keys::GenerationCertificate::sign(user, generation, identity);
    const auto key = suite.generate_signature_key(entropy);
    const auto credential = keys::DeviceCredential::make(user, DeviceId{{1}}, identity.public_key, certificate,
                                                         generation, suite.id(), key.public_key);
    const mls::LeafParameters leaf{.credential = mls::Credential::basic(credential.encode()),
                                   .capabilities = mls::profile::capabilities(),
                                   .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world.now() / 1000)),
                                   .extensions = {}};
    return *mls::VerifiedKeyPackage::verify(mls::create_key_package(suite, leaf, key, false, entropy).key_package,
                                            suite, std::nullopt);
  }

  kith::test::SeededEntropy entropy{31};
  crypto::SignatureKeyPair identity = keys::RecoveryKey::generate(entropy).identity_key();
  keys::AccountGeneration generation = keys::AccountGeneration::generate(0, entropy);
  std::vector<UserId> people;
};

TEST(Members, what_one_commit_cannot_do_the_next_ones_do) {
  Swarm f;
  EXPECT_EQ(f.role(f.ann, f.cleo, "admin"), "done");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_role"}, {"user", f.people[5].text()}, {"role", "admin"}}), "done");
  f.expect_all_see({&f.cleo}, "[Ann made somebody admin]");
  const std::size_t before = f.group().log.size();
  // The first commit is on its way for so long that all the rest is ready for the next one.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &f.ann || std::holds_alternative<wire::Pong>(frame.body);
  };
  for (const UserId& user : f.people)
    f.ann.tell({{"type", "remove_member"}, {"conversation", f.conversation}, {"user", user.text()}});
  f.ann.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.dan)}}});
  f.world.run_for(5'000);
  f.world.to_client = nullptr;
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  const auto counts = proposals_of(f.group(), before);
  EXPECT_THAT(counts, Each(Le(keys::kMaxProposals)));
  EXPECT_GE(*std::ranges::max_element(counts), keys::kMaxProposals - 2) << "as many as can be";
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.unanswered().empty(); }));
  EXPECT_EQ(f.say(f.dan, "so few"), "done");
  f.expect_all_see({&f.ann, &f.cleo, &f.dan}, "Dan: so few");
  EXPECT_THAT(f.cleo.warnings, IsEmpty());
}

TEST(Members, whose_keys_cannot_be_had_at_once_come_when_they_can) {
  for (const int status : {0, 429, 503}) {
    SCOPED_TRACE(status);
    Friends f(60U + static_cast<unsigned>(status));
    f.found({&f.ben});
    int refused = 0;
    f.world.http_to_client = [&](ModelServer::HttpReply& reply) {
      if (refused == 5) return;
      ++refused;
      reply = {status, Json{{"error", status == 429 ? "rate_limited" : "overloaded"},
                            {"message", "Not now."},
                            {"retry_after_ms", 3'000}}
                           .dump()};
    };
    const auto answer = f.ann.ask(
        {{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.cleo), f.id_of(f.dan)}}});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ((*answer)["type"], "done") << answer->dump();
    EXPECT_EQ((*answer)["not_added"], Json::array());
    EXPECT_EQ(refused, 5);
    EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member, Dan member");
    EXPECT_THAT(f.ann.warnings, IsEmpty());
  }
}

TEST(Members, whom_two_add_at_once_is_in_once) {
  for (const unsigned seed : {71U, 72U, 73U}) {
    SCOPED_TRACE(seed);
    Friends f(seed);
    f.found({&f.ben});
    const Json add{{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.cleo)}}};
    f.ann.tell(add);
    f.ben.tell(add);
    EXPECT_TRUE(f.world.run_until([&] { return f.ann.unanswered().empty() && f.ben.unanswered().empty(); }));
    EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member");
    ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo).is_object(); }));
    EXPECT_EQ(f.say(f.cleo, "once"), "done");
    f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Cleo: once");
    const auto lines = f.seen(f.ann);
    EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.ends_with("added Cleo]"); }), 1);
    for (Client* client : {&f.ann, &f.ben, &f.cleo}) EXPECT_THAT(client->warnings, IsEmpty()) << client->name;
  }
}

TEST(Members, what_is_too_fast_for_the_server_is_done_a_little_later) {
  Friends f;
  f.found({&f.ben});
  f.world.server.refuse_commits = 2;
  const std::int64_t before = f.world.now();
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_GE(f.world.now() - before, 10'000) << "as long as the server said, each time";
  EXPECT_EQ(f.say(f.ann, "meanwhile"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: meanwhile");
  EXPECT_THAT(f.ann.warnings, IsEmpty());
}

TEST(Members, who_finds_no_place_is_named_and_the_others_go_on) {
  Friends f;
  f.found({&f.ben});
  f.world.server.max_group_members = 2;
  const auto answer =
      f.ann.ask({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.cleo)}}});
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ((*answer)["not_added"].size(), 1U) << answer->dump();
  EXPECT_EQ((*answer)["not_added"][0]["error"], "group_full");
  EXPECT_EQ(f.say(f.ben, "just us"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: just us");
  f.world.server.max_group_members = 3;
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
}

// All that Ann's account lists is a device whose keys the server does not give.
TEST(Members, an_owner_keeps_the_last_leaf_until_another_one_is_there) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  DevicesOf ann(f.ann);
  const auto tablet = ann.device(7);
  f.ann.stop();
  const std::size_t before = f.group().log.size();
  int refused = 0;
  f.world.to_client = [&](Client&, wire::Frame& frame) {
    const auto* error = std::get_if<wire::Error>(&frame.body);
    if (error != nullptr && error->code != wire::ErrorCode::commit_first) ++refused;
    return true;
  };
  f.world.server.set_devices(ann.list_without_own(2, {&tablet}), {{tablet.id, {}}});
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "hello"}});
  f.world.run_for(60'000);
  EXPECT_EQ(f.group().log.size(), before);
  EXPECT_EQ(refused, 0) << "nobody tries to take the owner away";
  f.world.server.set_devices(ann.list_without_own(3, {&tablet}), {DevicesOf::listed(tablet)});
  f.expect_all_see({&f.ben, &f.cleo}, "Ben: hello");
  const auto seats = *keys::seats_of(*f.group().group);
  const auto of_ann = std::ranges::find(seats, Friends::device_of(f.ann).first, &keys::Seat::user);
  ASSERT_NE(of_ann, seats.end());
  EXPECT_EQ(of_ann->device, tablet.id);
  EXPECT_EQ(seats.size(), 3U);
}

TEST(Members, an_invitation_that_was_taken_back_before_it_was_read_is_nothing) {
  Friends f;
  f.found({&f.ben});
  f.cleo.stop();
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  bool is_late = true;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* mails = std::get_if<wire::Mails>(&frame.body);
    if (&client != &f.cleo || mails == nullptr || !is_late) return true;
    std::erase_if(mails->mails, [](const wire::Mail& mail) { return mail.kind == wire::MailKind::removed; });
    if (!mails->mails.empty()) mails->head_seq = mails->mails.back().seq;
    return true;
  };
  f.cleo.start();
  f.world.run_for(20'000);
  is_late = false;
  f.world.run_for(20'000);
  EXPECT_THAT(f.world.said, IsEmpty());
  EXPECT_FALSE(f.chat(f.cleo).is_object());
}

TEST(Members, what_was_on_its_way_when_a_device_lost_the_group_is_done_when_it_is_back) {
  Friends f;
  f.found({&f.ben});
  bool is_lost = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ann || is_lost) return true;
    if (std::holds_alternative<wire::Entries>(frame.body)) {
      wire::Error trimmed;
      trimmed.code = wire::ErrorCode::trimmed;
      trimmed.first_seq = Seq{1'000};
      frame.body = trimmed;
      is_lost = true;
    }
    return !std::holds_alternative<wire::Appended>(frame.body) && !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  f.ann.tell({{"type", "set_role"}, {"conversation", f.conversation}, {"user", f.id_of(f.ben)}, {"role", "admin"}});
  EXPECT_TRUE(f.world.run_until([&] { return is_lost && f.chat(f.ann)["membership"] == "member"; }));
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.unanswered().empty(); }));
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben admin");
}

}  // namespace
}  // namespace kith::client::test
