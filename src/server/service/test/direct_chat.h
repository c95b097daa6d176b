// People around a direct conversation of Ann and Bob, for whoever tests what the server takes from them.
#pragma once

#include <stdexcept>

#include "keys/conversation.h"
#include "mls/profile.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {

class DirectChat : public testing::Test {
 public:
  DirectChat()
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
    const ByteView welcome = mails.mails.at(0).payload;
    for (const auto& package : person.key_packages) {
      const auto info = mls::group_info_in(welcome, package);
      if (!info) continue;
      const Bytes tree = tree_of(person, Epoch{info->group_context.epoch});
      return *mls::Group::join(welcome, package, person.leaf_key, {.tree = tree});
    }
    throw std::runtime_error("not invited");
  }
  // All pieces of an epoch's tree, put together.
  Bytes tree_of(const Person& by, std::optional<Epoch> epoch = {}) {
    GroupState state;
    Bytes nodes;
    do {
      state = w_.ok(service().get_group(by.caller(), {id(), epoch, state.next_node}));
      kith::append(nodes, state.nodes);
    } while (state.next_node != 0);
    return mls::ratchet_tree_of(nodes);
  }
  // The group as anybody without secrets sees it who asks the server.
  std::pair<mls::GroupInfo, mls::PublicGroup> group_for(const Person& by) {
    const auto state = w_.ok(service().get_group(by.caller(), {id()}));
    auto info = *mls::decoded_message<mls::GroupInfo>(state.group_info);
    auto group = *mls::PublicGroup::open(info, tree_of(by));
    return {std::move(info), std::move(group)};
  }
  // Bob has lost his group and comes back by himself.
  mls::PendingCommit external_commit(const Person& by) { return external_commit(by, by); }
  mls::PendingCommit external_commit(const Person& by, const Person& asked_by) {
    const auto [info, group] = group_for(asked_by);
    mls::ExternalJoinOptions options;
    options.leaf.credential = mls::Credential::basic(by.credential);
    options.leaf.capabilities = mls::profile::capabilities();
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
  std::string outcome_of_beginning(const Person& by, const Bytes& founding, const mls::PendingCommit& pending) {
    const Person& peer = by.user == ann_.user ? bob_ : ann_;
    const auto answer = w_.run(service().create_direct(
        by.caller(),
        {peer.user, client_id(1), founding, pending.commit, pending.group_info, {{peer.caller(), pending.welcome}}}));
    return answer ? "ok" : std::string(domain::name_of(answer.error().code)) + ": " + answer.error().detail;
  }
  std::string outcome(const Person& by, const mls::Group& group, const mls::CommitOptions& options) {
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

}  // namespace kith::server::service::test
