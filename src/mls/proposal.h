// Proposals, update paths and commits (RFC 9420 sections 7.6, 8.4, 12.1 and 12.4) as they are written down.
#pragma once

#include <variant>

#include "mls/key_package.h"

namespace kith::mls {

namespace proposal_type {
inline constexpr std::uint16_t kAdd = 1;
inline constexpr std::uint16_t kUpdate = 2;
inline constexpr std::uint16_t kRemove = 3;
inline constexpr std::uint16_t kPsk = 4;
inline constexpr std::uint16_t kReInit = 5;
inline constexpr std::uint16_t kExternalInit = 6;
inline constexpr std::uint16_t kGroupContextExtensions = 7;
}  // namespace proposal_type

enum class PskType : std::uint8_t { external = 1, resumption = 2 };
enum class ResumptionUsage : std::uint8_t { application = 1, reinit = 2, branch = 3 };

// Section 8.4. Only the fields of its type are in use.
struct PreSharedKeyId {
  PskType type = PskType::external;
  Bytes psk_id = {};                                     // external
  ResumptionUsage usage = ResumptionUsage::application;  // resumption
  Bytes psk_group_id = {};
  std::uint64_t psk_epoch = 0;
  Bytes psk_nonce = {};
  friend bool operator==(const PreSharedKeyId&, const PreSharedKeyId&) = default;
};
void encode(Writer& w, const PreSharedKeyId& v);
void decode(Reader& r, PreSharedKeyId& v);

struct Add {
  KeyPackage key_package;
};
struct Update {
  LeafNode leaf_node;
};
struct Remove {
  LeafIndex removed;
};
struct PreSharedKey {
  PreSharedKeyId psk;
};
struct ReInit {
  Bytes group_id;
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  Extensions extensions;
};
struct ExternalInit {
  Bytes kem_output;
};
struct GroupContextExtensions {
  Extensions extensions;
};

// The alternatives stand in the order of their numbers, from 1.
using Proposal = std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions>;
[[nodiscard]] inline std::uint16_t type_of(const Proposal& p) { return static_cast<std::uint16_t>(p.index() + 1); }

void encode(Writer& w, const Add& v);
void decode(Reader& r, Add& v);
void encode(Writer& w, const Update& v);
void decode(Reader& r, Update& v);
void encode(Writer& w, const Remove& v);
void decode(Reader& r, Remove& v);
void encode(Writer& w, const PreSharedKey& v);
void decode(Reader& r, PreSharedKey& v);
void encode(Writer& w, const ReInit& v);
void decode(Reader& r, ReInit& v);
void encode(Writer& w, const ExternalInit& v);
void decode(Reader& r, ExternalInit& v);
void encode(Writer& w, const GroupContextExtensions& v);
void decode(Reader& r, GroupContextExtensions& v);
void encode(Writer& w, const Proposal& v);
void decode(Reader& r, Proposal& v);

using ProposalRef = Bytes;
using ProposalOrRef = std::variant<Proposal, ProposalRef>;
void encode(Writer& w, const ProposalOrRef& v);
void decode(Reader& r, ProposalOrRef& v);

// HPKECiphertext (section 7.6)
struct EncryptedPathSecret {
  Bytes kem_output;
  Bytes ciphertext;
};
void encode(Writer& w, const EncryptedPathSecret& v);
void decode(Reader& r, EncryptedPathSecret& v);

struct UpdatePathNode {
  Bytes encryption_key;
  std::vector<EncryptedPathSecret> encrypted_path_secrets;
};
void encode(Writer& w, const UpdatePathNode& v);
void decode(Reader& r, UpdatePathNode& v);

struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;
};
void encode(Writer& w, const UpdatePath& v);
void decode(Reader& r, UpdatePath& v);

struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
};
void encode(Writer& w, const Commit& v);
void decode(Reader& r, Commit& v);

}  // namespace kith::mls
