// A group of many, in rows: who sits where on several pages, a tree that is read in part, epochs that are kept.
#include <gtest/gtest.h>

#include "keys/conversation.h"
#include "keys/group_policy.h"
#include "mls/profile.h"
#include "server/domain/stored_group.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

constexpr std::size_t kMembers = 150;

class LargeGroup : public testing::Test {
 public:
  LargeGroup() {
    w_.limits.commits_per_minute = w_.limits.commits_per_member_minute = w_.limits.registrations_per_source_hour = 1000;
    w_.restart();
    for (std::size_t i = 0; i < kMembers; ++i) people_.push_back(w_.new_person("+49" + std::to_string(1000 + i)));
    for (Person& person : people_) w_.ok(w_.node->accounts.create(w_.account_of(person, 1)));
    const auto founded = found();
    store(founded.next.public_group());
    for (const std::size_t i : {70U, 149U}) joined_.insert_or_assign(i, join(i, founded.welcome));
    joined_.insert_or_assign(0, founded.next);
  }

  ConversationService& service() { return w_.node->conversations; }
  mls::PendingCommit found() {
    mls::CreateOptions create;
    create.group_id = keys::group_id(id_, 0);
    create.leaf.credential = mls::Credential::basic(people_[0].credential);
    create.leaf.capabilities = mls::profile::capabilities();
    create.leaf.lifetime = mls::profile::lifetime(now_s());
    create.extensions =
        keys::group_extensions({.founder = people_[0].user, .first_commit = {}, .owner = people_[0].user});
    const auto group = *mls::Group::create(crypto::Suite::product(), create, people_[0].leaf_key, w_.entropy);
    mls::CommitOptions options{.tree_in_welcome = false};
    for (std::size_t i = 1; i < kMembers; ++i) {
      options.adds.push_back(
          *mls::VerifiedKeyPackage::verify(people_[i].key_packages[0].key_package, crypto::Suite::product(), now_s()));
    }
    return *group.commit(options, w_.entropy);
  }
  // As the first commit of a group will write it.
  void store(const mls::PublicGroup& group) {
    const domain::GroupRecord record{domain::ConversationKind::group, 0, Epoch{group.epoch()}, *keys::seats_of(group),
                                     *keys::policy_of(group.context().extensions)};
    domain::Transaction t{.partition = domain::partition_of(id_)};
    t.writes = domain::rows_of({.before = nullptr,
                                .group_info_before = {},
                                .after = record,
                                .group_info = {},
                                .head = group.head_record(),
                                .tree = group.tree().to_store(mls::RatchetTree(group.suite())),
                                .replaced = {},
                                .notes = {},
                                .came = domain::users_of(record.seats),
                                .gone = {}});
    w_.ok(w_.store.commit(std::move(t)));
  }
  mls::Group join(std::size_t who, const Bytes& welcome) {
    const Person& person = people_[who];
    const Bytes tree = tree_of(std::nullopt);
    return *mls::Group::join(welcome, person.key_packages[0], person.leaf_key, {.tree = tree});
  }
  Bytes tree_of(std::optional<Epoch> epoch) {
    GroupState state;
    Bytes nodes;
    do {
      state = w_.ok(service().get_group(people_[0].caller(), {id_, epoch, state.next_node}));
      append(nodes, state.nodes);
    } while (state.next_node != 0);
    return mls::ratchet_tree_of(nodes);
  }
  // One of those who joined commits, and the others follow.
  std::string commit(std::size_t who, const mls::CommitOptions& options, const std::vector<Caller>& added = {}) {
    const auto pending = *joined_.at(who).commit(options, w_.entropy);
    std::vector<DeviceWelcome> welcomes;
    for (const Caller& device : added) welcomes.push_back({device, pending.welcome});
    const auto answer = w_.run(service().commit(
        people_[who].caller(), {id_, client_id(static_cast<std::uint8_t>(++n_)), Epoch{pending.effects.epoch - 1},
                                pending.commit, pending.group_info, welcomes}));
    if (!answer) return std::string(domain::name_of(answer.error().code)) + ": " + answer.error().detail;
    for (auto& [i, group] : joined_) group = i == who ? pending.next : *group.process(pending.commit)->next;
    trees_[pending.effects.epoch] = pending.next.public_group().tree().encode();
    return "ok";
  }
  // Somebody new, as commit() takes it.
  Caller bring(mls::CommitOptions& options) {
    Person& person = people_.emplace_back(w_.register_person("+49" + std::to_string(5000 + people_.size()), 1));
    options.adds.push_back(
        *mls::VerifiedKeyPackage::verify(person.key_packages[0].key_package, crypto::Suite::product(), now_s()));
    options.tree_in_welcome = false;
    return person.caller();
  }
  void say(std::size_t who) {
    mls::Group& group = joined_.at(who);
    const Bytes payload = w_.message(group, "hello");
    w_.ok(service().append(people_[who].caller(),
                           {id_, client_id(static_cast<std::uint8_t>(++n_)), Epoch{group.epoch()}, payload}));
    w_.scheduler.run_ready();
  }
  std::uint64_t now_s() const { return static_cast<std::uint64_t>(w_.scheduler.now().value / 1000); }

