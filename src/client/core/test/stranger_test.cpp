// Servers that say, rightly or not, that somebody is not in a group: nothing is lost by their word alone, and nobody
// asks again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/commits.h"
#include "client/core/test/friends.h"
#include "keys/group_policy.h"
#include "mls/profile.h"
#include "mls/welcome.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

wire::Error error_of(wire::ErrorCode code) {
  return {.code = code, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {}};
}

struct Strangers : Friends {
  explicit Strangers(std::uint64_t seed) : Friends(seed) { found({&ben, &cleo}); }

  std::string membership(Client& client) {
    const Json here = chat(client);
    return here.is_object() ? here["membership"] : Json("none");
  }
  // The server behaves as if this one were out, and tells nobody.
  void estrange(Client& client) {
    group().leaves.erase(device_of(client));
    group().gone[device_of(client)] = {group().log.size()};
  }
  void reconcile(Client& client) {
    group().gone.erase(device_of(client));
    group().leaves.insert(device_of(client));
  }
  // Answers of this kind to this client are counted, and replaced where there is something to replace them by.
  template <class Body>
  void count_answers(Client& to, const std::optional<wire::ErrorCode>& instead = {}) {
    world.to_client = [this, &to, instead](Client& client, wire::Frame& frame) {
      if (&client != &to || frame.id == 0 || !std::holds_alternative<Body>(frame.body)) return true;
      ++counted;
      if (instead) frame.body = error_of(*instead);
      return true;
    };
  }
  // Dan, who was never in it, makes a group of the same name and of a later epoch, has the server show it in the place
  // of the true one, and invites Ben into it.
  void invite_into_a_forged_one() {
    kith::test::SeededEntropy entropy(5);
    const AccountRecord account = stored_account(dan);
    const auto suite = crypto::Suite::product();
    const auto key = *suite.signature_key_from(account.leaf_key);
    auto policy = *keys::policy_of(group().group->context().extensions);
    policy.owner = account.user;
    policy.admins.clear();
    auto forged = *mls::Group::create(
        suite,
        {.group_id = keys::group_id(id(), 0),
         .leaf = {.credential = mls::Credential::basic(account.credential),
                  .capabilities = mls::profile::capabilities(),
                  .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world.now() / 1000)),
                  .extensions = {}},
         .extensions = keys::group_extensions(policy)},
        key, entropy);
    while (forged.epoch() < group().epoch.value + 5) {
      auto next = *forged.commit({}, entropy);
      forged = std::move(next.next);
    }
    const auto token = mls::decoded<TokenRecord>(dan.rows.at(row_key::tokens()))->access;
    const Json claimed =
        Json::parse(world.server.http("POST", "/v1/users/" + id_of(ben) + "/key_packages/claim", token, "{}").body);
    const auto package = *from_base64url(claimed["key_packages"][0]["key_package"].get<std::string>());
    const auto verified = *mls::VerifiedKeyPackage::verify_message(package, suite, std::nullopt);
    const ClientId client{{0xFE}};
    const Bytes bound = keys::AuthenticatedData{
        .conversation = id(),
        .history_id = world.server.history,
        .client_id = client,
        .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
        .last_seq = {},
        .extra = {}}.encode();
    const auto commit =
        *forged.commit({.adds = {verified}, .authenticated_data = bound, .tree_in_welcome = false}, entropy);
    group().group = forged.public_group();
    group().group_info = forged.group_info(false);
    group().epoch = {forged.epoch()};
    const auto connection = world.server.open();
    world.server.receive(connection, wire::encode({.id = 1, .body = wire::Hello{.token = token}}));
    world.server.receive(
        connection, wire::encode({.id = 2,
                                  .body = wire::Commit{
                                      .conversation = id(),
                                      .client_id = client,
                                      .epoch = {forged.epoch()},
                                      .payload = commit.commit,
                                      .group_info = commit.group_info,
                                      .welcomes = {{device_of(ben).first, device_of(ben).second, commit.welcome}}}}));
    world.server.close(connection);
    world.deliver_sent();
  }

  int counted = 0;
};

// What the server can bring about by its word alone: that it does not keep the log, of a group that one is out of.
void put_out_by_its_word(Strangers& f) {
  f.count_answers<wire::Entries>(f.ben, wire::ErrorCode::trimmed);
  f.world.server.tell_removed(Friends::device_of(f.ben), f.id(), {f.group().log.size() + 1}, {});
  ASSERT_TRUE(f.world.run_until([&] { return f.membership(f.ben) == "out"; }));
  f.world.to_client = nullptr;
}

TEST(Stranger, who_was_put_out_by_the_servers_word_comes_into_no_group_of_others_under_that_name) {
  Strangers f(51);
  put_out_by_its_word(f);
  f.invite_into_a_forged_one();
  f.world.run_for(180'000);
  EXPECT_EQ(f.membership(f.ben), "joining");
  EXPECT_THAT(f.world.said, Contains(HasSubstr("nobody who was in it invites this device")));
  EXPECT_GE(f.ben.warnings["group_refused"], 1) << "nor from outside";
  const auto before = f.group().log.size();
  EXPECT_EQ(f.say(f.ben, "a secret for Ann and Cleo"), "done") << "kept for them";
  f.world.run_for(60'000);
  EXPECT_EQ(f.group().log.size(), before);
}

TEST(Stranger, nor_does_who_had_lost_the_group_before_the_server_said_so) {
  Strangers f(52);
  // A log that cannot be this group's, and a group that he is not to come back to.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    static const Bytes garbage = to_bytes("garbage");
    const auto spoil = [](wire::Entry& entry) {
      if (entry.kind == wire::EntryKind::commit) entry.payload = garbage;
    };
    if (&client != &f.ben) return true;
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) spoil(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) std::ranges::for_each(entries->entries, spoil);
    if (std::holds_alternative<wire::Group>(frame.body)) frame.body = error_of(wire::ErrorCode::not_member);
    return true;
  };
  EXPECT_EQ(f.role(f.ann, f.cleo, "admin"), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.membership(f.ben) == "out"; }));
  f.world.to_client = nullptr;
  f.invite_into_a_forged_one();
  f.world.run_for(180'000);
  EXPECT_EQ(f.membership(f.ben), "joining");
  EXPECT_THAT(f.world.said, Contains(HasSubstr("nobody who was in it invites this device")));
}

