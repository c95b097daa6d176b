#include <algorithm>
#include <functional>
#include <stdexcept>

#include "keys/conversation.h"
#include "mls/profile.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

using Heard = std::vector<std::string>;

class Conversations : public testing::Test {
 public:
  Conversations()
      : ann_(w_.register_person("+4911")), bob_(w_.register_person("+4922")), eve_(w_.register_person("+4933")) {}

  ConversationService& service() { return w_.node->conversations; }
  ConversationId id() const { return keys::direct_conversation(ann_.user, bob_.user); }
  Result<Appended> append(const Person& by, mls::Group& group, std::uint8_t client, std::string_view text) {
    const auto payload = w_.message(group, text);
    return w_.run(service().append(by.caller(), w_.request(group, id(), client, payload)));
  }
  // Bob's group, from the Welcome in his mailbox.
  mls::Group join(const Person& person) {
    const auto mails = w_.ok(service().read_mailbox(person.caller(), {}, 1 << 20));
    for (const auto& package : person.key_packages) {
      auto group = mls::Group::join(mails.mails.at(0).payload, package, person.leaf_key);
      if (group) return std::move(*group);
    }
    throw std::runtime_error("not invited");
  }
  // Bob has lost his group and comes back by himself.
  mls::PendingCommit external_commit(const Person& by) { return external_commit(by, by); }
  mls::PendingCommit external_commit(const Person& by, const Person& asked_by) {
    const auto state = w_.ok(service().get_group(asked_by.caller(), id()));
    const auto info = *mls::decoded_message<mls::GroupInfo>(state.group_info);
    const auto group = *mls::PublicGroup::open(info, std::nullopt);
    mls::ExternalJoinOptions options;
    options.leaf.credential = mls::Credential::basic(by.credential);
    options.leaf.capabilities = mls::profile::capabilities();
    options.tree_in_group_info = true;
    for (const auto& member : group.members()) {
      if (member.signature_key == by.leaf_key.public_key) options.remove = member.leaf;
    }
    auto pending = mls::Group::join_external(group, info, options, by.leaf_key, w_.entropy);
    KITH_CHECK(pending.has_value());
    return std::move(*pending);
  }
  // A group that the attacker made as it likes, with who takes part in it.
  mls::Group founded(const Person& by) {
    mls::CreateOptions create;
    create.group_id = keys::group_id(id(), 0);
    create.leaf.credential = mls::Credential::basic(by.credential);
    create.leaf.capabilities = mls::profile::capabilities();
    create.leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(w_.scheduler.now().value / 1000));
    create.extensions = {mls::profile::required_capabilities()};
    return *mls::Group::create(crypto::Suite::product(), create, by.leaf_key, w_.entropy);
  }
  mls::VerifiedKeyPackage package_of(Person& person) {
    return *mls::VerifiedKeyPackage::verify_message(w_.key_package(person), crypto::Suite::product(), {});
  }
  // The answer to a commit that a member makes with these options, "ok" or the error and its sentence.
  std::string outcome(const Person& by, const mls::PendingCommit& pending) {
    const auto answer = w_.run(service().commit(by.caller(), commit_request(pending, 5)));
    return answer ? "ok" : std::string(domain::name_of(answer.error().code)) + ": " + answer.error().detail;
  }
  std::string outcome(const Person& by, const mls::Group& group, mls::CommitOptions options) {
    options.tree_in_group_info = true;
    const auto pending = group.commit(options, w_.entropy);
    KITH_CHECK(pending.has_value());
    return outcome(by, *pending);
  }
  CommitRequest commit_request(const mls::PendingCommit& pending, std::uint8_t client) const {
    return {id(), client_id(client), Epoch{pending.effects.epoch - 1}, pending.commit, pending.group_info, {}};
  }

  World w_;
  Person ann_, bob_, eve_;
};

TEST_F(Conversations, a_message_is_stored_answered_and_hinted_to_everybody_but_its_device) {
  auto group = w_.start_direct(ann_, bob_);
  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bob_);
  w_.hints.encoded = 0;
  const auto answer = append(ann_, group, 2, "hello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->seq, Seq{2});
  EXPECT_FALSE(answer->duplicate);
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Heard{});
  EXPECT_EQ(*bob_hears, Heard{"entry 2"});
  EXPECT_EQ(w_.hints.encoded, 1);

  auto bobs = join(bob_);
  const auto read = w_.ok(service().read(bob_.caller(), id(), Seq{1}, 1 << 20));
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.entries[0].sender, ann_.caller());
  EXPECT_EQ(read.entries[0].client_id, client_id(2));
  EXPECT_EQ(read.entries[0].kind, domain::EntryKind::application);
  const auto opened = bobs.unprotect(read.entries[0].payload);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->data), "hello");
}

