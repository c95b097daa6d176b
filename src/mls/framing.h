// Messages and their framing (RFC 9420 section 6): what is signed, and the envelopes. Tags and encryption, which need
// secrets, are in message_protection.h.
#pragma once

#include "mls/group_context.h"

namespace kith::mls {

enum class WireFormat : std::uint16_t {
  public_message = 1,
  private_message = 2,
  welcome = 3,
  group_info = 4,
  key_package = 5
};
enum class ContentType : std::uint8_t { application = 1, proposal = 2, commit = 3 };
enum class SenderType : std::uint8_t { member = 1, external = 2, new_member_proposal = 3, new_member_commit = 4 };

struct Sender {
  SenderType type = SenderType::member;
  std::uint32_t index = 0;  // member: leaf index; external: index in external_senders
  static Sender member(LeafIndex leaf) { return {SenderType::member, leaf.value}; }
  [[nodiscard]] LeafIndex leaf() const { return {index}; }
  friend bool operator==(const Sender&, const Sender&) = default;
};
void encode(Writer& w, const Sender& v);
void decode(Reader& r, Sender& v);

struct ApplicationData {
  SecretBytes data;
};

// Alternatives in the order of ContentType.
using Content = std::variant<ApplicationData, Proposal, Commit>;

struct FramedContent {
  Bytes group_id;
  std::uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  Content content;
  [[nodiscard]] ContentType type() const { return static_cast<ContentType>(content.index() + 1); }
};
void encode(Writer& w, const FramedContent& v);
void decode(Reader& r, FramedContent& v);

struct FramedContentAuthData {
  Bytes signature;
  Bytes confirmation_tag;  // commits only
};
void encode_auth(Writer& w, const FramedContentAuthData& v, ContentType type);
void decode_auth(Reader& r, FramedContentAuthData& v, ContentType type);
// The content without its type byte, as PrivateMessageContent holds it.
void encode_content(Writer& w, const Content& v);
void decode_content(Reader& r, Content& v, ContentType type);

// Section 6.1. As decoded: unverified.
struct AuthenticatedContent {
  WireFormat wire_format = WireFormat::public_message;
  FramedContent content;
  FramedContentAuthData auth;
};
void encode(Writer& w, const AuthenticatedContent& v);
void decode(Reader& r, AuthenticatedContent& v);

// FramedContentTBS; the context belongs to it for members and new members who commit.
[[nodiscard]] Bytes framed_content_tbs(WireFormat format, const FramedContent& content, const GroupContext& context);
void sign(const crypto::Suite& suite, AuthenticatedContent& v, const GroupContext& context,
          const crypto::SignatureKeyPair& key);
[[nodiscard]] Result<void> verify_signature(const crypto::Suite& suite, const AuthenticatedContent& v,
                                            const GroupContext& context, ByteView signature_key);
// ProposalRef (section 5.2)
[[nodiscard]] Bytes proposal_ref(const crypto::Suite& suite, const AuthenticatedContent& v);

// Section 6.2
struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  Bytes membership_tag;  // members only
  [[nodiscard]] AuthenticatedContent authenticated() const { return {WireFormat::public_message, content, auth}; }
};
void encode(Writer& w, const PublicMessage& v);
void decode(Reader& r, PublicMessage& v);

// Section 6.3
struct PrivateMessage {
  Bytes group_id;
  std::uint64_t epoch = 0;
  ContentType content_type = ContentType::application;
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
};
void encode(Writer& w, const PrivateMessage& v);
void decode(Reader& r, PrivateMessage& v);

// MLSMessage (section 6): everything that travels alone. Alternatives in the order of WireFormat.
using MlsMessage = std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage>;
void encode(Writer& w, const MlsMessage& v);
void decode(Reader& r, MlsMessage& v);
[[nodiscard]] inline WireFormat wire_format(const MlsMessage& m) { return static_cast<WireFormat>(m.index() + 1); }

// Exactly one message of kind T, or wrong_message.
template <class T>
[[nodiscard]] Result<T> decoded_message(ByteView in) {
  auto m = decoded<MlsMessage>(in);
  if (!m) return std::unexpected(std::move(m).error());
  if (auto* v = std::get_if<T>(&*m)) return std::move(*v);
  return fail(Errc::wrong_message, "the message is of another kind");
}
template <class T>
[[nodiscard]] Bytes encoded_message(T v) {
  return encoded(MlsMessage(std::move(v)));
}

}  // namespace kith::mls
