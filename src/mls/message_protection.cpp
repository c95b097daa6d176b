#include "mls/message_protection.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "mls/key_derivation.h"

namespace kith::mls {
namespace {

// MAC over AuthenticatedContentTBM
SecretBytes membership_tag(const crypto::Suite& suite, const AuthenticatedContent& content, const GroupContext& context,
                           ByteView membership_key) {
  Writer w;
  w.raw(framed_content_tbs(content.wire_format, content.content, context));
  encode_auth(w, content.auth, content.content.type());
  return suite.hmac(membership_key, w.view());
}

constexpr std::size_t kReuseGuardBytes = 4;

struct SenderData {
  LeafIndex leaf;
  std::uint32_t generation = 0;
  std::array<std::uint8_t, kReuseGuardBytes> reuse_guard{};
};
void encode(Writer& w, const SenderData& v) {
  w.u32(v.leaf.value);
  w.u32(v.generation);
  w.raw(v.reuse_guard);
}
void decode(Reader& r, SenderData& v) {
  v.leaf = {r.u32()};
  v.generation = r.u32();
  std::ranges::copy(r.raw(kReuseGuardBytes), v.reuse_guard.begin());
}

SecretBytes guarded(SecretBytes nonce, const SenderData& sender) {
  for (std::size_t i = 0; i < kReuseGuardBytes; ++i) nonce[i] ^= sender.reuse_guard[i];
  return nonce;
}

Bytes sender_data_aad(const PrivateMessage& m) {
  Writer w;
  w.opaque(m.group_id);
  w.u64(m.epoch);
  w.u8(static_cast<std::uint8_t>(m.content_type));
  return w.bytes();
}

Bytes private_content_aad(const PrivateMessage& m) {
  Writer w;
  w.raw(sender_data_aad(m));
  w.opaque(m.authenticated_data);
  return w.bytes();
}

RatchetKind ratchet_of(ContentType type) {
  return type == ContentType::application ? RatchetKind::application : RatchetKind::handshake;
}

}  // namespace

PublicMessage protect_public(const crypto::Suite& suite, const AuthenticatedContent& content,
                             const GroupContext& context, ByteView membership_key) {
  KITH_CHECK(content.content.type() != ContentType::application);
  PublicMessage m{content.content, content.auth, {}};
  if (content.content.sender.type == SenderType::member) {
    m.membership_tag = to_bytes(membership_tag(suite, content, context, membership_key));
  }
  return m;
}

Result<AuthenticatedContent> unprotect_public(const crypto::Suite& suite, const PublicMessage& message,
                                              const GroupContext& context, ByteView membership_key) {
  if (message.content.type() == ContentType::application) {
    return fail(Errc::wrong_message, "application data that is not encrypted");
  }
  AuthenticatedContent content = message.authenticated();
  if (message.content.sender.type == SenderType::member &&
      !crypto::equal(membership_tag(suite, content, context, membership_key), message.membership_tag)) {
    return fail(Errc::bad_membership_tag, "a message with a membership tag that does not hold");
  }
  return content;
}

SenderDataKey sender_data_key(const crypto::Suite& suite, ByteView sender_data_secret, ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), suite.hash_size()));
  return {expand_with_label(suite, sender_data_secret, "key", sample, suite.key_size()),
          expand_with_label(suite, sender_data_secret, "nonce", sample, suite.nonce_size())};
}

PrivateMessage protect_private(const crypto::Suite& suite, const AuthenticatedContent& content, SecretTree& tree,
                               ByteView sender_data_secret, std::size_t padding_bytes, Entropy& entropy) {
  KITH_CHECK(content.content.sender.type == SenderType::member);
  PrivateMessage m;
  m.group_id = content.content.group_id;
  m.epoch = content.content.epoch;
  m.content_type = content.content.type();
  m.authenticated_data = content.content.authenticated_data;

  // PrivateMessageContent
  Writer plaintext;
  encode_content(plaintext, content.content.content);
  encode_auth(plaintext, content.auth, m.content_type);
  plaintext.raw(Bytes(padding_bytes));

  const MessageKey key = tree.next(content.content.sender.leaf(), ratchet_of(m.content_type));
  SenderData sender{content.content.sender.leaf(), key.generation, {}};
  entropy.fill(sender.reuse_guard);
  m.ciphertext = suite.seal(key.key, guarded(key.nonce, sender), private_content_aad(m), plaintext.view());
  const SenderDataKey sender_key = sender_data_key(suite, sender_data_secret, m.ciphertext);
  m.encrypted_sender_data = suite.seal(sender_key.key, sender_key.nonce, sender_data_aad(m), encoded(sender));
  return m;
}

Result<OpenedMessage> open_private(const crypto::Suite& suite, const PrivateMessage& message, const SecretTree& tree,
                                   ByteView sender_data_secret, std::optional<LeafIndex> own) {
  const SenderDataKey sender_key = sender_data_key(suite, sender_data_secret, message.ciphertext);
  const auto sender_bytes =
      suite.open(sender_key.key, sender_key.nonce, sender_data_aad(message), message.encrypted_sender_data);
  if (!sender_bytes) return fail(Errc::decryption_failed, "a message whose sender does not open");
  KITH_TRY(const auto sender, decoded<SenderData>(*sender_bytes));
  if (own == sender.leaf) return fail(Errc::own_message, "a message of our own, whose key is gone");

  const RatchetKind kind = ratchet_of(message.content_type);
  KITH_TRY(const MessageKey key, tree.peek(sender.leaf, kind, sender.generation));
  const auto plaintext =
      suite.open(key.key, guarded(key.nonce, sender), private_content_aad(message), message.ciphertext);
  if (!plaintext) return fail(Errc::decryption_failed, "a message that does not open");

  OpenedMessage out{{}, kind, sender.generation};
  out.content.wire_format = WireFormat::private_message;
  FramedContent& content = out.content.content;
  content.group_id = message.group_id;
  content.epoch = message.epoch;
  content.sender = Sender::member(sender.leaf);
  content.authenticated_data = message.authenticated_data;
  Reader r(*plaintext);
  decode_content(r, content.content, message.content_type);
  decode_auth(r, out.content.auth, message.content_type);
  if (std::ranges::any_of(r.raw(r.left()), [](std::uint8_t b) { return b != 0; })) {
    r.refuse(Errc::bad_value, "padding that is not zero");
  }
  KITH_TRY_VOID(r.finish());
  return out;
}

}  // namespace kith::mls