  World w_;
  ConversationId id_{{7}};
  std::vector<Person> people_;
  std::map<std::size_t, mls::Group> joined_;
  std::map<std::uint64_t, Bytes> trees_;
  int n_ = 0;
};

TEST_F(LargeGroup, goes_on_from_its_rows) {
  w_.limits.tree_piece_bytes = 20'000;
  w_.restart();
  EXPECT_EQ(tree_of(std::nullopt), joined_.at(0).public_group().tree().encode());
  EXPECT_EQ(commit(149, {}), "ok");
  EXPECT_EQ(commit(70, {}), "ok");
  EXPECT_EQ(commit(0, {.removes = {mls::LeafIndex{3}, mls::LeafIndex{100}, mls::LeafIndex{148}}}), "ok");
  EXPECT_EQ(commit(149, {}), "ok");
  for (const auto& [epoch, tree] : trees_) EXPECT_EQ(tree_of(Epoch{epoch}), tree) << epoch;
  EXPECT_EQ(tree_of(std::nullopt), trees_.rbegin()->second);
  // Who was removed is out, and everybody else is in, whichever page they are on.
  const auto state = [&](std::size_t who) {
    return w_.error(service().get_group(people_[who].caller(), {id_, std::nullopt, 1'000'000}));
  };
  for (const std::size_t out : {3U, 100U, 148U}) EXPECT_EQ(state(out), "not_member") << out;
  for (const std::size_t in : {1U, 64U, 99U, 101U, 149U}) EXPECT_EQ(state(in), "ok") << in;
}

TEST_F(LargeGroup, is_told_by_one_message_for_all_of_a_node) {
  std::vector<std::shared_ptr<std::vector<std::string>>> heard;
  for (std::size_t i = 0; i < kMembers; ++i) heard.push_back(w_.listen(people_[i]));
  w_.bus->to_users = w_.bus->to_members = 0;
  const int encoded = w_.hints.encoded;
  say(70);
  EXPECT_EQ(w_.bus->to_members, 1);
  EXPECT_EQ(w_.bus->to_users, 0);
  EXPECT_EQ(w_.hints.encoded, encoded + 1);
  for (std::size_t i = 0; i < kMembers; ++i) {
    EXPECT_EQ(*heard[i], i == 70 ? std::vector<std::string>{} : std::vector<std::string>{"entry 1"}) << i;
  }
}

TEST_F(LargeGroup, tells_the_removed_their_removal_and_nothing_after_and_the_added_from_their_commit_on) {
  const auto stays = w_.listen(people_[5]);
  const auto removed = w_.listen(people_[3]);
  say(70);
  mls::CommitOptions options;
  options.removes = {mls::LeafIndex{3}};
  const Caller added = bring(options);
  const auto newcomer = w_.listen(people_.back());
  EXPECT_EQ(commit(0, options, {added}), "ok");
  w_.relayed();
  say(70);
  const auto entries = [](const std::vector<std::string>& heard) {
    std::vector<std::string> all;
    std::ranges::copy_if(heard, std::back_inserter(all), [](const auto& text) { return text.starts_with("entry"); });
    return all;
  };
  EXPECT_EQ(entries(*stays), (std::vector<std::string>{"entry 1", "entry 2", "entry 3"}));
  EXPECT_EQ(entries(*removed), (std::vector<std::string>{"entry 1", "entry 2"}));
  EXPECT_EQ(entries(*newcomer), (std::vector<std::string>{"entry 2", "entry 3"}));
}