TEST_F(Conversations, a_device_that_has_the_id_of_anothers_is_told_all_the_same) {
  auto group = w_.start_direct(ann_, bob_);
  Person namesake = bob_;
  namesake.device = ann_.device;
  const auto hears = w_.listen(namesake);
  ASSERT_TRUE(append(ann_, group, 2, "hello"));
  w_.scheduler.run_ready();
  EXPECT_EQ(*hears, Heard{"entry 2"});
}

TEST_F(Conversations, a_rate_is_of_a_device_and_not_of_whoever_took_its_id) {
  w_.limits.appends_per_second = 0.1;
  w_.restart();
  auto group = w_.start_direct(ann_, bob_);
  Person namesake = eve_;
  namesake.device = ann_.device;
  for (int i = 0; i < 3; ++i) EXPECT_NE(append(namesake, group, 9, "none of mine").has_value(), true);
  EXPECT_EQ(append(namesake, group, 9, "none of mine").error().code, Errc::rate_limited);
  EXPECT_TRUE(append(ann_, group, 2, "hello"));
}

TEST_F(Conversations, creating_one_puts_the_commit_into_the_log_and_a_welcome_into_the_mailbox) {
  const auto bob_hears = w_.listen(bob_);
  w_.start_direct(ann_, bob_);
  w_.scheduler.run_ready();
  EXPECT_NE(std::ranges::find(*bob_hears, "mail 1"), bob_hears->end());
  const auto mails = w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20));
  ASSERT_EQ(mails.mails.size(), 1U);
  EXPECT_EQ(mails.mails[0].conversation, id());
  EXPECT_EQ(mails.mails[0].conversation_seq, Seq{1});
  EXPECT_EQ(mails.mails[0].sender, ann_.user);
  EXPECT_EQ(join(bob_).epoch(), 1U);
  const auto state = w_.ok(service().get_group(bob_.caller(), id()));
  EXPECT_EQ(state.epoch, Epoch{1});
  EXPECT_EQ(state.head, Seq{1});
}

