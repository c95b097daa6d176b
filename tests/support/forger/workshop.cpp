#include "tests/support/forger/workshop.h"

#include "base/check.h"
#include "mls/labels.h"
#include "mls/transcript.h"
#include "tests/support/insider.h"

namespace kith::test {
namespace {

using namespace mls;

template <class T>
void lay(const Hand<T>& hand, T& on) {
  if (hand) hand(on);
}

template <class P>
std::vector<const P*> all_of(const std::vector<ProposalOrRef>& proposals) {
  std::vector<const P*> found;
  for (const ProposalOrRef& item : proposals) {
    const auto* proposal = std::get_if<Proposal>(&item);
    if (proposal == nullptr) continue;
    if (const auto* p = std::get_if<P>(proposal)) found.push_back(p);
  }
  return found;
}

class Workshop {
 public:
  Workshop(const Known& known, const Plan& plan, const Hands& hands, Entropy& entropy)
      : known_(known), plan_(plan), hands_(hands), entropy_(entropy), tree_(known.group.tree()) {
    for (const Proposal& p : plan.proposals) commit_.proposals.emplace_back(std::in_place_type<Proposal>, p);
  }

  Request make() {
    apply();
    if (hands_.has_path) make_path();
    seal_path();
    lay(hands_.commit, commit_);
    make_content();
    Request request{.epoch = known_.group.epoch(), .commit = message(), .group_info = encoded_message(group_info())};
    if (!added_.empty()) request.welcome = encoded_message(welcome());
    return request;
  }

 private:
  const crypto::Suite& suite() const { return known_.group.suite(); }
  const crypto::SignatureKeyPair& next_key() const { return hands_.next_key ? *hands_.next_key : known_.key; }

  // As somebody applies them who checks nothing.
  void apply() {
    lay(hands_.proposals, commit_.proposals);
    extensions_ = known_.group.context().extensions;
    for (const auto* p : all_of<GroupContextExtensions>(commit_.proposals)) extensions_ = p->extensions;
    for (const auto* p : all_of<Remove>(commit_.proposals)) {
      if (tree_.is_occupied(p->removed)) tree_.remove(p->removed);
    }
    for (const auto* p : all_of<Add>(commit_.proposals)) added_.push_back(tree_.add(p->key_package.leaf));
    committer_ = known_.leaf.value_or(tree_.next_free());
  }

  LeafNode own_leaf() const {
    if (known_.leaf) return *known_.group.tree().leaf(*known_.leaf);
    LeafNode leaf;
    leaf.credential = plan_.leaf.credential;
    leaf.capabilities = plan_.leaf.capabilities;
    leaf.extensions = plan_.leaf.extensions;
    return leaf;
  }

  void make_path() {
    LeafNode leaf = own_leaf();
    leaf.signature_key = next_key().public_key;
    const Bytes& group_id = known_.group.context().group_id;
    path_ = NewPath::make(tree_, committer_, std::move(leaf), group_id, next_key(), entropy_);
    leaf = *tree_.leaf(committer_);
    if (hands_.path_keys) {
      std::vector<Bytes> keys;
      for (const auto& step : tree_.filtered_direct_path(committer_)) keys.push_back(tree_.encryption_key(step.node));
      hands_.path_keys(keys);
      leaf.parent_hash = tree_.set_path(committer_, keys);
    }
    lay(hands_.leaf, leaf);
    mls::sign(suite(), leaf, {group_id, committer_}, next_key());
    lay(hands_.signed_leaf, leaf);
    tree_.place(committer_, leaf);
  }

  // The context of the next epoch, as far as it stands before the commit.
  void seal_path() {
    context_ = known_.group.provisional_context(tree_, extensions_);
    commit_secret_ = SecretBytes(suite().hash_size());
    if (!path_) return;
    GroupContext context = context_;
    lay(hands_.path_context, context);
    commit_.path = path_->encrypt(tree_, added_, encoded(context), entropy_).value();
    commit_.path->leaf_node = *tree_.leaf(committer_);
    commit_secret_ = path_->commit_secret();
  }

  void make_content() {
    const GroupContext& before = known_.group.context();
    content_.content = {.group_id = before.group_id,
                        .epoch = before.epoch,
                        .sender = known_.leaf ? Sender::member(*known_.leaf) : Sender{SenderType::new_member_commit, 0},
                        .authenticated_data = plan_.authenticated_data,
                        .content = commit_};
    lay(hands_.content, content_.content);
    mls::sign(suite(), content_, before, hands_.content_key ? *hands_.content_key : known_.key);
    lay(hands_.signature, content_.auth.signature);

    context_.confirmed_transcript_hash =
        confirmed_transcript_hash(suite(), known_.group.interim_transcript_hash(), content_);
    joiner_ = joiner_secret(suite(), known_.init_secret, commit_secret_, context_);
    secrets_ = epoch_secrets(suite(), joiner_, no_psk_, context_);
    content_.auth.confirmation_tag =
        confirmation_tag(suite(), secrets_.confirmation_key, context_.confirmed_transcript_hash);
    lay(hands_.confirmation_tag, content_.auth.confirmation_tag);
  }

  Bytes message() const {
    PublicMessage message{content_.content, content_.auth, Bytes(suite().hash_size())};
    if (content_.content.type() != ContentType::application)
      message = protect_public(suite(), content_, known_.group.context(), known_.membership_key);
    lay(hands_.message, message);
    return encoded_message(std::move(message));
  }

  GroupInfo info() const {
    return {.group_context = context_,
            .extensions = {},
            .confirmation_tag = content_.auth.confirmation_tag,
            .signer = committer_,
            .signature = {}};
  }

