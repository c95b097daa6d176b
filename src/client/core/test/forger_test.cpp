// What a forger puts into the log (tests/support/forger): the client names it, comes back where it must, and the chat
// goes on. All that the server cannot tell, and of what it would refuse some of each structure, as from a server that
// took it all the same.
#include <algorithm>
#include <cctype>

#include "client/core/test/insider.h"
#include "tests/support/forger/forgeries.h"

namespace kith::client::test {
namespace {

using kith::test::Forgery;
using kith::test::Hands;
using kith::test::Request;
using kith::test::Scene;
using kith::test::Structure;

struct Case {
  const char* structure;
  const char* name;
  const char* warning = "entry_refused";
  bool rejoins = true;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.structure << ": " << c.name; }

// "MlsMessage: version is 2" -> MlsMessage_version_is_2
std::string name_of(const testing::TestParamInfo<Case>& param) {
  std::string name = param.param.structure + std::string("_") + param.param.name;
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

// The forgeries are made in other hands than Alice's; these do not depend on whose they are.
Hands find(const Case& wanted) {
  Scene scene = Scene::of_nobody_known();
  std::vector<Structure> all = {kith::test::group_infos(), kith::test::welcomes()};
  for (const auto& structures : {kith::test::structures_of_commit(), kith::test::structures_of_return()})
    all.insert(all.end(), structures.begin(), structures.end());
  for (const Structure& structure : all) {
    if (std::string_view(structure.name) != wanted.structure) continue;
    for (const Forgery& forgery : structure.forgeries(scene)) {
      if (forgery.name == wanted.name) return forgery.hands;
    }
  }
  ADD_FAILURE() << "no such forgery: " << wanted;
  return {};
}

class Forged : public testing::TestWithParam<Case> {
 protected:
  explicit Forged(bool has_talked = true) : t(has_talked) {}
  void expect_named() {
    t.world.run_for(30'000);
    EXPECT_GE(t.bob.warnings[GetParam().warning], 1);
    EXPECT_EQ(t.bob.warnings["rejoining"] > 0, GetParam().rejoins);
    t.all_is_well_in_the_end();
  }
  bool is_return() const { return std::string_view(GetParam().structure) == "ExternalCommit"; }
  Request make(const ClientId& client) {
    return is_return() ? t.come_back(client, find(GetParam())) : t.commit(client, find(GetParam()));
  }
  Insider t;
};

// The server takes it, and follows.
class ForgedUnseen : public Forged {};
INSTANTIATE_TEST_SUITE_P(Of, ForgedUnseen,
                         testing::Values(Case{"FramedContentAuthData", "confirmation_tag is changed"},
                                         Case{"FramedContentAuthData", "membership_tag is changed"},
                                         Case{"PathKeys", "node 0: encryption_key is not that of its secret"},
                                         Case{"PathSecrets", "the neighbour's ciphertext is changed"},
                                         Case{"PathSecrets", "kem_output is another point"},
                                         Case{"PathSecrets", "the secrets are sealed in another epoch"},
                                         Case{"PathSecrets", "the secrets are sealed for another tree"},
                                         Case{"ExternalCommit", "kem_output is another point"},
                                         Case{"ExternalCommit", "confirmation_tag is changed"},
                                         Case{"GroupInfo", "external_pub is another key", "group_refused", false},
                                         Case{"AuthenticatedData", "is empty", "entry_refused", false},
                                         Case{"AuthenticatedData", "conversation is another one", "entry_refused",
                                              false},
                                         Case{"AuthenticatedData", "client_id is another one", "entry_refused", false},
                                         Case{"AuthenticatedData", "kind is that of a message", "entry_refused", false},
                                         Case{"AuthenticatedData", "last_seq is in the future", "entry_refused", false},
                                         Case{"AuthenticatedData", "history_id is another one", "log_forked", false},
                                         Case{"AuthenticatedData", "last_hash is another one", "log_forked", false}),
                         name_of);

TEST_P(ForgedUnseen, is_named_and_the_chat_goes_on) {
  const ClientId client = t.next_client();
  t.put_commit(client, make(client));
  expect_named();
}

// A server that knows better would have refused it: this one writes it down and does not follow.
class ForgedSeen : public Forged {};
INSTANTIATE_TEST_SUITE_P(
    Of, ForgedSeen,
    testing::Values(
        Case{"MlsMessage", "version is 2"}, Case{"MlsMessage", "holds the GroupInfo"},
        Case{"MlsMessage", "holds a commit as a PrivateMessage"},
        Case{"FramedContent", "group_id is another conversation's"}, Case{"FramedContent", "sender is beyond the tree"},
        Case{"FramedContent", "content is a proposal"}, Case{"FramedContentAuthData", "signature is changed"},
        Case{"FramedContentAuthData", "confirmation_tag is empty"}, Case{"Proposals", "removes its own sender"},
        Case{"Proposals", "changes the group's extensions"}, Case{"Proposals", "names a proposal that was never sent"},
        Case{"Proposals", "adds somebody without an account"}, Case{"PathLeafNode", "capabilities.extensions is empty"},
        Case{"PathLeafNode", "parent_hash is changed"}, Case{"PathLeafNode", "signature is changed"},
        Case{"PathCredential", "credential is empty"},
        Case{"PathCredential", "credential is a stranger's, who certified the key"},
        Case{"PathKeys", "node 0: encryption_key has a low order"}, Case{"PathShape", "there is no path"},
        Case{"PathShape", "there is a node more"}, Case{"PathSecrets", "kem_output is the point zero"},
        Case{"ExternalCommit", "there is no path"}, Case{"ExternalCommit", "there is no ExternalInit"},
        Case{"ExternalCommit", "removes two leaves"}, Case{"ExternalCommit", "signature is changed"}),
    name_of);

TEST_P(ForgedSeen, is_named_and_the_chat_goes_on) {
  const ClientId client = t.next_client();
  t.put(wire::EntryKind::commit, client, make(client).commit);
  expect_named();
}

// Whoever cannot use his invitation comes in from outside.
class ForgedWelcome : public Forged {
 protected:
  ForgedWelcome() : Forged(false) {}
};
INSTANTIATE_TEST_SUITE_P(Of, ForgedWelcome,
                         testing::Values(Case{"Welcome", "secrets.ciphertext is changed", "rejoining"},
                                         Case{"Welcome", "encrypted_group_info is changed", "rejoining"},
                                         Case{"Welcome", "secrets.new_member is changed", "rejoining"},
                                         Case{"Welcome", "GroupSecrets.joiner_secret is changed", "rejoining"},
                                         Case{"Welcome", "GroupSecrets.path_secret is changed", "rejoining"},
                                         Case{"Welcome", "GroupSecrets.path_secret is missing", "rejoining"},
                                         Case{"Welcome", "GroupSecrets.psks has one that nobody has", "rejoining"},
                                         Case{"Welcome", "GroupInfo.group_id is another conversation's", "rejoining"},
                                         Case{"Welcome", "GroupInfo.epoch is the one after", "rejoining"},
                                         Case{"Welcome", "GroupInfo.tree_hash is changed", "rejoining"},
                                         Case{"Welcome", "GroupInfo.confirmation_tag is changed", "rejoining"},
                                         Case{"Welcome", "GroupInfo.signature is changed", "rejoining"}),
                         name_of);

TEST_P(ForgedWelcome, is_named_and_the_chat_begins) {
  t.begin(find(GetParam()));
  expect_named();
}

TEST(ForgersHands, that_change_nothing_are_not_noticed) {
  Insider t;
  const ClientId client = t.next_client();
  t.put_commit(client, t.commit(client, {}));
  t.world.run_for(30'000);
  EXPECT_TRUE(t.bob.warnings.empty());
  Insider first(false);
  first.begin({});
  first.world.run_for(30'000);
  EXPECT_TRUE(first.bob.warnings.empty());
}

}  // namespace
}  // namespace kith::client::test
