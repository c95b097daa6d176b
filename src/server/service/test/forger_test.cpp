// Every field of every structure that comes with a commit, forged by a member (tests/support/forger): the server
// refuses it by name, nothing is stored, and the honest request is taken afterwards. What it cannot tell is listed
// here, with the reason; of all else it must tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "server/service/test/forger_stage.h"

namespace kith::server::service::test {
namespace {

using kith::test::Forgery;
using kith::test::Request;
using kith::test::Structure;
using kith::test::Untold;

// These are taken. Members tell, or it does not matter.
const std::vector<Untold> kUntold = {
    {"AuthenticatedData: conversation", "the sender's own words, compared by clients with the log"},
    {"AuthenticatedData: history_id", "the sender's own words, compared by clients with the log"},
    {"AuthenticatedData: client_id", "the sender's own words, compared by clients with the log"},
    {"AuthenticatedData: kind", "the sender's own words, compared by clients with the log"},
    {"AuthenticatedData: last_", "the sender's own words, compared by clients with the log"},
    {"DeviceLists: have one twice", "it says the same twice"},
    {"FramedContentAuthData: confirmation_tag is changed",
     "made with keys of the epoch: only whether all say the same"},
    {"FramedContentAuthData: membership_tag is changed", "made with a key of the epoch"},
    {"PathKeys: node 0: encryption_key is not that of its secret", "the secret is sealed"},
    {"PathKeys: node 1: encryption_key is not that of its secret", "the secret is sealed"},
    {"PathKeys: node 2: encryption_key is not that of its secret", "the secret is sealed"},
    {"PathSecrets: the neighbour's ciphertext is changed", "sealed"},
    {"PathSecrets: the ciphertext for", "sealed"},
    {"PathSecrets: kem_output is another point", "sealed"},
    {"PathSecrets: two ciphertexts have changed places", "sealed"},
    {"PathSecrets: the secrets are sealed", "sealed"},
    {"GroupInfo: external_pub is another key", "made from a secret of the epoch"},
    {"Welcome: secrets.ciphertext", "sealed"},
    {"Welcome: encrypted_group_info", "sealed"},
    {"Welcome: GroupSecrets.", "sealed"},
    {"Welcome: GroupInfo.", "sealed"},
    {"ExternalCommit: kem_output is another point", "who holds the key of external_pub sees what it opens to"},
    {"ExternalCommit: confirmation_tag is changed", "made with keys of the epoch: only whether all say the same"},
    {"Founding: external_pub is missing", "nobody comes from outside into epoch 0"},
    {"Founding: confirmation_tag is changed", "made with a key that its founder alone has"},
    {"FoundersLeafNode: lifetime is over",
     "the first path takes its place, and nobody asks how old a member's leaf is"},
};

bool is_untold(const Structure& structure, const Forgery& forgery) {
  return std::ranges::any_of(kUntold, [&](const Untold& untold) { return untold.is(structure, forgery); });
}

struct Play {
  What what;
  Structure structure;
};
std::ostream& operator<<(std::ostream& out, const Play& play) { return out << play.structure; }

std::vector<Play> all_plays() {
  std::vector<Play> plays;
  for (const auto& s : kith::test::structures_of_commit()) plays.push_back({What::commit, s});
  plays.push_back({What::commit, kith::test::group_infos()});
  plays.push_back({What::commit, kith::test::welcomes()});
  for (const auto& s : kith::test::structures_of_return()) plays.push_back({What::return_, s});
  plays.push_back({What::entry, kith::test::intrusions()});
  for (const auto& s : kith::test::structures_of_beginning()) plays.push_back({What::beginning, s});
  return plays;
}

class ForgedRequest : public testing::TestWithParam<Play> {};
INSTANTIATE_TEST_SUITE_P(Of, ForgedRequest, testing::ValuesIn(all_plays()),
                         [](const auto& param) { return std::string(param.param.structure.name); });

TEST_P(ForgedRequest, is_refused_by_name_and_changes_nothing) {
  Stage stage(GetParam().what);
  const std::string before = stage.dump();
  for (const Forgery& forgery : GetParam().structure.forgeries(stage.scene)) {
    SCOPED_TRACE(forgery.name);
    EXPECT_EQ(forgery.server.empty(), is_untold(GetParam().structure, forgery));
    if (forgery.server.empty()) continue;
    EXPECT_EQ(stage.send(stage.make(forgery.hands)), forgery.server);
    EXPECT_TRUE(stage.dump() == before);
  }
  EXPECT_EQ(stage.send(stage.make()), "ok");
}

// Each at a server of its own: it begins an epoch, and the next one would be late.
TEST_P(ForgedRequest, is_taken_where_the_server_cannot_tell) {
  Stage first(GetParam().what);
  const auto forgeries = GetParam().structure.forgeries(first.scene);
  for (std::size_t i = 0; i < forgeries.size(); ++i) {
    if (!forgeries[i].server.empty()) continue;
    SCOPED_TRACE(forgeries[i].name);
    Stage stage(GetParam().what);
    EXPECT_EQ(stage.send(stage.make(GetParam().structure.forgeries(stage.scene)[i].hands)), "ok");
  }
}

TEST(ForgedRequests, that_the_server_cannot_tell_are_all_made) {
  Stage stage(What::beginning);
  std::vector<Untold> made;
  for (const Play& play : all_plays()) {
    for (const Forgery& forgery : play.structure.forgeries(stage.scene)) {
      for (const Untold& untold : kUntold) {
        if (untold.is(play.structure, forgery)) made.push_back(untold);
      }
    }
  }
  for (const Untold& untold : kUntold)
    EXPECT_GT(std::ranges::count(made, untold.what, &Untold::what), 0) << untold.what;
}

// Whose request it is, and for whom.
struct ForgedEnvelope : testing::Test {
  // Refused, and nothing is stored.
  std::string refusal(const Request& request, const Caller& by, const std::vector<DeviceWelcome>& welcomes) {
    const std::string before = stage.dump();
    const std::string answer = stage.send(request, by, welcomes);
    EXPECT_TRUE(stage.dump() == before);
    return answer;
  }
  Stage stage{What::commit};
  Request honest = stage.make();
  std::vector<DeviceWelcome> invitations = stage.welcomes(honest);
};

TEST_F(ForgedEnvelope, of_somebody_elses_commit_is_refused) {
  const std::string another = "the committer is not the sender";
  EXPECT_EQ(refusal(honest, stage.anns(1), invitations), another) << "another device of the same user";
  EXPECT_EQ(refusal(honest, stage.anns(3), invitations), another) << "one that is not in";
  EXPECT_EQ(refusal(honest, stage.bobs(0), invitations), another);
  EXPECT_EQ(refusal(honest, {stage.scene.stranger.user, stage.scene.anns[0].id}, invitations), "not_member");
  EXPECT_EQ(stage.send(honest), "ok");
}

TEST_F(ForgedEnvelope, that_invites_others_than_the_commit_adds_is_refused) {
  const auto to = [&](const Caller& device) { return DeviceWelcome{device, honest.welcome}; };
  const auto attempt = [&](const std::vector<DeviceWelcome>& others) {
    return refusal(honest, stage.sender(), others);
  };
  EXPECT_EQ(attempt({}), "a device was added without a welcome");
  EXPECT_EQ(attempt({to(stage.anns(3)), to(stage.anns(3))}), "two welcomes for one device");
  EXPECT_EQ(attempt({to(stage.bobs(0))}), "a welcome for a device that was not added");
  EXPECT_EQ(attempt({to(stage.anns(3)), to(stage.bobs(0))}), "a welcome for a device that was not added");
  EXPECT_EQ(attempt({to({stage.scene.stranger.user, stage.scene.anns[3].id})}),
            "a welcome for a device that was not added");
  EXPECT_EQ(attempt(std::vector(domain::kMaxWelcomes + 1, to(stage.anns(3)))), "too_large");
  const Bytes large(domain::kMaxCommitBytes + 1);
  EXPECT_EQ(attempt({{stage.anns(3), large}}), "too_large");
  EXPECT_EQ(stage.send(honest), "ok");
}

TEST_F(ForgedEnvelope, of_a_commit_that_brings_in_a_third_user_is_refused) {
  const auto [eve, device] = stage.third_user();
  const auto third = stage.make({.proposals = [&](auto& proposals) {
    proposals.emplace_back(std::in_place_type<mls::Proposal>, mls::Add{stage.scene.package_of(device).key_package});
  }});
  EXPECT_EQ(refusal(third, stage.sender(), {{stage.anns(3), third.welcome}, {eve, third.welcome}}),
            "a leaf of a third user");
  EXPECT_EQ(stage.send(honest), "ok");
}

TEST_F(ForgedEnvelope, of_a_commit_that_comes_second_is_late) {
  const Request late = stage.make();
  EXPECT_EQ(stage.send(honest), "ok");
  EXPECT_EQ(refusal(late, stage.sender(), invitations), "stale_epoch");
  EXPECT_EQ(refusal(honest, stage.sender(), invitations), "stale_epoch");
}

TEST(ForgedBeginning, of_others_than_both_users_is_refused) {
  Stage stage(What::beginning);
  const std::string before = stage.dump();
  const auto attempt = [&](const std::vector<std::pair<Caller, const kith::test::Device*>>& who) {
    const auto request = stage.make({.proposals = [&](auto& proposals) {
      proposals.clear();
      for (const auto& [caller, device] : who) {
        proposals.emplace_back(std::in_place_type<mls::Proposal>,
                               mls::Add{stage.scene.package_of(*device).key_package});
      }
    }});
    std::vector<DeviceWelcome> welcomes;
    for (const auto& [caller, device] : who) welcomes.push_back({caller, request.welcome});
    return stage.send(request, stage.sender(), welcomes);
  };
  const auto anns = std::pair{stage.anns(1), &stage.scene.anns[1]};
  const auto bobs = std::pair{stage.bobs(0), &stage.scene.bobs[0]};
  const auto eves = stage.third_user();
  EXPECT_EQ(attempt({}), "no leaf of the peer");
  EXPECT_EQ(attempt({anns}), "no leaf of the peer");
  EXPECT_EQ(attempt({{eves.first, &eves.second}}), "no leaf of the peer");
  EXPECT_EQ(attempt({bobs, {eves.first, &eves.second}}), "a leaf of a third user");
  EXPECT_TRUE(stage.dump() == before);
  EXPECT_EQ(attempt({bobs, anns}), "ok");
}

}  // namespace
}  // namespace kith::server::service::test
