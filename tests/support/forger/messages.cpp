#include "tests/support/forger/messages.h"

#include "mls/key_derivation.h"
#include "tests/support/forger/parts.h"
#include "tests/support/insider.h"

namespace kith::test {

using namespace mls;

namespace {

// Called in the order in which a message is made; what comes behind is made to fit.
struct MessageHands {
  LeafIndex sender = Scene::kForger;
  std::uint32_t generation = 0;
  std::optional<crypto::SignatureKeyPair> key = {};
  Hand<FramedContent> content = {};
  Hand<Bytes> signature = {};
  Hand<Bytes> plaintext = {};
  Hand<PrivateMessage> header = {};  // what the seals cover
  Hand<Bytes> sender_data = {};
  Hand<PrivateMessage> message = {};  // sealed
};

template <class T>
void lay(const Hand<T>& hand, T& on) {
  if (hand) hand(on);
}

Bytes aad_of(const PrivateMessage& m, bool with_authenticated_data) {
  Writer w;
  w.opaque(m.group_id);
  w.u64(m.epoch);
  w.u8(static_cast<std::uint8_t>(m.content_type));
  if (with_authenticated_data) w.opaque(m.authenticated_data);
  return w.bytes();
}

// The key of any leaf's message, as every member can derive it.
MessageKey key_of(const Group& group, LeafIndex leaf, std::uint32_t generation) {
  SecretTree ratchets = ratchets_of(group);
  MessageKey key;
  for (std::uint32_t i = 0; i <= generation; ++i) key = ratchets.next(leaf, RatchetKind::application);
  return key;
}

Bytes seal(const Scene& scene, const MessageHands& hands) {
  const Group& group = *scene.group;
  const crypto::Suite& suite = group.suite();
  AuthenticatedContent said{.wire_format = WireFormat::private_message,
                            .content = {.group_id = group.group_id(),
                                        .epoch = group.epoch(),
                                        .sender = Sender::member(hands.sender),
                                        .authenticated_data = to_bytes("aad"),
                                        .content = ApplicationData{to_secret(as_view("hello"))}},
                            .auth = {}};
  lay(hands.content, said.content);
  mls::sign(suite, said, group.public_group().context(), hands.key ? *hands.key : scene.anns[0].key);
  lay(hands.signature, said.auth.signature);
  Writer w;
  encode_content(w, said.content.content);
  encode_auth(w, said.auth, said.content.type());
  Bytes plaintext = w.bytes();
  lay(hands.plaintext, plaintext);

  PrivateMessage m{.group_id = said.content.group_id,
                   .epoch = said.content.epoch,
                   .content_type = said.content.type(),
                   .authenticated_data = said.content.authenticated_data,
                   .encrypted_sender_data = {},
                   .ciphertext = {}};
  lay(hands.header, m);
  // Leaf, generation and a reuse guard of zeros, which leaves the nonce as it is.
  const bool has_leaf = group.public_group().tree().size().contains(hands.sender);
  const MessageKey key = key_of(group, has_leaf ? hands.sender : Scene::kForger, hands.generation);
  m.ciphertext = suite.seal(key.key, key.nonce, aad_of(m, true), plaintext);
  Writer data;
  data.u32(hands.sender.value);
  data.u32(hands.generation);
  data.u32(0);
  Bytes sender_data = data.bytes();
  lay(hands.sender_data, sender_data);
  const auto seal = sender_data_key(suite, secret_of(group, MemberSecret::sender_data), m.ciphertext);
  m.encrypted_sender_data = suite.seal(seal.key, seal.nonce, aad_of(m, false), sender_data);
  lay(hands.message, m);
  return encoded_message(std::move(m));
}

}  // namespace

Bytes honest_message(Scene& scene) { return seal(scene, {}); }

std::vector<ForgedMessage> message_forgeries(Scene& scene) {
  std::vector<ForgedMessage> out;
  const auto add = [&](const std::string& name, const MessageHands& hands, const std::string& server,
                       const std::string& reader) { out.push_back({name, seal(scene, hands), server, reader}); };
  const auto bytes = [&](const std::string& name, Hand<Bytes> change, const std::string& server,
                         const std::string& reader) {
    Bytes message = seal(scene, {});
    change(message);
    out.push_back({name, std::move(message), server, reader});
  };
  const std::string none = "payload: not one MLS message";
  const std::string other = "payload: not an application message";
  bytes("version is 2", [](Bytes& b) { b[1] = 2; }, none, "unsupported_version");
  bytes("wire_format is unknown", [](Bytes& b) { b[3] = 9; }, other, "bad_value");
  bytes("holds a commit", becomes(scene.commit().commit), none, "wrong_message");
  const auto header = [&](const std::string& name, Hand<PrivateMessage> change, const std::string& server,
                          const std::string& reader) { add(name, {.header = std::move(change)}, server, reader); };
  header(
      "group_id is another conversation's", [](auto& m) { m.group_id = flipped(m.group_id); },
      "payload: of another group", "wrong_group");
  const std::string another_epoch = "payload: of another epoch than the request says";
  header("epoch is the next one", [](auto& m) { ++m.epoch; }, another_epoch, "wrong_epoch");
  header("epoch is the last one", [](auto& m) { --m.epoch; }, another_epoch, "wrong_epoch");
  header("content_type is proposal", [](auto& m) { m.content_type = ContentType::proposal; }, other, "wrong_message");
  header("content_type is commit", [](auto& m) { m.content_type = ContentType::commit; }, other, "wrong_message");
  header("content_type is unknown", [](auto& m) { m.content_type = ContentType{4}; }, other, "bad_value");
  header(
      "authenticated_data is another than what is signed", [](auto& m) { m.authenticated_data = to_bytes("else"); }, "",
      "bad_signature");

  const auto after = [&](const std::string& name, Hand<PrivateMessage> change) {
    add(name, {.message = std::move(change)}, "", "decryption_failed");
  };
  after("authenticated_data is changed", [](auto& m) { m.authenticated_data = to_bytes("aae"); });
  after("encrypted_sender_data is changed",
        [](auto& m) { m.encrypted_sender_data = flipped(m.encrypted_sender_data); });
  after("encrypted_sender_data is empty", [](auto& m) { m.encrypted_sender_data.clear(); });
  after("ciphertext is changed", [](auto& m) { m.ciphertext.back() ^= 1; });
  after("ciphertext is empty", [](auto& m) { m.ciphertext.clear(); });

  const auto sealed = [&](const std::string& name, const MessageHands& hands, const std::string& reader) {
    add("sealed: " + name, hands, "", reader);
  };
  sealed("sender is another member", {.sender = Scene::kBobsSecond}, "bad_signature");
  sealed("sender is a blank leaf", {.sender = Scene::kBlank}, "unknown_sender");
  sealed("sender is beyond the tree", {.sender = {8}}, "unknown_sender");
  sealed("sender is who reads it", {.sender = Scene::kNeighbour}, "own_message");
  sealed("sender data is a byte short", {.sender_data = [](Bytes& b) { b.pop_back(); }}, "truncated");
  sealed("sender data is a byte long", {.sender_data = [](Bytes& b) { b.push_back(0); }}, "trailing_bytes");
  sealed("generation is too far ahead", {.generation = kMaxGenerationSkip + 1}, "generation_too_far");
  sealed("signature is changed", {.signature = flip()}, "bad_signature");
  sealed("signature is empty", {.signature = becomes({})}, "bad_signature");
  sealed("signature is by another device of the same user", {.key = scene.anns[1].key}, "bad_signature");
  sealed("signature is for another group",
         {.content = [](auto& c) { c.group_id = flipped(c.group_id); },
          .header = [id = scene.group->group_id()](auto& m) { m.group_id = id; }},
         "bad_signature");
  sealed("content is a commit",
         {.content = [](auto& c) { c.content = Commit{}; },
          .header = [](auto& m) { m.content_type = ContentType::application; }},
         "bad_value");
  sealed("content is cut off", {.plaintext = [](Bytes& b) { b.resize(b.size() / 2); }}, "truncated");
  sealed("padding is not zero", {.plaintext = [](Bytes& b) { b.push_back(1); }}, "bad_value");
  add("authenticated_data is what nobody expects",
      {.content = [](auto& c) { c.authenticated_data = to_bytes("nobody"); }}, "", "");
  return out;
}

}  // namespace kith::test