TEST(Stranger, who_was_put_out_by_the_servers_word_is_brought_back_by_people_it_knew) {
  Strangers f(53);
  put_out_by_its_word(f);
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.expect_all_see({&f.cleo}, "[Ann removed Ben]");
  EXPECT_EQ(f.add(f.cleo, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: back");
}

// Ben, to whom the server does not speak: for ten minutes, and then again.
void says_hello_until_it_is_taken(Strangers& f) {
  f.count_answers<wire::Error>(f.ben);
  EXPECT_EQ(f.say(f.ben, "hello?"), "done");
  f.world.run_for(600'000);
  EXPECT_GE(f.counted, 10) << "it is tried";
  EXPECT_LE(f.counted, 100) << "twice a minute, and where Ben has read to once";
  EXPECT_EQ(f.membership(f.ben), "member") << "by its word alone nobody is out";
  f.reconcile(f.ben);
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: hello?");
}

TEST(Stranger, a_message_that_the_server_refuses_for_ever_waits_and_leaves_when_it_is_taken) {
  Strangers f(54);
  f.estrange(f.ben);
  says_hello_until_it_is_taken(f);
  EXPECT_EQ(std::ranges::count(f.seen(f.ann), "Ben: hello?"), 1);
}

// He has just started, and looks at the devices before he sends.
TEST(Stranger, a_message_before_which_the_server_refuses_to_tell_of_devices_waits_likewise) {
  Strangers f(58);
  f.ben.stop();
  f.estrange(f.ben);
  f.ben.start();
  says_hello_until_it_is_taken(f);
}

// He was away, and the mail that says so is kept from him.
TEST(Stranger, who_is_refused_to_be_told_of_devices_reads_that_he_is_out) {
  Strangers f(59);
  f.ben.stop();
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* mails = std::get_if<wire::Mails>(&frame.body); &client == &f.ben && mails != nullptr)
      mails->mails.clear();
    return true;
  };
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.ben.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.ben.is_online(); }));
  EXPECT_EQ(f.membership(f.ben), "member");
  EXPECT_EQ(f.say(f.ben, "hello?"), "done");
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.membership(f.ben), "out");
  // And he does not wait once he is in again.
  f.world.to_client = nullptr;
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "back"}});
  EXPECT_TRUE(f.world.run_until([&] { return f.seen(f.ann).back() == "Ben: back"; }, 5'000));
}

TEST(Stranger, a_change_that_the_server_refuses_is_answered_and_may_be_made_later) {
  Strangers f(55);
  f.estrange(f.ann);
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "not_member");
  EXPECT_EQ(f.membership(f.ann), "member");
  f.reconcile(f.ann);
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.cleo) == "Ann owner, Ben admin, Cleo member"; }));
}

TEST(Stranger, new_keys_that_the_server_refuses_for_ever_are_offered_at_most_once_a_minute) {
  Strangers f(56);
  const auto epoch = f.group().epoch;
  f.world.run_for(Commits::kRefreshMs - 3'600'000);
  for (Client* client : {&f.ann, &f.cleo}) client->stop();
  f.estrange(f.ben);
  f.count_answers<wire::Error>(f.ben);
  f.world.run_for(Commits::kSpreadMs + 3'600'000);
  f.counted = 0;
  f.world.run_for(3'600'000);
  EXPECT_GE(f.counted, 30) << "it is tried";
  EXPECT_LE(f.counted, 200);
  f.reconcile(f.ben);
  for (Client* client : {&f.ann, &f.cleo}) client->start();
  const auto is_of_ben = [&](const auto& entry) {
    return entry.kind == wire::EntryKind::commit && entry.sender == Friends::device_of(f.ben) && entry.epoch >= epoch;
  };
  EXPECT_TRUE(f.world.run_until([&] { return std::ranges::any_of(f.group().log, is_of_ben); }));
  EXPECT_EQ(f.say(f.ben, "still here"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: still here");
}

// The mail says that Ben is out; the log that would bear it out cannot be had.
TEST(Stranger, mail_about_a_log_that_cannot_be_read_does_not_keep_other_mail_waiting_for_ever) {
  Strangers f(57);
  f.count_answers<wire::Entries>(f.ben, wire::ErrorCode::overloaded);
  f.world.server.tell_removed(Friends::device_of(f.ben), f.id(), {f.group().log.size() + 5}, {});
  const auto made = f.cleo.ask({{"type", "create_group"}, {"name", "Sailing"}, {"members", {f.id_of(f.ben)}}});
  ASSERT_TRUE(made.has_value());
  const auto is_in = [&] {
    const auto chats = f.ben.ask({{"type", "list_chats"}});
    return chats && std::ranges::any_of((*chats)["chats"], [&](const Json& chat) {
             return chat["conversation"] == (*made)["chat"]["conversation"] && chat["membership"] == "member";
           });
  };
  EXPECT_TRUE(f.world.run_until(is_in, 300'000));
  EXPECT_EQ(f.membership(f.ben), "member") << "and nobody is out by it";
  f.world.to_client = nullptr;
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ben}, "Ann: hello");
}

}  // namespace
}  // namespace kith::client::test
