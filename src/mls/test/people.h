// Members of test groups, and a log that delivers what they commit.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "mls/group.h"
#include "mls/profile.h"
#include "mls/test/tree_on_disk.h"
#include "tests/support/seeded_entropy.h"

namespace kith::mls::test {

using kith::test::SeededEntropy;

inline constexpr std::uint64_t kNow = 1'800'000'000;

struct Person {
  std::string name;
  crypto::SignatureKeyPair key;
  std::optional<Group> group;
  // On its disk: the nodes of the tree, one by one, and the tree that they are of; ...
  std::map<NodeIndex, Bytes> nodes = {};
  std::optional<RatchetTree> stored = {};
  // ... the pieces of the ratchets, and the epoch that they are of.
  std::map<NodeIndex, SecretBytes> pieces = {};
  Bytes epoch = {};
};

// A group's people and the order of its commits. Every member is restored from its records after each step when
// `reload` is set, and a PublicGroup follows along as a server would, once with the
// whole tree and once reading from its disk what it needs.
class House {
 public:
  explicit House(crypto::Suite suite, std::uint64_t seed = 1) : suite(suite), entropy(seed) {}

  Person person(const std::string& name) { return {name, suite.generate_signature_key(entropy), std::nullopt}; }

  LeafParameters leaf(const Person& p) const {
    LeafParameters out{Credential::basic(to_bytes(p.name)), profile::capabilities(), profile::lifetime(kNow), {}};
    out.capabilities.cipher_suites = {suite.id()};
    return out;
  }
  KeyPackageSecrets key_package(const Person& p) { return create_key_package(suite, leaf(p), p.key, false, entropy); }
  VerifiedKeyPackage verified(const KeyPackageSecrets& kp) const {
    auto v = VerifiedKeyPackage::verify_message(encoded_message(kp.key_package), suite, kNow);
    EXPECT_TRUE(v) << v.error().detail;
    return *std::move(v);
  }

  // `count` people in one group, made in one commit by the first.
  void found(std::size_t count) {
    people.push_back(person("p0"));
    CreateOptions options{
        .group_id = to_bytes("group"), .leaf = leaf(people[0]), .extensions = {profile::required_capabilities()}};
    people[0].group = Group::create(suite, options, people[0].key, entropy).value();
    watch(*people[0].group);
    if (count > 1) add(0, count - 1);
  }

  // One commit by `by` that adds this many people.
  void add(std::size_t by, std::size_t count, CommitOptions options = {}) {
    std::vector<KeyPackageSecrets> packages;
    std::vector<Person> newcomers;
    for (std::size_t i = 0; i < count; ++i) {
      newcomers.push_back(person("n" + std::to_string(people.size() + i) + "." + std::to_string(++born)));
      packages.push_back(key_package(newcomers.back()));
      options.adds.push_back(verified(packages.back()));
    }
    auto pending = people[by].group->commit(options, entropy);
    ASSERT_TRUE(pending) << pending.error().detail;
    const Bytes tree = pending->next.public_group().tree().encode();
    const Bytes welcome = pending->welcome;
    accept(by, *std::move(pending));
    for (std::size_t i = 0; i < count; ++i) {
      auto joined = Group::join(welcome, packages[i], newcomers[i].key,
                                {.tree = options.tree_in_welcome ? std::nullopt : std::optional<ByteView>(tree)});
      ASSERT_TRUE(joined) << joined.error().detail;
      newcomers[i].group = *std::move(joined);
      people.push_back(std::move(newcomers[i]));
    }
  }

  // The log accepts this commit: its author merges, everybody else processes; removed people leave. `updates`: keys of
  // each one's own Update proposals.
  void accept(std::size_t by, PendingCommit pending, const ProcessOptions& options = {},
              const std::map<std::size_t, OwnUpdate>& updates = {}) {
    follow(pending, options.cached);
    for (std::size_t i = 0; i < people.size(); ++i) {
      if (i == by || !people[i].group) continue;
      ProcessOptions own = options;
      if (const auto update = updates.find(i); update != updates.end()) {
        own.updates = {update->second};
        people[i].key = update->second.signature_key;
      }
      auto staged = people[i].group->process(pending.commit, own);
      ASSERT_TRUE(staged) << people[i].name << ": " << name(staged.error().code) << ", " << staged.error().detail;
      EXPECT_EQ(staged->effects.committer, pending.effects.committer);
      EXPECT_EQ(staged->effects.epoch, pending.effects.epoch);
      people[i].group = std::move(staged->next);
    }
    people[by].group = std::move(pending.next);
    std::erase_if(people, [](const Person& p) { return !p.group; });
    after_step();
  }

