// Every field of every structure, forged by a member (tests/support/forger): whoever reads it refuses it, says why, and
// is what it was. What readers cannot tell is listed here, with the reason.
#include <gtest/gtest.h>

#include <algorithm>

#include "keys/group_rules.h"
#include "mls/test/people.h"
#include "tests/support/forger/messages.h"

namespace kith::mls {
namespace {

using kith::test::Forgery;
using kith::test::Request;
using kith::test::Scene;
using kith::test::Structure;
using kith::test::Untold;
using test::state;

const std::vector<Untold> kUntold = {
    {"MlsMessage: holds a commit as a PrivateMessage", "MLS has those; Kith's clients and server take none"},
    {"AuthenticatedData: conversation", "the sender's own words; clients compare them with the log"},
    {"AuthenticatedData: history_id", "the sender's own words; clients compare them with the log"},
    {"AuthenticatedData: client_id", "the sender's own words; clients compare them with the log"},
    {"AuthenticatedData: kind", "the sender's own words; clients compare them with the log"},
    {"AuthenticatedData: last_", "the sender's own words; clients compare them with the log"},
    {"DeviceLists: have one twice", "it says the same twice"},
    {"DeviceLists: are under a generation beside the account's", "what the account began only the account knows"},
    {"DeviceLists: version is one that the account never had", "which list is the newest only the account knows"},
    {"Proposals: adds somebody without an account", "accounts are no part of a group; clients know their peer"},
    {"AddedLeafNode: lifetime", "who asks for the time decides differently at another time"},
    {"AddedCredential: credential is a stranger's", "who may be in a conversation clients know"},
    {"PathLeafNode: signature_key is one that the account does not list", "its user certified it"},
    {"Intrusion: comes in as a stranger", "who may be in a conversation clients know"},
    {"ExternalCommit: GroupInfo is signed", "members never read it"},
    // Who comes from outside has only what a member signed: his commit fits no group, and the others refuse it.
    {"GroupInfo: epoch is", "nothing to compare with"},
    {"GroupInfo: confirmed_transcript_hash is changed", "nothing to compare with"},
    {"GroupInfo: group extensions are gone", "nothing to compare with"},
    {"GroupInfo: confirmation_tag is changed", "nothing to compare with"},
    {"GroupInfo: external_pub is another key", "nothing to compare with"},
    {"GroupInfo: an extension that nobody knows is in it", "whoever reads it ignores it, RFC 9420 section 13.4"},
    {"GroupInfo: signer is another device, which did sign", "any member may sign one"},
    {"GroupInfo: is larger than any may be", "how large is the server's to say"},
    {"Welcome: secrets has one", "what is there for others nobody reads"},
};
// Of those, what does no harm.
const std::vector<std::string> kHarmless = {"an extension that nobody knows is in it",
                                            "signer is another device, which did sign", "is larger than any may be"};

// What a reader says of a commit: "" where it applies it, by the library's rules and by Kith's.
std::string verdict(const Group& reader, const Bytes& commit) {
  const auto staged = reader.process(commit);
  if (!staged) return name(staged.error().code);
  const auto message = decoded_message<PublicMessage>(commit);
  if (!message || !staged->next) return "";
  if (const auto allowed = keys::check_proposals(message->content, keys::GroupKind::direct); !allowed)
    return allowed.error().detail;
  const PublicGroup& next = staged->next->public_group();
  const auto seats = keys::seats_of(next);
  if (!seats) return seats.error().detail;
  const auto checked =
      keys::check_change(reader.public_group(), next, staged->effects, keys::GroupKind::direct, *seats);
  return checked ? "" : checked.error().detail;
}

// The same by somebody without secrets: what only members can tell does not come up.
std::string public_verdict(const PublicGroup& group, const Bytes& commit) {
  const auto message = decoded_message<PublicMessage>(commit);
  if (!message) return name(message.error().code);
  const auto verified = group.verify(message->authenticated());
  if (!verified) return name(verified.error().code);
  const auto staged = group.stage(*verified);
  return staged ? "" : name(staged.error().code);
}
bool is_publicly_told(const Forgery& forgery) {
  const std::string& why = forgery.reader;
  const bool is_sentence = why.find(' ') != std::string::npos;  // Kith's own rule, above the library
  return !is_sentence && !forgery.server.empty() && why != "bad_membership_tag" && why != "unknown_psk";
}

struct Play {
  Structure structure;
  Request (Scene::*make)(const kith::test::Hands&);
};
std::ostream& operator<<(std::ostream& out, const Play& play) { return out << play.structure; }

std::vector<Play> plays_of_commits() {
  std::vector<Play> plays;
  for (const auto& s : kith::test::structures_of_commit()) plays.push_back({s, &Scene::commit});
  for (const auto& s : kith::test::structures_of_return()) plays.push_back({s, &Scene::come_back});
  plays.push_back({kith::test::intrusions(), &Scene::come_in});
  return plays;
}
std::string name_of(const testing::TestParamInfo<Play>& param) { return param.param.structure.name; }

class Forged : public testing::TestWithParam<Play> {
 protected:
  Forged() {
    // Whose old leaf goes has no more to say.
    if (GetParam().make == &Scene::come_back) scene.others.erase(Scene::kAnnsThird);
  }
  // The group as it is for B1 behind the commit.
  Group after(const Request& request) const {
    return std::move(*scene.others.at(Scene::kNeighbour).process(request.commit).value().next);
  }
  void expect_listed(const Forgery& forgery) const {
    const bool is_listed =
        std::ranges::any_of(kUntold, [&](const Untold& u) { return u.is(GetParam().structure, forgery); });
    EXPECT_EQ(forgery.reader.empty(), is_listed);
  }
  Scene scene = Scene::of_nobody_known();
};

class ForgedCommit : public Forged {};
INSTANTIATE_TEST_SUITE_P(Of, ForgedCommit, testing::ValuesIn(plays_of_commits()), name_of);

TEST_P(ForgedCommit, is_refused_by_every_member_who_can_tell) {
  for (const Forgery& forgery : GetParam().structure.forgeries(scene)) {
    SCOPED_TRACE(forgery.name);
    expect_listed(forgery);
    const Request request = (scene.*GetParam().make)(forgery.hands);
    // What no public group takes as a message, or would have told earlier than a member.
    const bool is_private = forgery.reader.empty() && forgery.server == "payload: wrong_message";
    if (!is_private && forgery.reader != "bad_membership_tag") {
      EXPECT_EQ(public_verdict(scene.group->public_group(), request.commit),
                is_publicly_told(forgery) ? forgery.reader : "");
    }
    for (const auto& [leaf, reader] : scene.others) {
      const bool tells = forgery.told_by.empty() || std::ranges::count(forgery.told_by, leaf) > 0;
      const auto before = state(reader);
      EXPECT_EQ(verdict(reader, request.commit), tells ? forgery.reader : "") << "leaf " << leaf.value;
      EXPECT_EQ(state(reader), before) << "leaf " << leaf.value;
    }
  }
  const Request honest = (scene.*GetParam().make)({});
  for (const auto& [leaf, reader] : scene.others) {
    EXPECT_EQ(verdict(reader, honest.commit), "");
    EXPECT_EQ(reader.process(honest.commit)->next->epoch_authenticator(), after(honest).epoch_authenticator());
  }
}

class ForgedGroupInfo : public Forged {
 protected:
  // A3 comes back by it, with the tree that the server has.
  Result<PendingCommit> come_back(const Request& request) {
    const auto info = decoded_message<GroupInfo>(request.group_info);
    if (!info) return std::unexpected(info.error());
    KITH_TRY(const auto group, PublicGroup::open(*info, after(request).public_group().tree().encode()));
    return Group::join_external(group, *info, {.leaf = scene.leaf_of(scene.anns[2]), .remove = Scene::kAnnsThird},
                                scene.anns[2].key, scene.entropy);
  }
};
INSTANTIATE_TEST_SUITE_P(Of, ForgedGroupInfo, testing::Values(Play{kith::test::group_infos(), &Scene::commit}),
                         name_of);

TEST_P(ForgedGroupInfo, lets_nobody_come_back_unnoticed) {
  for (const Forgery& forgery : GetParam().structure.forgeries(scene)) {
    SCOPED_TRACE(forgery.name);
    expect_listed(forgery);
    const Request request = scene.commit(forgery.hands);
    const auto back = come_back(request);
    EXPECT_EQ(back ? "" : name(back.error().code), forgery.reader);
    if (!back) continue;
    const bool is_harmless = std::ranges::count(kHarmless, forgery.name) > 0;
    EXPECT_EQ(after(request).process(back->commit).has_value(), is_harmless);
  }
  const Request honest = scene.commit();
  EXPECT_TRUE(after(honest).process(come_back(honest).value().commit));
}

class ForgedWelcome : public Forged {
 protected:
  Result<Group> join(const Request& request) const {
    const Bytes tree = after(request).public_group().tree().encode();
    return Group::join(request.welcome, scene.guest, scene.anns[3].key, {.tree = tree});
  }
};
INSTANTIATE_TEST_SUITE_P(Of, ForgedWelcome, testing::Values(Play{kith::test::welcomes(), &Scene::commit}), name_of);

TEST_P(ForgedWelcome, lets_nobody_in) {
  for (const Forgery& forgery : GetParam().structure.forgeries(scene)) {
    SCOPED_TRACE(forgery.name);
    expect_listed(forgery);
    const auto joined = join(scene.commit(forgery.hands));
    EXPECT_EQ(joined ? "" : name(joined.error().code), forgery.reader);
  }
  const Request honest = scene.commit();
  EXPECT_EQ(join(honest).value().epoch_authenticator(), after(honest).epoch_authenticator());
}

TEST(ForgedMessages, are_refused_by_who_opens_them_and_cost_the_sender_nothing) {
  Scene scene = Scene::of_nobody_known();
  Group& reader = scene.others.at(Scene::kNeighbour);
  for (const auto& forgery : kith::test::message_forgeries(scene)) {
    SCOPED_TRACE(forgery.name);
    const auto before = state(reader);
    Group opens = reader;
    const auto opened = opens.unprotect(forgery.message);
    EXPECT_EQ(opened ? "" : name(opened.error().code), forgery.reader);
    // The sender's own words are for clients to compare with the log.
    EXPECT_EQ(forgery.reader.empty(), forgery.name == "authenticated_data is what nobody expects");
    if (!opened) EXPECT_EQ(state(opens), before);
  }
  // All of them had the key that this one has.
  const Bytes honest = kith::test::honest_message(scene);
  EXPECT_TRUE(reader.unprotect(honest));
  EXPECT_EQ(reader.unprotect(honest).error().code, Errc::generation_used);
}

TEST(ForgedCommits, that_nobody_can_tell_are_all_made) {
  auto plays = plays_of_commits();
  plays.push_back({kith::test::group_infos(), &Scene::commit});
  plays.push_back({kith::test::welcomes(), &Scene::commit});
  Scene scene = Scene::of_nobody_known();
  for (const Untold& untold : kUntold) {
    EXPECT_TRUE(std::ranges::any_of(plays, [&](const Play& play) {
      return std::ranges::any_of(play.structure.forgeries(scene),
                                 [&](const Forgery& forgery) { return untold.is(play.structure, forgery); });
    })) << untold.what;
  }
}

}  // namespace
}  // namespace kith::mls