  GroupInfo group_info() const {
    GroupInfo made = info();
    const Bytes external_pub = external_key(suite(), secrets_.external_secret).public_key;
    made.extensions.push_back({extension_type::kExternalPub, encoded(external_pub)});
    if (plan_.tree_in_group_info) made.extensions.push_back({extension_type::kRatchetTree, tree_.encode()});
    lay(hands_.group_info, made);
    mls::sign(suite(), made, hands_.info_key ? *hands_.info_key : next_key());
    lay(hands_.signed_group_info, made);
    return made;
  }

  Welcome welcome() const {
    GroupInfo made = info();
    lay(hands_.joiners_info, made);
    mls::sign(suite(), made, hands_.joiners_info_key ? *hands_.joiners_info_key : next_key());
    lay(hands_.signed_joiners_info, made);
    Welcome welcome = seal_welcome(suite(), made, welcome_secret(suite(), joiner_, no_psk_));
    const EncryptionContext encryption(suite(), "Welcome", welcome.encrypted_group_info);
    const auto adds = all_of<Add>(commit_.proposals);
    for (std::size_t i = 0; i < added_.size(); ++i) {
      GroupSecrets secrets{joiner_, {}, {}};
      if (path_) secrets.path_secret = path_->path_secret_for(added_[i]);
      lay(hands_.group_secrets, secrets);
      const KeyPackage& package = adds[i]->key_package;
      // Nothing can be sealed for a key that is none.
      auto sealed = encryption.encrypt(package.init_key, encoded_secret(secrets), entropy_);
      welcome.secrets.push_back(
          {key_package_ref(suite(), package), sealed ? *sealed : EncryptedPathSecret{Bytes(32, 9), Bytes(80)}});
    }
    lay(hands_.welcome, welcome);
    return welcome;
  }

  const Known& known_;
  const Plan& plan_;
  const Hands& hands_;
  Entropy& entropy_;

  Commit commit_;
  RatchetTree tree_;
  Extensions extensions_;
  std::vector<LeafIndex> added_;
  LeafIndex committer_;
  std::optional<NewPath> path_;
  GroupContext context_;
  SecretBytes commit_secret_;
  AuthenticatedContent content_;
  SecretBytes joiner_;
  EpochSecrets secrets_;
  SecretBytes no_psk_ = SecretBytes(suite().hash_size());
};

}  // namespace

Known known_to(const Group& group, const crypto::SignatureKeyPair& key) {
  return {.group = group.public_group(),
          .init_secret = secret_of(group, MemberSecret::init_secret),
          .membership_key = secret_of(group, MemberSecret::membership_key),
          .key = key,
          .leaf = group.own_leaf()};
}

Request make_commit(const Known& known, const Plan& plan, const Hands& hands, Entropy& entropy) {
  Request request = Workshop(known, plan, hands, entropy).make();
  lay(hands.request, request);
  return request;
}

Request make_external_commit(const PublicGroup& group, const GroupInfo& info, const Plan& plan,
                             const crypto::SignatureKeyPair& key, const Hands& hands, Entropy& entropy) {
  const auto external_pub = decoded<Bytes>(*find_extension(info.extensions, extension_type::kExternalPub)).value();
  auto init = send_external_init(group.suite(), external_pub, entropy).value();
  Plan whole = plan;
  whole.proposals.insert(whole.proposals.begin(), ExternalInit{std::move(init.kem_output)});
  return make_commit({.group = group, .init_secret = std::move(init.init_secret), .membership_key = {}, .key = key},
                     whole, hands, entropy);
}

Request make_first_commit(const CreateOptions& founding, const Plan& plan, const crypto::SignatureKeyPair& key,
                          const Hands& hands, Entropy& entropy) {
  const Group honest = Group::create(crypto::Suite::product(), founding, key, entropy).value();
  const crypto::Suite& suite = honest.suite();
  LeafNode leaf = honest.own_leaf_node();
  lay(hands.founder, leaf);
  mls::sign(suite, leaf, {founding.group_id, {0}}, key);
  lay(hands.signed_founder, leaf);
  RatchetTree tree(suite);
  tree.place({0}, std::move(leaf));
  GroupContext context = honest.public_group().context();
  context.tree_hash = tree.hash();
  lay(hands.founding_context, context);

  const EpochSecrets secrets =
      epoch_secrets(suite, crypto::random_secret(entropy, suite.hash_size()), SecretBytes(suite.hash_size()), context);
  GroupInfo info{
      .group_context = context,
      .extensions = {{extension_type::kExternalPub, encoded(external_key(suite, secrets.external_secret).public_key)},
                     {extension_type::kRatchetTree, tree.encode()}},
      .confirmation_tag = confirmation_tag(suite, secrets.confirmation_key, context.confirmed_transcript_hash),
      .signer = {0},
      .signature = {}};
  lay(hands.founding, info);
  mls::sign(suite, info, key);
  lay(hands.signed_founding, info);
  const Known known{.group = PublicGroup(std::move(context), std::move(tree), info.confirmation_tag),
                    .init_secret = secrets.init_secret,
                    .membership_key = secrets.membership_key,
                    .key = key,
                    .leaf = LeafIndex{0}};
  Request request = Workshop(known, plan, hands, entropy).make();
  request.founding = encoded_message(std::move(info));
  lay(hands.request, request);
  return request;
}

void sign(KeyPackage& package, const crypto::SignatureKeyPair& key) {
  package.signature = sign_with_label(crypto::Suite::product(), key, "KeyPackageTBS", key_package_tbs(package));
}

}  // namespace kith::test
