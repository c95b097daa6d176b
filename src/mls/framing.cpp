#include "mls/framing.h"

#include "mls/labels.h"

namespace kith::mls {

void encode(Writer& w, const Sender& v) {
  w.u8(static_cast<std::uint8_t>(v.type));
  if (v.type == SenderType::member || v.type == SenderType::external) w.u32(v.index);
}
void decode(Reader& r, Sender& v) {
  v.type = static_cast<SenderType>(r.u8());
  v.index = 0;
  switch (v.type) {
    case SenderType::member:
    case SenderType::external:
      v.index = r.u32();
      break;
    case SenderType::new_member_proposal:
    case SenderType::new_member_commit:
      break;
    default:
      r.refuse(Errc::bad_value, "a sender of an unknown type");
  }
}

void encode_content(Writer& w, const Content& v) {
  if (const auto* application = std::get_if<ApplicationData>(&v)) {
    w.opaque(application->data);
  } else if (const auto* proposal = std::get_if<Proposal>(&v)) {
    encode(w, *proposal);
  } else {
    encode(w, std::get<Commit>(v));
  }
}
void decode_content(Reader& r, Content& v, ContentType type) {
  switch (type) {
    case ContentType::application:
      return decode(r, v.emplace<ApplicationData>().data);
    case ContentType::proposal:
      return decode(r, v.emplace<Proposal>());
    case ContentType::commit:
      return decode(r, v.emplace<Commit>());
    default:
      r.refuse(Errc::bad_value, "content of an unknown type");
  }
}

void encode(Writer& w, const FramedContent& v) {
  w.opaque(v.group_id);
  w.u64(v.epoch);
  encode(w, v.sender);
  w.opaque(v.authenticated_data);
  w.u8(static_cast<std::uint8_t>(v.type()));
  encode_content(w, v.content);
}
void decode(Reader& r, FramedContent& v) {
  decode(r, v.group_id);
  v.epoch = r.u64();
  decode(r, v.sender);
  decode(r, v.authenticated_data);
  const auto type = static_cast<ContentType>(r.u8());
  decode_content(r, v.content, type);
}

void encode_auth(Writer& w, const FramedContentAuthData& v, ContentType type) {
  w.opaque(v.signature);
  if (type == ContentType::commit) w.opaque(v.confirmation_tag);
}
void decode_auth(Reader& r, FramedContentAuthData& v, ContentType type) {
  decode(r, v.signature);
  v.confirmation_tag.clear();
  if (type == ContentType::commit) decode(r, v.confirmation_tag);
}

void encode(Writer& w, const AuthenticatedContent& v) {
  w.u16(static_cast<std::uint16_t>(v.wire_format));
  encode(w, v.content);
  encode_auth(w, v.auth, v.content.type());
}
void decode(Reader& r, AuthenticatedContent& v) {
  v.wire_format = static_cast<WireFormat>(r.u16());
  if (v.wire_format != WireFormat::public_message && v.wire_format != WireFormat::private_message) {
    r.refuse(Errc::bad_value, "content in an envelope that holds none");
  }
  decode(r, v.content);
  decode_auth(r, v.auth, v.content.type());
}

Bytes framed_content_tbs(WireFormat format, const FramedContent& content, const GroupContext& context) {
  Writer w;
  w.u16(kVersion);
  w.u16(static_cast<std::uint16_t>(format));
  encode(w, content);
  if (content.sender.type == SenderType::member || content.sender.type == SenderType::new_member_commit)
    encode(w, context);
  return w.bytes();
}

void sign(const crypto::Suite& suite, AuthenticatedContent& v, const GroupContext& context,
          const crypto::SignatureKeyPair& key) {
  v.auth.signature =
      sign_with_label(suite, key, "FramedContentTBS", framed_content_tbs(v.wire_format, v.content, context));
}

Result<void> verify_signature(const crypto::Suite& suite, const AuthenticatedContent& v, const GroupContext& context,
                              ByteView signature_key) {
  return verify_with_label(suite, signature_key, "FramedContentTBS",
                           framed_content_tbs(v.wire_format, v.content, context), v.auth.signature);
}

Bytes proposal_ref(const crypto::Suite& suite, const AuthenticatedContent& v) {
  return ref_hash(suite, "MLS 1.0 Proposal Reference", encoded(v));
}

void encode(Writer& w, const PublicMessage& v) {
  encode(w, v.content);
  encode_auth(w, v.auth, v.content.type());
  if (v.content.sender.type == SenderType::member) w.opaque(v.membership_tag);
}
void decode(Reader& r, PublicMessage& v) {
  decode(r, v.content);
  decode_auth(r, v.auth, v.content.type());
  v.membership_tag.clear();
  if (v.content.sender.type == SenderType::member) decode(r, v.membership_tag);
}

void encode(Writer& w, const PrivateMessage& v) {
  w.opaque(v.group_id);
  w.u64(v.epoch);
  w.u8(static_cast<std::uint8_t>(v.content_type));
  w.opaque(v.authenticated_data);
  w.opaque(v.encrypted_sender_data);
  w.opaque(v.ciphertext);
}
void decode(Reader& r, PrivateMessage& v) {
  decode(r, v.group_id);
  v.epoch = r.u64();
  v.content_type = static_cast<ContentType>(r.u8());
  if (v.content_type < ContentType::application || v.content_type > ContentType::commit) {
    r.refuse(Errc::bad_value, "content of an unknown type");
  }
  decode(r, v.authenticated_data);
  decode(r, v.encrypted_sender_data);
  decode(r, v.ciphertext);
}

void encode(Writer& w, const MlsMessage& v) {
  w.u16(kVersion);
  w.u16(static_cast<std::uint16_t>(wire_format(v)));
  std::visit([&](const auto& m) { encode(w, m); }, v);
}
void decode(Reader& r, MlsMessage& v) {
  if (r.u16() != kVersion) return r.refuse(Errc::unsupported_version, "a message of another version");
  switch (static_cast<WireFormat>(r.u16())) {
    case WireFormat::public_message:
      return decode(r, v.emplace<PublicMessage>());
    case WireFormat::private_message:
      return decode(r, v.emplace<PrivateMessage>());
    case WireFormat::welcome:
      return decode(r, v.emplace<Welcome>());
    case WireFormat::group_info:
      return decode(r, v.emplace<GroupInfo>());
    case WireFormat::key_package:
      return decode(r, v.emplace<KeyPackage>());
    default:
      r.refuse(Errc::bad_value, "a message of an unknown format");
  }
}

}  // namespace kith::mls