TEST_F(LargeGroup, is_told_user_by_user_while_it_is_small) {
  mls::CommitOptions options;
  for (std::uint32_t i = 63; i < kMembers; ++i) {
    if (i != 70) options.removes.push_back({i});
  }
  joined_.erase(149);
  ASSERT_EQ(commit(0, options), "ok");
  w_.relayed();
  const auto heard = w_.listen(people_[5]);
  w_.bus->to_users = w_.bus->to_members = 0;
  say(70);
  EXPECT_EQ(w_.bus->to_users, 64);
  EXPECT_EQ(w_.bus->to_members, 0);
  mls::CommitOptions adding;
  const Caller added = bring(adding);
  ASSERT_EQ(commit(0, adding, {added}), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(w_.bus->to_members, 1);
  say(70);
  EXPECT_EQ(w_.bus->to_members, 2);
  EXPECT_EQ(*heard, (std::vector<std::string>{"entry 2", "entry 3", "entry 4"}));
}

TEST_F(LargeGroup, shrinks_to_fewer_pages_and_grows_again) {
  mls::CommitOptions options;
  for (std::uint32_t i = 71; i < kMembers; ++i) options.removes.push_back({i});
  joined_.erase(149);
  EXPECT_EQ(commit(0, options), "ok");
  EXPECT_EQ(commit(70, {}), "ok");
  options.removes.clear();
  EXPECT_EQ(commit(0, {.removes = {mls::LeafIndex{66}}}), "ok");
  EXPECT_EQ(commit(70, {}), "ok");
  for (const auto& [epoch, tree] : trees_) EXPECT_EQ(tree_of(Epoch{epoch}), tree) << epoch;
}

TEST_F(LargeGroup, a_commit_that_is_wrong_far_away_in_the_tree_is_refused) {
  const auto before = w_.dump();
  const auto attempt = [&](const mls::CommitOptions& options, const std::function<void(mls::PublicMessage&)>& spoil) {
    const mls::Group& group = joined_.at(149);
    auto pending = *group.commit(options, w_.entropy);
    auto message = *mls::decoded_message<mls::PublicMessage>(pending.commit);
    spoil(message);
    mls::AuthenticatedContent content = message.authenticated();
    const Bytes tag = content.auth.confirmation_tag;
    mls::sign(crypto::Suite::product(), content, group.public_group().context(), people_[149].leaf_key);
    message.auth = content.auth;
    message.auth.confirmation_tag = tag;
    const Bytes payload = mls::encoded_message(message);
    const auto answer = w_.run(service().commit(
        people_[149].caller(), {id_, client_id(99), Epoch{group.epoch()}, payload, pending.group_info, {}}));
    return answer ? "ok" : answer.error().detail;
  };
  const auto path = [](mls::PublicMessage& m) -> mls::UpdatePath& {
    return *std::get<mls::Commit>(m.content.content).path;
  };
  // The key of a node that the commit has no business with.
  const Bytes foreign = joined_.at(0).public_group().tree().leaf({20})->encryption_key;
  EXPECT_EQ(attempt({}, [&](auto& m) { path(m).nodes[0].encryption_key = foreign; }), "payload: bad_path");
  EXPECT_EQ(attempt({}, [&](auto& m) { path(m).nodes.back().encrypted_path_secrets.pop_back(); }), "payload: bad_path");
  EXPECT_EQ(attempt({}, [&](auto& m) { path(m).nodes.pop_back(); }), "payload: bad_path");
  EXPECT_EQ(attempt({.removes = {mls::LeafIndex{5}}},
                    [](auto& m) {
                      auto& commit = std::get<mls::Commit>(m.content.content);
                      std::get<mls::Remove>(std::get<mls::Proposal>(commit.proposals[0])).removed = {151};
                    }),
            "payload: invalid_proposal");
  EXPECT_EQ(w_.dump(), before);
}

}  // namespace
}  // namespace kith::server::service::test
