// GroupContext, GroupInfo and Welcome as they are written down (RFC 9420 sections 8.1, 12.4.3 and 12.4.3.1).
#pragma once

#include "mls/proposal.h"

namespace kith::mls {

// What all members agree on (section 8.1); every key of an epoch is derived from it.
struct GroupContext {
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  Bytes group_id;
  std::uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;
  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};
void encode(Writer& w, const GroupContext& v);
void decode(Reader& r, GroupContext& v);

// Section 12.4.3. As decoded: unverified.
struct GroupInfo {
  GroupContext group_context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;
  friend bool operator==(const GroupInfo&, const GroupInfo&) = default;
};
void encode(Writer& w, const GroupInfo& v);
void decode(Reader& r, GroupInfo& v);

[[nodiscard]] Bytes group_info_tbs(const GroupInfo& v);
void sign(const crypto::Suite& suite, GroupInfo& v, const crypto::SignatureKeyPair& key);
[[nodiscard]] Result<void> verify_signature(const crypto::Suite& suite, const GroupInfo& v, ByteView signer_key);

struct EncryptedGroupSecrets {
  Bytes new_member;  // KeyPackageRef
  EncryptedPathSecret encrypted_group_secrets;
};
void encode(Writer& w, const EncryptedGroupSecrets& v);
void decode(Reader& r, EncryptedGroupSecrets& v);

struct Welcome {
  std::uint16_t suite = 0;
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
};
void encode(Writer& w, const Welcome& v);
void decode(Reader& r, Welcome& v);

}  // namespace kith::mls
