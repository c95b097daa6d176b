#include "keys/group_rules.h"

#include <algorithm>
#include <map>
#include <set>

namespace kith::keys {
namespace {

Result<DeviceCredential> credential_of(const mls::Member& member) {
  if (member.credential.type != mls::credential_type::kBasic) {
    return fail(Errc::not_allowed, "a leaf without a basic credential");
  }
  return DeviceCredential::decode(member.credential.identity);
}

Result<VerifiedDevice> verified(const mls::Member& member, const crypto::Suite& suite) {
  KITH_TRY(const auto credential, credential_of(member));
  return credential.verify(member.signature_key, suite.id());
}

// One identity key a user, one leaf a device.
template <class Devices>
Result<void> check_names(const Devices& devices) {
  std::map<UserId, PublicKey> identities;
  std::set<std::pair<UserId, DeviceId>> seen;
  for (const auto& device : devices) {
    if (identities.try_emplace(device.user, device.identity_key).first->second != device.identity_key) {
      return fail(Errc::not_allowed, "a device of one user hangs on another identity");
    }
    if (!seen.emplace(device.user, device.device).second) return fail(Errc::not_allowed, "one device with two leaves");
  }
  return {};
}

}  // namespace

Result<void> check_proposals(const mls::FramedContent& commit, GroupKind kind) {
  const auto& proposals = std::get<mls::Commit>(commit.content).proposals;
  if (proposals.size() > kMaxProposals) return fail(Errc::too_many, "a commit of too many proposals");
  const bool external = commit.sender.type == mls::SenderType::new_member_commit;
  const auto is_allowed = [&](const mls::ProposalOrRef& item) {
    const auto* proposal = std::get_if<mls::Proposal>(&item);
    if (proposal == nullptr) return false;
    if (std::holds_alternative<mls::Remove>(*proposal)) return true;
    if (external) return std::holds_alternative<mls::ExternalInit>(*proposal);
    return std::holds_alternative<mls::Add>(*proposal) ||
           (kind == GroupKind::group && std::holds_alternative<mls::GroupContextExtensions>(*proposal));
  };
  if (!std::ranges::all_of(proposals, is_allowed)) return fail(Errc::not_allowed, "a proposal that is not used here");
  return {};
}

Result<std::vector<VerifiedDevice>> check_members(const mls::PublicGroup& group) {
  std::vector<VerifiedDevice> devices;
  for (const mls::Member& member : group.members()) {
    KITH_TRY(devices.emplace_back(), verified(member, group.suite()));
  }
  KITH_TRY_VOID(check_names(devices));
  return devices;
}

Result<void> check_change(const mls::PublicGroup& next, const mls::CommitEffects& effects, GroupKind kind) {
  std::vector<DeviceCredential> now;
  for (const mls::Member& member : next.members()) {
    KITH_TRY(now.emplace_back(), credential_of(member));
  }
  const auto committer = next.member(effects.committer);
  if (!committer) return fail(Errc::not_allowed, "a committer that is not there");
  KITH_TRY(const auto by, credential_of(*committer));
  if (effects.committer_before) {
    KITH_TRY(const auto before, credential_of(*effects.committer_before));
    if (before.user != by.user || before.device != by.device || before.identity_key != by.identity_key) {
      return fail(Errc::not_allowed, "a committer that calls itself another");
    }
  }
  for (const mls::Member& member : effects.removed) {
    KITH_TRY(const auto removed, credential_of(member));
    if (effects.external && removed.user != by.user) {
      return fail(Errc::not_allowed, "an external commit that removes somebody else");
    }
    if (kind == GroupKind::direct && std::ranges::find(now, removed.user, &DeviceCredential::user) == now.end()) {
      return fail(Errc::not_allowed, "a direct conversation keeps its two users");
    }
  }
  KITH_TRY_VOID(check_names(now));
  KITH_TRY_VOID(verified(*committer, next.suite()));
  for (const mls::Member& member : effects.added) {
    KITH_TRY_VOID(verified(member, next.suite()));
  }
  return {};
}

}  // namespace kith::keys