TEST_F(Conversations, the_same_client_id_gets_the_first_answer_and_its_hints_again) {
  auto group = w_.start_direct(ann_, bob_);
  const auto payload = w_.message(group, "hello");
  const auto request = w_.request(group, id(), 2, payload);
  const auto first = w_.ok(service().append(ann_.caller(), request));
  const auto bob_hears = w_.listen(bob_);
  const auto before = w_.dump();
  const auto again = w_.ok(service().append(ann_.caller(), request));
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_EQ(again.time, first.time);
  EXPECT_TRUE(again.duplicate);
  w_.scheduler.run_ready();
  EXPECT_EQ(*bob_hears, Heard{"entry 2"});
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_client_id_with_another_payload_is_refused) {
  auto group = w_.start_direct(ann_, bob_);
  ASSERT_TRUE(append(ann_, group, 2, "hello"));
  const auto before = w_.dump();
  EXPECT_EQ(append(ann_, group, 2, "other").error().code, Errc::client_id_reused);
  auto bobs = join(bob_);
  EXPECT_EQ(append(bob_, bobs, 2, "mine").error().code, Errc::client_id_reused);
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, strangers_learn_nothing_and_change_nothing) {
  auto group = w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  EXPECT_EQ(append(eve_, group, 2, "hello").error().code, Errc::not_member);
  EXPECT_EQ(w_.error(service().read(eve_.caller(), id(), {}, 100)), "not_member");
  EXPECT_EQ(w_.error(service().get_group(eve_.caller(), id())), "not_member");
  EXPECT_EQ(w_.error(service().set_cursor(eve_.caller(), id(), {{1}, {1}})), "not_member");
  EXPECT_EQ(w_.error(service().read(eve_.caller(), ConversationId{}, {}, 100)), "not_member");
  // A member's device that is no leaf can't have encrypted anything.
  Person other_device = ann_;
  other_device.device.value[0] ^= 1;
  EXPECT_EQ(append(other_device, group, 2, "hello").error().code, Errc::not_member);
  EXPECT_TRUE(w_.ok(service().sync(eve_.caller(), {})).heads.empty());
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_payload_that_is_not_what_the_request_says_is_refused) {
  auto group = w_.start_direct(ann_, bob_);
  const auto good = w_.message(group, "hello");
  const auto before = w_.dump();
  const auto attempt = [&](ByteView payload, Epoch epoch) {
    return w_.error(service().append(ann_.caller(), {id(), client_id(2), epoch, payload}));
  };
  EXPECT_EQ(attempt({}, Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(to_bytes("not an MLS message"), Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(ByteView(good).first(good.size() - 1), Epoch{1}), "invalid_argument");
  auto trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(attempt(trailing, Epoch{1}), "invalid_argument");
  auto other_group = good;
  other_group[6] ^= 1;
  EXPECT_EQ(attempt(other_group, Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(good, Epoch{2}), "invalid_argument");
  EXPECT_EQ(attempt(Bytes(domain::kMaxPayloadBytes + 1), Epoch{1}), "too_large");
  EXPECT_EQ(attempt(group.group_info(true), Epoch{1}), "invalid_argument");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, of_two_who_begin_the_same_conversation_at_once_one_wins) {
  const auto by_ann = w_.begin_direct(ann_, bob_, 1);
  const auto by_bob = w_.begin_direct(bob_, ann_, 2);
  EXPECT_EQ(by_ann.id, by_bob.id);
  std::vector<std::string> answers;
  const auto begin = [](Conversations& self, const Person& who, const Beginning& what, const UserId& peer,
                        std::vector<std::string>& out) -> Task<void> {
    const auto answer = co_await self.service().create_direct(who.caller(), what.request(peer));
    out.emplace_back(answer ? "ok" : domain::name_of(answer.error().code));
  };
  TaskScope scope;
  scope.spawn(begin(*this, ann_, by_ann, bob_.user, answers));
  scope.spawn(begin(*this, bob_, by_bob, ann_.user, answers));
  w_.scheduler.run_ready();
  std::ranges::sort(answers);
  EXPECT_EQ(answers, (std::vector<std::string>{"conversation_exists", "ok"}));
  EXPECT_EQ(w_.ok(service().read(ann_.caller(), id(), {}, 1 << 20)).entries.size(), 1U);
  EXPECT_EQ(w_.ok(service().read_mailbox(ann_.caller(), {}, 1 << 20)).mails.size() +
                w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20)).mails.size(),
            1U);
}

TEST_F(Conversations, beginning_again_after_a_lost_answer_gets_the_first_one) {
  const auto beginning = w_.begin_direct(ann_, bob_);
  const auto first = w_.ok(service().create_direct(ann_.caller(), beginning.request(bob_.user)));
  w_.relayed();
  const auto before = w_.dump();
  const auto again = w_.ok(service().create_direct(ann_.caller(), beginning.request(bob_.user)));
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_TRUE(again.duplicate);
  w_.relayed();
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_beginning_that_does_not_hold_is_refused_and_changes_nothing) {
  const auto good = w_.begin_direct(ann_, bob_);
  const auto with_eve = w_.begin_direct(ann_, eve_);
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(CreateDirectRequest&)>& spoil) {
    auto request = good.request(bob_.user);
    spoil(request);
    return w_.error(service().create_direct(ann_.caller(), std::move(request)));
  };
  Bytes info = good.pending.group_info;
  EXPECT_EQ(attempt([&](auto& r) { r.group_info = with_eve.pending.group_info; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.payload = with_eve.pending.commit; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.payload = good.pending.welcome; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes.clear(); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes.push_back(r.welcomes[0]); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes[0].to = eve_.caller(); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes[0].payload = good.pending.commit; }), "invalid_commit");
  for (const std::size_t at : {info.size() - 1, info.size() / 2, std::size_t{60}}) {
    info = good.pending.group_info;
    info[at] ^= 1;
    EXPECT_EQ(attempt([&](auto& r) { r.group_info = info; }), "invalid_commit") << at;
  }
  EXPECT_EQ(attempt([&](auto& r) { r.peer = ann_.user; }), "invalid_argument");
  EXPECT_EQ(attempt([&](auto& r) { r.peer = UserId{}; }), "not_found");
  EXPECT_EQ(attempt([&](auto& r) { r.peer = eve_.user; }), "invalid_commit");
  // Somebody else's beginning, sent as one's own.
  EXPECT_EQ(w_.error(service().create_direct(bob_.caller(), good.request(ann_.user))), "invalid_commit");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt([](auto&) {}), "ok");
}

