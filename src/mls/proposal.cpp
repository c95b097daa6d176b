#include "mls/proposal.h"

namespace kith::mls {

void encode(Writer& w, const PreSharedKeyId& v) {
  w.u8(static_cast<std::uint8_t>(v.type));
  if (v.type == PskType::external) {
    w.opaque(v.psk_id);
  } else {
    w.u8(static_cast<std::uint8_t>(v.usage));
    w.opaque(v.psk_group_id);
    w.u64(v.psk_epoch);
  }
  w.opaque(v.psk_nonce);
}
void decode(Reader& r, PreSharedKeyId& v) {
  v = {};
  v.type = static_cast<PskType>(r.u8());
  switch (v.type) {
    case PskType::external:
      decode(r, v.psk_id);
      break;
    case PskType::resumption:
      v.usage = static_cast<ResumptionUsage>(r.u8());
      if (v.usage < ResumptionUsage::application || v.usage > ResumptionUsage::branch) {
        r.refuse(Errc::bad_value, "a resumption PSK of an unknown usage");
      }
      decode(r, v.psk_group_id);
      v.psk_epoch = r.u64();
      break;
    default:
      r.refuse(Errc::bad_value, "a PSK of an unknown type");
  }
  decode(r, v.psk_nonce);
}

void encode(Writer& w, const Add& v) { encode(w, v.key_package); }
void decode(Reader& r, Add& v) { decode(r, v.key_package); }
void encode(Writer& w, const Update& v) { encode(w, v.leaf_node); }
void decode(Reader& r, Update& v) { decode(r, v.leaf_node); }
void encode(Writer& w, const Remove& v) { w.u32(v.removed.value); }
void decode(Reader& r, Remove& v) { v.removed = {r.u32()}; }
void encode(Writer& w, const PreSharedKey& v) { encode(w, v.psk); }
void decode(Reader& r, PreSharedKey& v) { decode(r, v.psk); }

void encode(Writer& w, const ReInit& v) {
  w.opaque(v.group_id);
  w.u16(v.version);
  w.u16(v.suite);
  encode(w, v.extensions);
}
void decode(Reader& r, ReInit& v) {
  decode(r, v.group_id);
  v.version = r.u16();
  v.suite = r.u16();
  decode(r, v.extensions);
}

void encode(Writer& w, const ExternalInit& v) { w.opaque(v.kem_output); }
void decode(Reader& r, ExternalInit& v) { decode(r, v.kem_output); }
void encode(Writer& w, const GroupContextExtensions& v) { encode(w, v.extensions); }
void decode(Reader& r, GroupContextExtensions& v) { decode(r, v.extensions); }

void encode(Writer& w, const Proposal& v) {
  w.u16(type_of(v));
  std::visit([&](const auto& p) { encode(w, p); }, v);
}
void decode(Reader& r, Proposal& v) {
  switch (r.u16()) {
    case proposal_type::kAdd:
      return decode(r, v.emplace<Add>());
    case proposal_type::kUpdate:
      return decode(r, v.emplace<Update>());
    case proposal_type::kRemove:
      return decode(r, v.emplace<Remove>());
    case proposal_type::kPsk:
      return decode(r, v.emplace<PreSharedKey>());
    case proposal_type::kReInit:
      return decode(r, v.emplace<ReInit>());
    case proposal_type::kExternalInit:
      return decode(r, v.emplace<ExternalInit>());
    case proposal_type::kGroupContextExtensions:
      return decode(r, v.emplace<GroupContextExtensions>());
    default:
      r.refuse(Errc::bad_value, "a proposal of an unknown type");
  }
}

void encode(Writer& w, const ProposalOrRef& v) {
  w.u8(static_cast<std::uint8_t>(v.index() + 1));
  if (const auto* p = std::get_if<Proposal>(&v)) {
    encode(w, *p);
  } else {
    w.opaque(std::get<ProposalRef>(v));
  }
}
void decode(Reader& r, ProposalOrRef& v) {
  switch (r.u8()) {
    case 1:
      return decode(r, v.emplace<Proposal>());
    case 2:
      return decode(r, v.emplace<ProposalRef>());
    default:
      r.refuse(Errc::bad_value, "neither a proposal nor a reference to one");
  }
}

void encode(Writer& w, const EncryptedPathSecret& v) {
  w.opaque(v.kem_output);
  w.opaque(v.ciphertext);
}
void decode(Reader& r, EncryptedPathSecret& v) {
  decode(r, v.kem_output);
  decode(r, v.ciphertext);
}

void encode(Writer& w, const UpdatePathNode& v) {
  w.opaque(v.encryption_key);
  encode(w, v.encrypted_path_secrets);
}
void decode(Reader& r, UpdatePathNode& v) {
  decode(r, v.encryption_key);
  decode(r, v.encrypted_path_secrets);
}

void encode(Writer& w, const UpdatePath& v) {
  encode(w, v.leaf_node);
  encode(w, v.nodes);
}
void decode(Reader& r, UpdatePath& v) {
  decode(r, v.leaf_node);
  decode(r, v.nodes);
}

void encode(Writer& w, const Commit& v) {
  encode(w, v.proposals);
  encode(w, v.path);
}
void decode(Reader& r, Commit& v) {
  decode(r, v.proposals);
  decode(r, v.path);
}

}  // namespace kith::mls