  // The server meets the group.
  void watch(const Group& group) {
    server = PublicGroup::restore(group.public_group().record()).value();
    disk.emplace(*server);
  }

  // What the server does with the same commit, and with its GroupInfo.
  void follow(const PendingCommit& pending, const std::vector<CachedProposal>& cached = {}) {
    auto message = decoded_message<PublicMessage>(pending.commit);
    if (!message) {  // a PrivateMessage, which no server can follow
      watch(pending.next);
      return;
    }
    disk->follow(*message, cached);
    auto commit = server->verify(message->authenticated());
    ASSERT_TRUE(commit) << commit.error().detail;
    auto staged = server->stage(*commit, cached);
    ASSERT_TRUE(staged) << staged.error().detail;
    const auto info = decoded_message<GroupInfo>(pending.group_info);
    ASSERT_TRUE(info);
    const auto checked = staged->next.check_group_info(*info);
    ASSERT_TRUE(checked) << checked.error().detail;
    server = std::move(staged->next);
    EXPECT_EQ(disk->head, server->head_record());
  }

  void after_step() {
    if (reload) {
      for (Person& p : people) restart(p);
      server = PublicGroup::restore(server->record()).value();
    }
  }
  // What changed is written, everything is read.
  static void restart(Person& p) {
    const SecretBytes whole = p.group->epoch_record();
    EpochChanges changes = p.group->epoch_changes(p.stored ? &*p.stored : nullptr);
    for (NodeRecord& change : changes.nodes) {
      if (change.bytes.empty()) {
        p.nodes.erase(change.node);
      } else {
        p.nodes[change.node] = std::move(change.bytes);
      }
    }
    changes.nodes.clear();
    for (const auto& [node, bytes] : p.nodes) changes.nodes.push_back({node, bytes});
    write_ratchets(p);
    auto again = Group::restore(changes, nullptr, kept_pieces(p), p.key);
    ASSERT_TRUE(again) << again.error().detail;
    p.group = *std::move(again);
    p.stored = p.group->public_group().tree();
    ASSERT_EQ(p.group->epoch_record(), whole);
  }

  static void write_ratchets(Person& p) {
    RatchetPieces changes = p.group->take_ratchet_changes();
    const Bytes& epoch = p.group->public_group().confirmation_tag();
    if (std::exchange(p.epoch, epoch) != epoch) {
      p.pieces.clear();
      changes = p.group->ratchet_pieces();
    }
    for (RatchetPiece& change : changes) {
      if (change.bytes.empty()) {
        p.pieces.erase(change.node);
      } else {
        p.pieces[change.node] = std::move(change.bytes);
      }
    }
  }
  static RatchetPieces kept_pieces(const Person& p) {
    RatchetPieces kept;
    for (const auto& [node, bytes] : p.pieces) kept.push_back({node, bytes});
    return kept;
  }

  void update(std::size_t by) {
    auto pending = people[by].group->commit({}, entropy);
    ASSERT_TRUE(pending) << pending.error().detail;
    accept(by, *std::move(pending));
  }

  // Everybody agrees, and everybody's message is read by everybody else.
  void all_talk() {
    for (std::size_t i = 0; i < people.size(); ++i) {
      EXPECT_EQ(people[i].group->epoch_authenticator(), people[0].group->epoch_authenticator());
      EXPECT_EQ(people[i].group->public_group().context(), server->context());
      EXPECT_EQ(people[i].group->public_group().tree().encode(), server->tree().encode());
      const Bytes text = to_bytes("from " + people[i].name);
      auto sealed = people[i].group->protect(as_view("aad"), text, entropy);
      ASSERT_TRUE(sealed);
      if (reload) restart(people[i]);
      for (std::size_t j = 0; j < people.size(); ++j) {
        if (i == j) continue;
        auto opened = people[j].group->unprotect(*sealed);
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(opened->sender, people[i].group->own_leaf());
        EXPECT_TRUE(same_bytes(opened->data, text));
        EXPECT_TRUE(same_bytes(opened->authenticated_data, as_view("aad")));
        if (reload) restart(people[j]);
      }
    }
  }

  crypto::Suite suite;
  SeededEntropy entropy;
  std::vector<Person> people;
  std::optional<PublicGroup> server;
  std::optional<TreeOnDisk> disk;  // what it stores
  bool reload = false;
  int born = 0;
};

template <class T>
::testing::AssertionResult fails(const Result<T>& result, Errc code) {
  if (result) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name(result.error().code) << ": " << result.error().detail;
}

// Everything that a failure must leave as it was.
inline std::pair<SecretBytes, SecretBytes> state(const Group& g) {
  return {g.epoch_record(), encoded_secret(g.ratchet_pieces())};
}

}  // namespace kith::mls::test
