// GroupInfos: the one beside a commit, by which devices come back from outside, and the one in a Welcome.
#include "mls/profile.h"
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

Bytes& external_pub(GroupInfo& info) { return info.extensions[0].data; }

}  // namespace

Forgeries group_info_forgeries(Scene& scene) {
  Forgeries out;
  // `reader`: who comes back has nothing to compare most of it with.
  const auto info = [&](const std::string& name, Hand<GroupInfo> change, const std::string& server,
                        const std::string& reader) {
    out.push_back({.name = name,
                   .hands = {.group_info = std::move(change)},
                   .server = "group_info: " + server,
                   .reader = reader});
  };
  const std::string bad = "bad_group_info";
  info("version is 2", [](GroupInfo& i) { i.group_context.version = 2; }, bad, "unsupported_version");
  info("cipher_suite is another one", [](GroupInfo& i) { i.group_context.suite = 1; }, bad, "unsupported_suite");
  info("cipher_suite is unknown", [](GroupInfo& i) { i.group_context.suite = 0xF0F0; }, bad, "unsupported_suite");
  info(
      "group_id is another conversation's",
      [](GroupInfo& i) { i.group_context.group_id = flipped(i.group_context.group_id); }, bad, "bad_signature");
  info("epoch is the last one", [](GroupInfo& i) { --i.group_context.epoch; }, bad, "");
  info("epoch is the one after", [](GroupInfo& i) { ++i.group_context.epoch; }, bad, "");
  info(
      "tree_hash is changed", [](GroupInfo& i) { i.group_context.tree_hash = flipped(i.group_context.tree_hash); }, bad,
      "bad_tree");
  info("tree_hash is empty", [](GroupInfo& i) { i.group_context.tree_hash.clear(); }, bad, "bad_tree");
  info(
      "confirmed_transcript_hash is changed",
      [](GroupInfo& i) {
        i.group_context.confirmed_transcript_hash = flipped(i.group_context.confirmed_transcript_hash);
      },
      bad, "");
  info("group extensions are gone", [](GroupInfo& i) { i.group_context.extensions.clear(); }, bad, "");
  info(
      "group extensions ask for more", [](GroupInfo& i) { i.group_context.extensions.push_back({0xF999, {}}); }, bad,
      "unsupported_capability");
  info(
      "group extensions have one twice",
      [](GroupInfo& i) { i.group_context.extensions.push_back(profile::required_capabilities()); }, bad, "bad_value");

  info("external_pub is missing", [](GroupInfo& i) { i.extensions.clear(); }, bad, bad);
  info(
      "external_pub is there twice", [](GroupInfo& i) { i.extensions.push_back(i.extensions[0]); }, "bad_value",
      "bad_value");
  info(
      "external_pub is two keys",
      [](GroupInfo& i) { i.extensions.push_back({extension_type::kExternalPub, encoded(Bytes(32, 9))}); }, "bad_value",
      "bad_value");
  info("external_pub is no vector", [](GroupInfo& i) { external_pub(i).clear(); }, "truncated", "truncated");
  info(
      "external_pub has bytes behind it", [](GroupInfo& i) { external_pub(i).push_back(0); }, "trailing_bytes",
      "trailing_bytes");
  for (const WrongKey& wrong : wrong_kem_keys(scene)) {
    info(
        "external_pub " + wrong.name, [key = wrong.key](GroupInfo& i) { external_pub(i) = encoded(key); }, "bad_key",
        "bad_key");
  }
  const Bytes poison = crypto::Suite::product().generate_kem_key(scene.entropy).public_key;
  out.push_back({.name = "external_pub is another key",
                 .hands = {.group_info = [=](GroupInfo& i) { external_pub(i) = encoded(poison); }},
                 .server = "",
                 .reader = ""});
  info(
      "ratchet_tree is in it",
      [tree = scene.group->public_group().tree().encode()](GroupInfo& i) {
        i.extensions.push_back({extension_type::kRatchetTree, tree});
      },
      "with a tree in it", "bad_tree");
  info(
      "ratchet_tree is in it and empty",
      [](GroupInfo& i) { i.extensions.push_back({extension_type::kRatchetTree, {}}); }, "with a tree in it",
      "truncated");
  // RFC 9420 section 13.4 has readers ignore it; what is stored is small.
  info(
      "an extension that nobody knows is in it", [](GroupInfo& i) { i.extensions.push_back({0x0A0A, to_bytes("x")}); },
      "with more than external_pub", "");
  info(
      "an extension that nobody knows is there twice",
      [](GroupInfo& i) { i.extensions.insert(i.extensions.end(), 2, {0x0A0A, {}}); }, "bad_value", "bad_value");

  info("confirmation_tag is changed", [](GroupInfo& i) { i.confirmation_tag = flipped(i.confirmation_tag); }, bad, "");
  info("confirmation_tag is empty", [](GroupInfo& i) { i.confirmation_tag.clear(); }, bad, bad);
  info(
      "signer is another member", [](GroupInfo& i) { i.signer = Scene::kNeighbour; }, "bad_signature", "bad_signature");
  info(
      "signer is a leaf that was removed", [](GroupInfo& i) { i.signer = Scene::kRemoved; }, "unknown_sender",
      "unknown_sender");
  info("signer is beyond the tree", [](GroupInfo& i) { i.signer = {~0U}; }, "unknown_sender", "unknown_sender");
  out.push_back(
      {.name = "signer is another device, which did sign",
       .hands = {.group_info = [](GroupInfo& i) { i.signer = Scene::kAnnsSecond; }, .info_key = scene.anns[1].key},
       .server = "group_info: not signed by who sends it",
       .reader = ""});
  const auto signature = [&](const std::string& name, Hand<GroupInfo> change) {
    out.push_back({.name = "signature " + name,
                   .hands = {.signed_group_info = std::move(change)},
                   .server = "group_info: bad_signature",
                   .reader = "bad_signature"});
  };
  signature("is changed", [](GroupInfo& i) { i.signature = flipped(i.signature); });
  signature("is empty", [](GroupInfo& i) { i.signature.clear(); });
  signature("is by another device of the same user",
            [key = scene.anns[1].key](GroupInfo& i) { mls::sign(crypto::Suite::product(), i, key); });

  const auto request = [&](const std::string& name, Hand<Request> change, const std::string& why) {
    out.push_back(
        {.name = name, .hands = {.request = std::move(change)}, .server = "group_info: " + why, .reader = why});
  };
  request("holds the commit", [](Request& r) { r.group_info = r.commit; }, "wrong_message");
  request("is missing", [](Request& r) { r.group_info.clear(); }, "truncated");
  request("message version is 2", [](Request& r) { r.group_info[1] = 2; }, "unsupported_version");
  out.push_back(
      {.name = "is larger than any may be",
       .hands = {.group_info = [](GroupInfo& i) { i.extensions.push_back({0x0A0A, Bytes(std::size_t{1} << 20)}); }},
       .server = "too_large",
       .reader = ""});
  return out;
}