TEST_F(Conversations, a_commit_moves_the_epoch_and_what_was_encrypted_before_it_is_stale) {
  auto anns = w_.start_direct(ann_, bob_);
  const auto late = w_.message(anns, "late");
  const auto late_request = w_.request(anns, id(), 9, late);
  const auto sent = w_.message(anns, "in time");
  const auto sent_request = w_.request(anns, id(), 8, sent);
  w_.ok(service().append(ann_.caller(), sent_request));

  const auto pending = external_commit(bob_);
  EXPECT_EQ(w_.ok(service().commit(bob_.caller(), commit_request(pending, 5))).seq, Seq{3});
  const auto before = w_.dump();
  const auto stale = w_.run(service().append(ann_.caller(), late_request));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Errc::stale_epoch);
  EXPECT_EQ(stale.error().epoch, Epoch{2});
  EXPECT_EQ(stale.error().head_seq, Seq{3});
  // What is in the log already is still answered as it was.
  EXPECT_TRUE(w_.ok(service().append(ann_.caller(), sent_request)).duplicate);
  EXPECT_EQ(w_.dump(), before);

  const auto staged = anns.process(pending.commit);
  ASSERT_TRUE(staged && staged->next);
  auto next = *staged->next;
  EXPECT_TRUE(append(ann_, next, 9, "late"));
}

TEST_F(Conversations, a_node_that_did_not_see_a_commit_finds_out_by_the_version) {
  auto anns = w_.start_direct(ann_, bob_);
  ASSERT_TRUE(append(ann_, anns, 2, "cached"));
  Node other({w_.store, *w_.bus, w_.scheduler, w_.entropy, w_.hints, w_.sender, w_.phones, w_.secrets});
  const auto pending = external_commit(bob_);
  w_.ok(other.conversations.commit(bob_.caller(), commit_request(pending, 5)));
  EXPECT_EQ(append(ann_, anns, 3, "old epoch").error().code, Errc::stale_epoch);
  auto next = *anns.process(pending.commit)->next;
  EXPECT_TRUE(append(ann_, next, 4, "new epoch"));
}

TEST_F(Conversations, of_two_commits_from_one_epoch_one_wins) {
  w_.start_direct(ann_, bob_);
  const auto first = external_commit(bob_);
  const auto second = external_commit(ann_);
  w_.ok(service().commit(bob_.caller(), commit_request(first, 5)));
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(service().commit(ann_.caller(), commit_request(second, 6))), "stale_epoch");
  EXPECT_TRUE(w_.ok(service().commit(bob_.caller(), commit_request(first, 5))).duplicate);
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_commit_that_does_not_hold_is_refused_and_changes_nothing) {
  w_.start_direct(ann_, bob_);
  const auto pending = external_commit(bob_);
  const auto before = w_.dump();
  auto request = commit_request(pending, 5);
  auto broken = pending.commit;
  broken.back() ^= 1;
  request.payload = broken;
  EXPECT_EQ(w_.error(service().commit(bob_.caller(), request)), "invalid_commit");
  request = commit_request(pending, 5);
  auto info = pending.group_info;
  info.back() ^= 1;
  request.group_info = info;
  EXPECT_EQ(w_.error(service().commit(bob_.caller(), request)), "invalid_commit");
  request = commit_request(pending, 5);
  request.welcomes.push_back({ann_.caller(), pending.commit});
  EXPECT_EQ(w_.error(service().commit(bob_.caller(), request)), "invalid_commit");
  // Another member's commit, and a stranger's.
  EXPECT_EQ(w_.error(service().commit(ann_.caller(), commit_request(pending, 5))), "invalid_commit");
  EXPECT_EQ(w_.error(service().commit(eve_.caller(), commit_request(pending, 5))), "not_member");
  // A stranger's leaf, in Bob's name.
  const auto foreign = external_commit(eve_, bob_);
  EXPECT_EQ(w_.error(service().commit(bob_.caller(), commit_request(foreign, 6))), "invalid_commit");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_beginning_with_a_gap_or_a_tree_of_holes_is_refused) {
  // Removed before the first commit: a gap that the two users' leaves leave.
  auto group = founded(ann_);
  auto eves = *group.commit({.adds = {package_of(eve_)}}, w_.entropy);
  auto both = *eves.next.commit({.adds = {package_of(bob_)}}, w_.entropy);
  auto pending = *both.next.commit({.removes = {mls::LeafIndex{1}}, .tree_in_group_info = true}, w_.entropy);
  auto info = *mls::decoded_message<mls::GroupInfo>(pending.group_info);
  auto commit =
      *mls::decoded_message<mls::PublicMessage>((*group.commit({.adds = {package_of(bob_)}}, w_.entropy)).commit);
  const auto attempt = [&](const Bytes& tree) {
    std::erase_if(info.extensions, [](const auto& e) { return e.type == mls::extension_type::kRatchetTree; });
    info.extensions.push_back({mls::extension_type::kRatchetTree, tree});
    info.group_context.epoch = 1;
    mls::sign(crypto::Suite::product(), info, ann_.leaf_key);
    commit.auth.confirmation_tag = info.confirmation_tag;
    const Bytes payload = mls::encoded_message(commit);
    const Bytes group_info = mls::encoded_message(info);
    const auto answer = w_.run(
        service().create_direct(ann_.caller(), {bob_.user, client_id(1), payload, group_info, {{bob_.caller(), {}}}}));
    return answer ? "ok" : answer.error().detail;
  };
  auto tree = pending.next.public_group().tree();
  EXPECT_EQ(attempt(tree.encode()), "group_info: a gap in the tree");
  tree.place({keys::kMaxDirectLeaves}, *tree.leaf({0}));
  EXPECT_EQ(attempt(tree.encode()), "group_info: too_long");
}

