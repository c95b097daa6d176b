// People around a group that has a link: Ann makes it; Dan and Eve are outside.
#pragma once

#include "mls/profile.h"
#include "server/service/test/group_chat.h"

namespace kith::server::service::test {

class Invited : public GroupChat {
 public:
  Invited() : link_(new_link()), eve_(w_.register_person("+4955")) {}

  crypto::SignatureKeyPair new_link() { return crypto::Suite::product().generate_signature_key(w_.entropy); }
  static keys::PublicKey key_of(const crypto::SignatureKeyPair& link) { return keys::to_array<32>(link.public_key); }
  void invite(keys::Invite invite = {}) {
    invite.key = key_of(link_);
    policy_.invites = {invite};
    ASSERT_EQ(commit(ann_, {.policy = policy_}), "ok");
  }
  keys::JoinProof proof(const Person& of, const crypto::SignatureKeyPair& by) {
    keys::JoinProof proof{.group_id = keys::group_id(id(), 0),
                          .user = of.user,
                          .identity_key = keys::to_array<32>(of.identity.public_key)};
    proof.sign(by);
    return proof;
  }
  keys::JoinProof proof(const Person& of) { return proof(of, link_); }

  // What the server shows to who has this proof: "ok", or the error.
  std::string look(const Person& by, const keys::JoinProof& proof, std::optional<Epoch> epoch = {}) {
    const Bytes bytes = proof.encode();
    const auto shown = w_.run(service().get_group(by.caller(), {.conversation = id(), .epoch = epoch, .proof = bytes}));
    if (shown) shown_ = *shown;
    return told(shown);
  }
  // A commit from outside on what the server showed last, or on what `ann_` has.
  mls::PendingCommit coming(const Person& by, const std::vector<keys::JoinProof>& proofs) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(group(ann_).group_info(false));
    const auto tree = mls::ratchet_tree_of(w_.ok(service().get_group(ann_.caller(), {.conversation = id()})).nodes);
    mls::LeafParameters leaf;
    leaf.credential = mls::Credential::basic(by.credential);
    leaf.capabilities = mls::profile::capabilities();
    const auto data = keys::AuthenticatedData{.conversation = id(),
                                              .history_id = {},
                                              .client_id = {},
                                              .last_seq = {},
                                              .extra = keys::Grounds{.joins = proofs}.encode()}
                          .encode();
    return *mls::Group::join_external(*mls::PublicGroup::open(info, tree), info,
                                      {.leaf = leaf, .remove = {}, .authenticated_data = data}, by.leaf_key,
                                      w_.entropy);
  }
  std::string come(const Person& by, const std::vector<keys::JoinProof>& proofs) {
    return send(by, coming(by, proofs));
  }
  std::string ask(const Person& by, const keys::JoinProof& proof) {
    const Bytes bytes = proof.encode();
    return told(w_.run(service().request_join(by.caller(), {id(), bytes})));
  }
  std::string decline(const Person& by, const Person& who) {
    return told(w_.run(service().decline_join(by.caller(), id(), who.user)));
  }
  // Who asks to come in, as this member is told.
  std::vector<UserId> asking(const Person& told_to) {
    std::vector<UserId> users;
    for (const auto& proof : w_.ok(service().changes(told_to.caller(), id())).grounds.joins)
      users.push_back(proof.user);
    return users;
  }

  crypto::SignatureKeyPair link_;
  Person eve_;
  GroupState shown_{};
};

}  // namespace kith::server::service::test