Forgeries welcome_forgeries(Scene& scene) {
  Forgeries out;
  const auto sealed = [&](const std::string& name, Hands hands, const std::string& why) {
    out.push_back({.name = name, .hands = std::move(hands), .server = "", .reader = why});
  };
  const auto welcome = [&](const std::string& name, Hand<Welcome> change, const std::string& server,
                           const std::string& reader) {
    out.push_back({.name = name, .hands = {.welcome = std::move(change)}, .server = server, .reader = reader});
  };
  const auto request = [&](const std::string& name, Hand<Request> change, const std::string& why) {
    out.push_back(
        {.name = name, .hands = {.request = std::move(change)}, .server = "a welcome: " + why, .reader = why});
  };
  request("holds the commit", [](Request& r) { r.welcome = r.commit; }, "wrong_message");
  request("message version is 2", [](Request& r) { r.welcome[1] = 2; }, "unsupported_version");
  welcome(
      "cipher_suite is another one", [](Welcome& w) { w.suite = 1; }, "a welcome of another suite",
      "unsupported_suite");
  welcome(
      "cipher_suite is unknown", [](Welcome& w) { w.suite = 0xF0F0; }, "a welcome of another suite",
      "unsupported_suite");
  const std::string others = "a welcome for other key packages than were added";
  const std::string without = "a welcome without the key package that was added";
  welcome("secrets is empty", [](Welcome& w) { w.secrets.clear(); }, without, "not_invited");
  welcome(
      "secrets.new_member is changed", [](Welcome& w) { w.secrets[0].new_member = flipped(w.secrets[0].new_member); },
      others, "not_invited");
  welcome(
      "secrets.new_member is another device's key package",
      [ref = scene.bobs_first.ref](Welcome& w) { w.secrets[0].new_member = ref; }, others, "not_invited");
  welcome("secrets has one twice", [](Welcome& w) { w.secrets.push_back(w.secrets[0]); }, others, "");
  welcome(
      "secrets has one for somebody else",
      [ref = scene.bobs_first.ref](Welcome& w) {
        w.secrets.push_back(w.secrets[0]);
        w.secrets[1].new_member = ref;
      },
      others, "");
  for (const WrongKey& wrong : wrong_kem_keys(scene)) {
    welcome(
        "secrets.kem_output " + wrong.name,
        [key = wrong.key](Welcome& w) { w.secrets[0].encrypted_group_secrets.kem_output = key; }, "a welcome: bad_key",
        "decryption_failed");
  }
  const std::string closed = "decryption_failed";
  welcome(
      "secrets.ciphertext is changed",
      [](Welcome& w) {
        auto& c = w.secrets[0].encrypted_group_secrets.ciphertext;
        c = flipped(c);
      },
      "", closed);
  welcome(
      "secrets.ciphertext is empty", [](Welcome& w) { w.secrets[0].encrypted_group_secrets.ciphertext.clear(); }, "",
      closed);
  welcome(
      "encrypted_group_info is changed", [](Welcome& w) { w.encrypted_group_info = flipped(w.encrypted_group_info); },
      "", closed);
  welcome("encrypted_group_info is empty", [](Welcome& w) { w.encrypted_group_info.clear(); }, "", closed);

  const auto secrets = [&](const std::string& name, Hand<GroupSecrets> change, const std::string& why) {
    sealed("GroupSecrets." + name, {.group_secrets = std::move(change)}, why);
  };
  secrets("joiner_secret is changed", [](GroupSecrets& s) { s.joiner_secret[0] ^= 1; }, closed);
  secrets("joiner_secret is empty", [](GroupSecrets& s) { s.joiner_secret.clear(); }, closed);
  secrets("path_secret is changed", [](GroupSecrets& s) { (*s.path_secret)[0] ^= 1; }, "bad_path");
  secrets("path_secret is empty", [](GroupSecrets& s) { s.path_secret->clear(); }, "bad_path");
  secrets("path_secret is missing", [](GroupSecrets& s) { s.path_secret.reset(); }, "bad_path");
  secrets(
      "psks has one that nobody has",
      [](GroupSecrets& s) { s.psks.push_back({.psk_id = to_bytes("x"), .psk_nonce = Bytes(32)}); }, "unknown_psk");
  secrets(
      "psks says that the group takes another's place",
      [](GroupSecrets& s) {
        s.psks.push_back({.type = PskType::resumption, .usage = ResumptionUsage::reinit, .psk_nonce = Bytes(32)});
      },
      "unknown_psk");

  const auto info = [&](const std::string& name, Hand<GroupInfo> change, const std::string& why) {
    sealed("GroupInfo." + name, {.joiners_info = std::move(change)}, why);
  };
  info("version is 2", [](GroupInfo& i) { i.group_context.version = 2; }, "unsupported_version");
  info("cipher_suite is another one", [](GroupInfo& i) { i.group_context.suite = 1; }, "unsupported_suite");
  info(
      "group_id is another conversation's",
      [](GroupInfo& i) { i.group_context.group_id = flipped(i.group_context.group_id); }, "bad_signature");
  info("epoch is the last one", [](GroupInfo& i) { --i.group_context.epoch; }, "bad_confirmation_tag");
  info("epoch is the one after", [](GroupInfo& i) { ++i.group_context.epoch; }, "bad_confirmation_tag");
  info(
      "tree_hash is changed", [](GroupInfo& i) { i.group_context.tree_hash = flipped(i.group_context.tree_hash); },
      "bad_tree");
  info(
      "confirmed_transcript_hash is changed",
      [](GroupInfo& i) {
        i.group_context.confirmed_transcript_hash = flipped(i.group_context.confirmed_transcript_hash);
      },
      "bad_confirmation_tag");
  info("group extensions are gone", [](GroupInfo& i) { i.group_context.extensions.clear(); }, "bad_confirmation_tag");
  info(
      "group extensions ask for more", [](GroupInfo& i) { i.group_context.extensions.push_back({0xF999, {}}); },
      "unsupported_capability");
  info(
      "group extensions have one twice",
      [](GroupInfo& i) { i.group_context.extensions.push_back(profile::required_capabilities()); }, "bad_value");
  info(
      "ratchet_tree is another one",
      [tree = scene.group->public_group().tree().encode()](GroupInfo& i) {
        i.extensions.push_back({extension_type::kRatchetTree, tree});
      },
      "bad_tree");
  info(
      "extensions has one twice", [](GroupInfo& i) { i.extensions.insert(i.extensions.end(), 2, {0x0A0A, {}}); },
      "bad_value");
  info(
      "confirmation_tag is changed", [](GroupInfo& i) { i.confirmation_tag = flipped(i.confirmation_tag); },
      "bad_confirmation_tag");
  info("confirmation_tag is empty", [](GroupInfo& i) { i.confirmation_tag.clear(); }, "bad_group_info");
  info("signer is another member", [](GroupInfo& i) { i.signer = Scene::kNeighbour; }, "bad_signature");
  info("signer is a leaf that was removed", [](GroupInfo& i) { i.signer = Scene::kRemoved; }, "unknown_sender");
  info("signer is beyond the tree", [](GroupInfo& i) { i.signer = {~0U}; }, "unknown_sender");
  sealed("GroupInfo.signer is another device, which did sign",
         {.joiners_info = [](GroupInfo& i) { i.signer = Scene::kAnnsSecond; }, .joiners_info_key = scene.anns[1].key},
         "bad_path");
  sealed("GroupInfo.signer is the one who joins, with keys that the forger knows",
         {.joiners_info = [](GroupInfo& i) { i.signer = Scene::kBlank; }, .joiners_info_key = scene.anns[3].key},
         "bad_group_info");
  sealed("GroupInfo.signature is changed",
         {.signed_joiners_info = [](GroupInfo& i) { i.signature = flipped(i.signature); }}, "bad_signature");
  sealed("GroupInfo.signature is empty", {.signed_joiners_info = [](GroupInfo& i) { i.signature.clear(); }},
         "bad_signature");
  return out;
}

}  // namespace kith::test