TEST_F(Conversations, a_commit_may_only_do_what_the_product_uses) {
  const auto group = w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  const std::string unused = "invalid_commit: payload: a proposal that is not used here";
  EXPECT_EQ(outcome(ann_, group, {.extensions = mls::Extensions{mls::profile::required_capabilities()}}), unused);
  mls::Psk psk{.id = {}, .secret = SecretBytes(32)};
  psk.id.psk_nonce = Bytes(32, 1);
  EXPECT_EQ(outcome(ann_, group, {.psks = {psk}}), unused);
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(outcome(ann_, group, {}), "ok");
}

TEST_F(Conversations, a_group_info_that_another_member_signed_is_refused) {
  w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  auto pending = external_commit(bob_);
  auto info = *mls::decoded_message<mls::GroupInfo>(pending.group_info);
  info.signer = {0};
  mls::sign(crypto::Suite::product(), info, ann_.leaf_key);
  pending.group_info = mls::encoded_message(info);
  EXPECT_EQ(outcome(bob_, pending), "invalid_commit: group_info: not signed by the committer");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_key_package_whose_time_is_over_does_not_get_in) {
  const auto old = package_of(bob_);
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  const auto attempt = [&](const mls::VerifiedKeyPackage& package) {
    const auto pending = *founded(ann_).commit({.adds = {package}, .tree_in_group_info = true}, w_.entropy);
    const auto answer = w_.run(service().create_direct(
        ann_.caller(),
        {bob_.user, client_id(1), pending.commit, pending.group_info, {{bob_.caller(), pending.welcome}}}));
    return answer ? "ok" : answer.error().detail;
  };
  const auto before = w_.dump();
  EXPECT_EQ(attempt(old), "payload: a leaf outside its lifetime");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(package_of(bob_)), "ok");
}

TEST_F(Conversations, who_comes_back_from_outside_removes_nobody_else) {
  w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  const auto state = w_.ok(service().get_group(bob_.caller(), id()));
  const auto info = *mls::decoded_message<mls::GroupInfo>(state.group_info);
  const auto group = *mls::PublicGroup::open(info, std::nullopt);
  mls::ExternalJoinOptions options;
  options.leaf.credential = mls::Credential::basic(bob_.credential);
  options.leaf.capabilities = mls::profile::capabilities();
  options.tree_in_group_info = true;
  options.remove = mls::LeafIndex{0};
  // A key of its own, so that the leaf that stays and the one that comes do not share one.
  const auto other_key = crypto::Suite::product().generate_signature_key(w_.entropy);
  const auto pending = *mls::Group::join_external(group, info, options, other_key, w_.entropy);
  EXPECT_EQ(outcome(bob_, pending), "invalid_commit: payload: an external commit that removes somebody else");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_device_that_is_certified_but_not_on_its_accounts_list_does_not_get_in) {
  w_.start_direct(ann_, bob_);
  Person unlisted = bob_;
  unlisted.device.value[0] ^= 1;
  unlisted.leaf_key = crypto::Suite::product().generate_signature_key(w_.entropy);
  unlisted.credential =
      keys::DeviceCredential::make(bob_.user, unlisted.device, bob_.identity.public_key, bob_.certificate,
                                   *bob_.generation, 3, unlisted.leaf_key.public_key)
          .encode();
  const auto pending = external_commit(unlisted, bob_);
  const auto before = w_.dump();
  const auto answer = w_.run(service().commit(unlisted.caller(), commit_request(pending, 5)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::invalid_commit);
  EXPECT_EQ(answer.error().detail, "a leaf that no account lists");
  EXPECT_EQ(w_.dump(), before);
}

}  // namespace
}  // namespace kith::server::service::test
