// What those who are in make of people whom the server lets in by a link.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/invite_link.h"
#include "client/core/test/friends.h"
#include "keys/conversation.h"
#include "keys/device.h"
#include "keys/grounds.h"
#include "mls/profile.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;

// Dan and a server that takes whatever he brings: it is in the log, and those who are in judge it.
struct BroughtIn : Friends {
  BroughtIn() : Friends(32) {
    found({&ben});
    const auto made = ann.ask({{"type", "create_invite"}, {"conversation", conversation}});
    link = *InviteLink::parse((*made)["invite"]["link"].get<std::string>());
    expect_all_see({&ann, &ben}, "[Ann: invite_made]");
  }
  void bring(const std::optional<keys::JoinProof>& proof) {
    dan.stop();
    const AccountRecord account = stored_account(dan);
    const ClientId client{{0xDA}};
    keys::Grounds grounds;
    if (proof) grounds.joins.push_back(*proof);
    const mls::ExternalJoinOptions options{
        .leaf = {.credential = mls::Credential::basic(account.credential),
                 .capabilities = mls::profile::capabilities(),
                 .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world.now() / 1000)),
                 .extensions = {}},
        .remove = {},
        .authenticated_data = keys::AuthenticatedData{.conversation = id(),
                                                      .history_id = world.server.history,
                                                      .client_id = client,
                                                      .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                                      .last_seq = {},
                                                      .extra = grounds.encode()}
                                  .encode()};
    const auto key = *crypto::Suite::product().signature_key_from(account.leaf_key);
    const auto pending = *mls::Group::join_external(
        ModelServer::shown(group()), *mls::decoded_message<mls::GroupInfo>(group().group_info), options, key, entropy);
    const Epoch epoch = group().epoch;
    group().log.push_back({.seq = group().log.back().seq.next(),
                           .time_ms = world.now(),
                           .sender = {account.user, account.device},
                           .client_id = client,
                           .kind = wire::EntryKind::commit,
                           .epoch = epoch,
                           .payload = pending.commit});
    group().change += 1'000;  // whatever else has changed since
    ModelServer::follow(group(), {id(), client, epoch, pending.commit, pending.group_info, {}});
    for (Client* member : {&ann, &ben}) member->stop();
    for (Client* member : {&ann, &ben}) member->start();
  }
  keys::JoinProof proof(const InviteLink& by) {
    const AccountRecord account = stored_account(dan);
    keys::JoinProof proof{.group_id = keys::group_id(id(), 0), .user = account.user};
    proof.identity_key = keys::DeviceCredential::decode(account.credential)->identity_key;
    proof.sign(by.key());
    return proof;
  }
  void expect_refused() {
    for (Client* client : {&ann, &ben}) {
      EXPECT_TRUE(world.run_until([&] { return client->warnings["entry_refused"] > 0; })) << client->name;
      EXPECT_EQ(roster(*client).find("Dan"), std::string::npos) << client->name;
    }
    const std::size_t before = group().log.size();
    ann.tell({{"type", "send"}, {"conversation", conversation}, {"text", "who is there?"}});
    world.run_for(60'000);
    EXPECT_EQ(group().log.size(), before) << "nothing is said to who came in like that";
  }
  InviteLink link;
  kith::test::SeededEntropy entropy{9};
};

TEST(InvitesJudged, who_has_the_link_is_taken_by_those_who_are_in) {
  BroughtIn f;
  f.bring(f.proof(f.link));
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.ben) == "Ann owner, Ben member, Dan member"; }));
  EXPECT_THAT(f.ben.warnings, IsEmpty());
}

TEST(InvitesJudged, who_brings_no_proof_is_refused_by_those_who_are_in) {
  BroughtIn f;
  f.bring(std::nullopt);
  f.expect_refused();
}

TEST(InvitesJudged, who_made_a_link_of_its_own_is_refused_by_those_who_are_in) {
  BroughtIn f;
  InviteLink own = f.link;
  own.seed[0] ^= 1;
  f.bring(f.proof(own));
  f.expect_refused();
}

TEST(InvitesJudged, who_did_not_sign_with_the_link_is_refused_by_those_who_are_in) {
  BroughtIn f;
  auto forged = f.proof(f.link);
  forged.signature[5] ^= 1;
  f.bring(forged);
  f.expect_refused();
}

TEST(InvitesJudged, who_comes_by_a_link_that_was_revoked_is_refused_by_those_who_are_in) {
  BroughtIn f;
  const std::string key = f.info(f.ann)["invites"][0]["invite"];
  EXPECT_EQ(f.run(f.ann, {{"type", "revoke_invite"}, {"invite", key}}), "done");
  f.expect_all_see({&f.ann, &f.ben}, "[Ann: invite_revoked]");
  f.bring(f.proof(f.link));
  f.expect_refused();
}

TEST(InvitesJudged, who_brings_the_proof_of_somebody_else_is_refused_by_those_who_are_in) {
  BroughtIn f;
  auto cleos = f.proof(f.link);
  cleos.user = Friends::device_of(f.cleo).first;
  cleos.sign(f.link.key());
  f.bring(cleos);
  f.expect_refused();
}

TEST(InviteCrashes, whoever_crashes_on_the_way_in_is_in_when_it_runs_again) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Friends f(31);
    f.found({&f.ben});
    const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
    ASSERT_TRUE(made.has_value());
    const std::string link = (*made)["invite"]["link"];
    f.world.run_for(10'000);
    f.world.boundaries = 0;
    f.world.crash_at = crash_at;
    for (int i = 0; i < 20 && f.group().leaves.size() < 3; ++i) {
      f.world.run_until([&] { return f.cleo.is_running() && !f.cleo.account.is_null(); });
      f.cleo.ask({{"type", "join_group"}, {"link", link}});
      f.world.run_for(500);
    }
    f.say_once(f.cleo, "here");
    f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Cleo: here");
    EXPECT_EQ(f.group().leaves.size(), 3U);
    EXPECT_EQ(f.group().uses.size(), 1U);
    EXPECT_EQ(f.group().uses.begin()->second, 1U);
    boundaries = f.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
