// What travels beside commits, forged: application messages, GroupInfos that members put in the committer's place, key
// packages for others to claim; and all that comes with a commit, damaged byte by byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "server/service/test/forger_stage.h"

namespace kith::server::service::test {
namespace {

using kith::test::for_each_damage;
using kith::test::Forgery;
using kith::test::Request;
using kith::test::Structure;
using kith::test::Untold;

// Messages are sealed: the server sees who they are from and where they belong.
TEST(ForgedMessages, are_refused_where_their_envelope_shows_it) {
  Stage stage(What::commit);
  const std::vector<Untold> untold = {{"PrivateMessage: authenticated_data", "the sender's own words"},
                                      {"PrivateMessage: encrypted_sender_data", "sealed"},
                                      {"PrivateMessage: ciphertext", "sealed"},
                                      {"PrivateMessage: sealed", "sealed"}};
  const Structure structure{"PrivateMessage", nullptr};
  for (const auto& forgery : kith::test::message_forgeries(stage.scene)) {
    SCOPED_TRACE(forgery.name);
    const bool is_untold = std::ranges::any_of(untold, [&](const Untold& u) {
      return u.is(structure, {.name = forgery.name, .hands = {}, .server = "", .reader = ""});
    });
    EXPECT_EQ(forgery.server.empty(), is_untold);
    const std::string before = stage.dump();
    EXPECT_EQ(stage.append(forgery.message, stage.scene.group->epoch()), is_untold ? "ok" : forgery.server);
    if (!is_untold) EXPECT_TRUE(stage.dump() == before);
  }
  const Bytes honest = kith::test::honest_message(stage.scene);
  EXPECT_EQ(stage.append(honest, stage.scene.group->epoch() + 1), "payload: of another epoch than the request says");
  EXPECT_EQ(stage.append(honest, stage.scene.group->epoch()), "ok");
}

TEST(ForgedConfirmation, is_refused_as_the_committers_word_is) {
  Stage stage(What::commit);
  const std::string before = stage.dump();
  for (const Forgery& forgery : kith::test::group_infos().forgeries(stage.scene)) {
    // What the server cannot tell members put right once more. Who leaves with the commit is still in here.
    if (forgery.server.empty() || forgery.name == "signer is a leaf that was removed") continue;
    SCOPED_TRACE(forgery.name);
    const Bytes info = stage.scene.confirm(forgery.hands);
    // Beside a commit there would have been one.
    const bool is_commit = forgery.name == "holds the commit";
    EXPECT_EQ(stage.confirm(info), is_commit ? "group_info: truncated" : forgery.server);
    EXPECT_TRUE(stage.dump() == before);
  }
  const Bytes honest = stage.scene.confirm();
  EXPECT_EQ(stage.confirm(honest, stage.anns(3)), "not_member") << "a device that is not in yet";
  EXPECT_EQ(stage.confirm(honest, stage.anns(1)), "group_info: not signed by who sends it");
  EXPECT_EQ(stage.confirm(honest), "ok");
}

// What nobody could use is not kept for anybody.
TEST(ForgedKeyPackage, is_not_taken_for_others_to_claim) {
  Stage stage(What::beginning);
  stage.set_device(3);
  const std::string before = stage.dump();
  for (const Structure& structure : kith::test::structures_of_commit()) {
    const std::string_view name = structure.name;
    if (name != "KeyPackage" && name != "AddedLeafNode" && name != "AddedCredential") continue;
    for (const Forgery& forgery : structure.forgeries(stage.scene)) {
      // Where a key is already a group knows, and this is none.
      if (forgery.name == "encryption_key is another leaf's" || forgery.name == "encryption_key is a node's") continue;
      SCOPED_TRACE(structure.name + (": " + forgery.name));
      EXPECT_EQ(stage.upload(stage.scene.forged_package(forgery.hands)), "key_package_invalid");
      EXPECT_TRUE(stage.dump() == before);
    }
  }
  EXPECT_EQ(stage.upload(stage.scene.forged_package({})), "ok");
}

// Where of `in` these bytes are: what is sealed or tagged in a message.
struct Span {
  std::size_t from, size;
};
Span place_of(const Bytes& part, const Bytes& in) {
  const auto found = std::ranges::search(in, part);
  KITH_CHECK(!found.empty());
  return {static_cast<std::size_t>(found.begin() - in.begin()), part.size()};
}

class DamagedRequest : public testing::TestWithParam<What> {
 protected:
  // Every damage of this part is refused, but for what nobody can tell who has no keys.
  void expect_refused(Bytes Request::* part, const std::vector<Span>& untold = {}) {
    const std::string before = stage.dump();
    const Bytes whole = honest.*part;
    for_each_damage(whole, [&](const Bytes& damaged, const std::string& how) {
      const auto differs = std::ranges::mismatch(damaged, whole).in1 - damaged.begin();
      const bool is_untold =
          damaged.size() == whole.size() && std::ranges::any_of(untold, [&](const Span& span) {
            return std::cmp_greater_equal(differs, span.from) && std::cmp_less(differs, span.from + span.size);
          });
      if (is_untold) return;
      Request request = honest;
      request.*part = damaged;
      const std::string answer = stage.send(request);
      EXPECT_NE(answer, "ok") << how;
      EXPECT_NE(answer, "internal") << how;
    });
    EXPECT_TRUE(stage.dump() == before);
  }
  Stage stage{GetParam()};
  Request honest = stage.make();
};
INSTANTIATE_TEST_SUITE_P(Of, DamagedRequest, testing::Values(What::commit, What::return_, What::beginning),
                         [](const auto& param) {
                           return param.param == What::commit    ? "Commit"
                                  : param.param == What::return_ ? "Return"
                                                                 : "Beginning";
                         });

TEST_P(DamagedRequest, is_refused_wherever_it_is_damaged) {
  const bool is_members = GetParam() != What::return_;
  expect_refused(&Request::commit,
                 is_members ? std::vector<Span>{{honest.commit.size() - 32, 32}} : std::vector<Span>{});
  expect_refused(&Request::group_info);
  if (!honest.founding.empty()) expect_refused(&Request::founding);
  if (!honest.welcome.empty()) {
    const auto welcome = *mls::decoded_message<mls::Welcome>(honest.welcome);
    std::vector<Span> sealed = {place_of(welcome.encrypted_group_info, honest.welcome)};
    for (const auto& secrets : welcome.secrets) {
      sealed.push_back(place_of(secrets.encrypted_group_secrets.kem_output, honest.welcome));
      sealed.push_back(place_of(secrets.encrypted_group_secrets.ciphertext, honest.welcome));
    }
    expect_refused(&Request::welcome, sealed);
  }
  EXPECT_EQ(stage.send(honest), "ok");
}

}  // namespace
}  // namespace kith::server::service::test
