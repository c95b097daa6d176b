// Which commits get into a log, and which do not: every refusal leaves the store as it was.
#include "server/service/test/direct_chat.h"

namespace kith::server::service::test {
namespace {

using Commits = DirectChat;

TEST_F(Commits, a_commit_that_does_not_hold_is_refused_and_changes_nothing) {
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

TEST_F(Commits, a_conversation_begins_with_its_founders_leaf_alone) {
  const auto group = founded(ann_);
  const auto eves = *group.commit({.adds = {package_of(eve_)}}, w_.entropy);
  const auto attempt = [&](const Bytes& founding) {
    const auto pending = *group.commit({.adds = {package_of(bob_)}, .tree_in_welcome = false}, w_.entropy);
    return outcome_of_beginning(ann_, founding, pending);
  };
  const auto before = w_.dump();
  EXPECT_EQ(attempt(eves.next.group_info(true)), "invalid_commit: founding: of another group or epoch");
  EXPECT_EQ(attempt(group.group_info(false)), "invalid_commit: founding: missing_tree");
  EXPECT_EQ(attempt(founded(bob_).group_info(true)), "invalid_commit: founding: the first leaf is not the sender's");
  auto info = *mls::decoded_message<mls::GroupInfo>(group.group_info(true));
  const auto with_tree = [&](const mls::RatchetTree& tree) {
    std::erase_if(info.extensions, [](const auto& e) { return e.type == mls::extension_type::kRatchetTree; });
    info.extensions.push_back({mls::extension_type::kRatchetTree, tree.encode()});
    info.group_context.tree_hash = tree.hash();
    mls::sign(crypto::Suite::product(), info, ann_.leaf_key);
    return mls::encoded_message(info);
  };
  EXPECT_EQ(attempt(with_tree(eves.next.public_group().tree())), "invalid_commit: founding: too_long");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(with_tree(group.public_group().tree())), "ok");
}

TEST_F(Commits, a_commit_may_only_do_what_the_product_uses) {
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

TEST_F(Commits, a_group_info_that_another_member_signed_is_refused) {
  w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  auto pending = external_commit(bob_);
  auto info = *mls::decoded_message<mls::GroupInfo>(pending.group_info);
  info.signer = {0};
  mls::sign(crypto::Suite::product(), info, ann_.leaf_key);
  pending.group_info = mls::encoded_message(info);
  EXPECT_EQ(outcome(bob_, pending), "invalid_commit: group_info: not signed by who sends it");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Commits, a_key_package_whose_time_is_over_does_not_get_in) {
  const auto old = package_of(bob_);
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  const auto attempt = [&](const mls::VerifiedKeyPackage& package) {
    const auto group = founded(ann_);
    return outcome_of_beginning(ann_, group.group_info(true), *group.commit({.adds = {package}}, w_.entropy));
  };
  const auto before = w_.dump();
  EXPECT_EQ(attempt(old), "invalid_commit: payload: a leaf outside its lifetime");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(package_of(bob_)), "ok");
}

TEST_F(Commits, who_comes_back_from_outside_removes_nobody_else) {
  w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  const auto [info, group] = group_for(bob_);
  mls::ExternalJoinOptions options;
  options.leaf.credential = mls::Credential::basic(bob_.credential);
  options.leaf.capabilities = mls::profile::capabilities();
  options.remove = mls::LeafIndex{0};
  // A key of its own, so that the leaf that stays and the one that comes do not share one.
  const auto other_key = crypto::Suite::product().generate_signature_key(w_.entropy);
  const auto pending = *mls::Group::join_external(group, info, options, other_key, w_.entropy);
  EXPECT_EQ(outcome(bob_, pending), "invalid_commit: payload: an external commit that removes somebody else");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Commits, a_device_that_is_certified_but_not_on_its_accounts_list_does_not_get_in) {
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
  EXPECT_EQ(answer.error().detail, "payload: a change of devices without a list that says so");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Commits, a_group_info_with_a_tree_in_it_is_refused) {
  const auto group = w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  EXPECT_EQ(outcome(ann_, group, {.tree_in_group_info = true}), "invalid_commit: group_info: with a tree in it");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Commits, a_member_may_put_a_group_info_of_its_own_in_the_place_of_the_committers) {
  const auto anns = w_.start_direct(ann_, bob_);
  const auto bobs = join(bob_);
  const auto attempt = [&](const Person& by, Epoch epoch, const Bytes& info) {
    const auto answer = w_.run(service().confirm(by.caller(), id(), epoch, info));
    return answer ? "ok" : std::string(domain::name_of(answer.error().code)) + ": " + answer.error().detail;
  };
  const Bytes confirmed = bobs.group_info(false);
  const auto before = w_.dump();
  EXPECT_EQ(attempt(eve_, Epoch{1}, confirmed), "not_member: ");
  EXPECT_EQ(attempt(bob_, Epoch{2}, confirmed), "stale_epoch: ");
  EXPECT_EQ(attempt(ann_, Epoch{1}, confirmed), "invalid_commit: group_info: not signed by who sends it");
  EXPECT_EQ(attempt(bob_, Epoch{1}, bobs.group_info(true)), "invalid_commit: group_info: with a tree in it");
  const auto later = *bobs.commit({}, w_.entropy);
  EXPECT_EQ(attempt(bob_, Epoch{1}, later.group_info), "invalid_commit: group_info: bad_group_info");
  auto broken = confirmed;
  broken.back() ^= 1;
  EXPECT_EQ(attempt(bob_, Epoch{1}, broken), "invalid_commit: group_info: bad_signature");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(bob_, Epoch{1}, confirmed), "ok");
  EXPECT_EQ(w_.ok(service().get_group(ann_.caller(), {id()})).group_info, confirmed);
  // It is the one that is kept for that epoch.
  w_.ok(service().commit(bob_.caller(), commit_request(later, 5)));
  EXPECT_EQ(w_.ok(service().get_group(ann_.caller(), {id(), Epoch{1}})).group_info, confirmed);
}

TEST_F(Commits, a_founder_is_who_its_account_says) {
  const auto before = w_.dump();
  const auto attempt = [&](const Person& founder) {
    const auto group = founded(founder);
    // Without a path nobody would look at the founder's leaf again.
    const auto pending =
        *group.commit({.adds = {package_of(bob_)}, .path = false, .tree_in_welcome = false}, w_.entropy);
    return outcome_of_beginning(founder, group.group_info(true), pending);
  };
  Person forged = ann_;
  auto credential = *keys::DeviceCredential::decode(ann_.credential);
  credential.device_signature[0] ^= 1;
  forged.credential = credential.encode();
  EXPECT_EQ(attempt(forged).substr(0, 24), "invalid_commit: founding");
  // A chain of its own, under an identity that is not the account's.
  Person other = ann_;
  other.identity = crypto::Suite::product().generate_signature_key(w_.entropy);
  other.generation = keys::AccountGeneration::generate(0, w_.entropy);
  other.certificate = keys::GenerationCertificate::sign(ann_.user, *other.generation, other.identity);
  other.credential = keys::DeviceCredential::make(ann_.user, ann_.device, other.identity.public_key, other.certificate,
                                                  *other.generation, 3, ann_.leaf_key.public_key)
                         .encode();
  EXPECT_EQ(attempt(other), "invalid_commit: a leaf under another identity than its account's");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(ann_), "ok");
}

TEST_F(Commits, a_group_info_says_nothing_but_how_to_come_in) {
  const auto group = w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  auto pending = *group.commit({}, w_.entropy);
  auto info = *mls::decoded_message<mls::GroupInfo>(pending.group_info);
  info.extensions.push_back({0xF0F0, Bytes(10'000, 1)});
  mls::sign(crypto::Suite::product(), info, ann_.leaf_key);
  pending.group_info = mls::encoded_message(info);
  EXPECT_EQ(outcome(ann_, pending), "invalid_commit: group_info: with more than external_pub");
  info.extensions.back().data = Bytes(20'000, 1);
  pending.group_info = mls::encoded_message(info);
  EXPECT_EQ(outcome(ann_, pending), "too_large: group_info");
  EXPECT_EQ(w_.dump(), before);
}

}  // namespace
}  // namespace kith::server::service::test
