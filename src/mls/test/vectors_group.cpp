// Vectors of messages and of whole groups.
#include <map>

#include "mls/test/vectors_internal.h"

namespace kith::mls::vectors {
namespace {

template <class T>
void round_trip(const Json& v, const char* field, Case& c) {
  const Bytes bytes = bytes_of(v, field);
  const auto value = decoded<T>(bytes);
  if (c.ok(value, field)) c.equal(encoded(*value), bytes, field);
}

template <class T>
void round_trip_message(const Json& v, const char* field, Case& c) {
  round_trip<MlsMessage>(v, field, c);
  c.ok(decoded_message<T>(bytes_of(v, field)), field);
}

}  // namespace

void messages(const Json& v, Case& c) {
  round_trip_message<Welcome>(v, "mls_welcome", c);
  round_trip_message<GroupInfo>(v, "mls_group_info", c);
  round_trip_message<KeyPackage>(v, "mls_key_package", c);
  round_trip_message<PublicMessage>(v, "public_message_application", c);
  round_trip_message<PublicMessage>(v, "public_message_proposal", c);
  round_trip_message<PublicMessage>(v, "public_message_commit", c);
  round_trip_message<PrivateMessage>(v, "private_message", c);
  round_trip<GroupSecrets>(v, "group_secrets", c);
  round_trip<Add>(v, "add_proposal", c);
  round_trip<Update>(v, "update_proposal", c);
  round_trip<Remove>(v, "remove_proposal", c);
  round_trip<PreSharedKey>(v, "pre_shared_key_proposal", c);
  round_trip<ReInit>(v, "re_init_proposal", c);
  round_trip<ExternalInit>(v, "external_init_proposal", c);
  round_trip<GroupContextExtensions>(v, "group_context_extensions_proposal", c);
  round_trip<Commit>(v, "commit", c);
  const auto suite = crypto::Suite::product();
  const Bytes tree_bytes = bytes_of(v, "ratchet_tree");
  const auto tree = RatchetTree::decode(suite, tree_bytes);
  if (c.ok(tree, "ratchet_tree")) c.equal(tree->encode(), tree_bytes, "ratchet_tree");
}

void message_protection(const crypto::Suite& suite, const Json& v, Case& c) {
  SeededEntropy entropy;
  const GroupContext context{.version = kVersion,
                             .suite = suite.id(),
                             .group_id = bytes_of(v, "group_id"),
                             .epoch = number_of(v, "epoch"),
                             .tree_hash = bytes_of(v, "tree_hash"),
                             .confirmed_transcript_hash = bytes_of(v, "confirmed_transcript_hash"),
                             .extensions = {}};
  const auto key = suite.signature_key_from(private_key_of(suite, v, "signature_priv"));
  if (!c.check(key && key->public_key == bytes_of(v, "signature_pub"), "signature key")) return;
  const Bytes membership_key = bytes_of(v, "membership_key");
  const Bytes sender_data_secret = bytes_of(v, "sender_data_secret");
  const auto fresh_tree = [&] { return SecretTree(suite, {2}, to_secret(bytes_of(v, "encryption_secret"))); };

  const auto check_content = [&](const Result<AuthenticatedContent>& content, ByteView wanted, const char* what) {
    if (!c.ok(content, what)) return;
    c.ok(verify_signature(suite, *content, context, key->public_key), what);
    if (const auto* data = std::get_if<ApplicationData>(&content->content.content)) {
      c.equal(data->data, wanted, what);
    } else {
      Writer w;
      encode_content(w, content->content.content);
      c.equal(w.view(), wanted, what);
    }
  };
  const auto open_public = [&](ByteView bytes) -> Result<AuthenticatedContent> {
    KITH_TRY(const auto m, decoded_message<PublicMessage>(bytes));
    return unprotect_public(suite, m, context, membership_key);
  };
  const auto open_secret = [&](ByteView bytes) -> Result<AuthenticatedContent> {
    KITH_TRY(const auto m, decoded_message<PrivateMessage>(bytes));
    const SecretTree tree = fresh_tree();
    KITH_TRY(auto opened, open_private(suite, m, tree, sender_data_secret));
    return std::move(opened.content);
  };
  const auto make = [&](WireFormat format, Content content) {
    AuthenticatedContent out;
    out.wire_format = format;
    out.content = {context.group_id, context.epoch, Sender::member({1}), to_bytes("aad"), std::move(content)};
    sign(suite, out, context, *key);
    if (out.content.type() == ContentType::commit) out.auth.confirmation_tag = Bytes(suite.hash_size(), 7);
    return out;
  };
  const auto check_ours = [&](const Content& content, ByteView wanted, const char* what) {
    if (content.index() != 0) {
      const auto m = protect_public(suite, make(WireFormat::public_message, content), context, membership_key);
      check_content(open_public(encoded_message(m)), wanted, what);
      PublicMessage forged = m;
      forged.membership_tag.back() ^= 1;
      c.check(!open_public(encoded_message(forged)), "a broken membership tag is refused");
    }
    SecretTree tree = fresh_tree();
    const auto m =
        protect_private(suite, make(WireFormat::private_message, content), tree, sender_data_secret, 13, entropy);
    check_content(open_secret(encoded_message(m)), wanted, what);
  };

  for (const char* what : {"proposal", "commit", "application"}) {
    const Bytes raw = bytes_of(v, what);
    check_content(open_secret(bytes_of(v, (std::string(what) + "_priv").c_str())), raw, what);
    Content content;
    if (std::string_view(what) == "application") {
      content = ApplicationData{to_secret(raw)};
    } else {
      check_content(open_public(bytes_of(v, (std::string(what) + "_pub").c_str())), raw, what);
      Reader r(raw);
      decode_content(r, content, std::string_view(what) == "commit" ? ContentType::commit : ContentType::proposal);
      c.ok(r.finish(), what);
    }
    check_ours(content, raw, what);
  }
  const AuthenticatedContent application = make(WireFormat::public_message, ApplicationData{SecretBytes(3)});
  const PublicMessage in_clear{application.content, application.auth, Bytes(suite.hash_size())};
  c.check(!open_public(encoded_message(in_clear)), "an application PublicMessage is refused");
}

void welcome(const crypto::Suite& suite, const Json& v, Case& c) {
  const auto message = decoded_message<Welcome>(bytes_of(v, "welcome"));
  const auto key_package = decoded_message<KeyPackage>(bytes_of(v, "key_package"));
  if (!c.ok(message, "welcome") || !c.ok(key_package, "key_package")) return;
  const KeyPackageSecrets mine{
      key_package_ref(suite, *key_package), *key_package, private_key_of(suite, v, "init_priv"), {}};
  const auto secrets = open_group_secrets(suite, *message, mine);
  if (!c.ok(secrets, "group secrets")) return;
  const SecretBytes no_psk(suite.hash_size());
  const auto info = open_group_info(suite, *message, welcome_secret(suite, secrets->joiner_secret, no_psk));
  if (!c.ok(info, "group info")) return;
  c.ok(verify_signature(suite, *info, bytes_of(v, "signer_pub")), "GroupInfo signature");
  const EpochSecrets epoch = epoch_secrets(suite, secrets->joiner_secret, no_psk, info->group_context);
  c.equal(confirmation_tag(suite, epoch.confirmation_key, info->group_context.confirmed_transcript_hash),
          info->confirmation_tag, "confirmation_tag");
}

void passive_client(const crypto::Suite& suite, const Json& v, Case& c) {
  const auto key_package = decoded_message<KeyPackage>(bytes_of(v, "key_package"));
  const auto key = suite.signature_key_from(private_key_of(suite, v, "signature_priv"));
  if (!c.ok(key_package, "key_package") || !c.check(key.has_value(), "signature_priv")) return;
  const KeyPackageSecrets mine{key_package_ref(suite, *key_package), *key_package,
                               private_key_of(suite, v, "init_priv"), private_key_of(suite, v, "encryption_priv")};
  std::map<std::uint64_t, SecretBytes> resumption_psks;
  const PskLookup psks = [&](const PreSharedKeyId& id) -> std::optional<SecretBytes> {
    if (id.type == PskType::resumption) {
      const auto it = resumption_psks.find(id.psk_epoch);
      return it != resumption_psks.end() ? std::optional(it->second) : std::nullopt;
    }
    for (const Json& p : v["external_psks"]) {
      if (bytes_of(p, "psk_id") == id.psk_id) return to_secret(bytes_of(p, "psk"));
    }
    return std::nullopt;
  };
  const Bytes tree = bytes_of(v, "ratchet_tree");
  auto group =
      Group::join(bytes_of(v, "welcome"), mine, *key,
                  {.tree = v["ratchet_tree"].is_null() ? std::nullopt : std::optional<ByteView>(tree), .psks = psks});
  if (!c.ok(group, "join")) return;
  c.equal(group->epoch_authenticator(), bytes_of(v, "initial_epoch_authenticator"), "initial_epoch_authenticator");
  for (const Json& e : v["epochs"]) {
    resumption_psks[group->epoch()] = group->resumption_psk();
    std::vector<CachedProposal> cached;
    for (const Json& p : e["proposals"]) {
      auto proposal = group->process_proposal(bytes_of(p));
      if (!c.ok(proposal, "proposal")) return;
      cached.push_back(*std::move(proposal));
    }
    auto staged = group->process(bytes_of(e, "commit"), {.cached = cached, .psks = psks});
    if (!c.ok(staged, "commit") || !c.check(staged->next.has_value(), "we are still members")) return;
    group = *std::move(staged->next);
    if (!c.equal(group->epoch_authenticator(), bytes_of(e, "epoch_authenticator"), "epoch_authenticator")) return;
  }
}

}  // namespace kith::mls::vectors
