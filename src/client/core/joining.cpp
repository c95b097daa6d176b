#include "client/core/joining.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::uint64_t kSpreadOfLosersMs = 500;
constexpr int kRacesAlone = 3;
// Somebody is there, as a rule; if not, this device goes on by itself.
constexpr std::int64_t kOthersPatienceMs = 30'000;
}  // namespace

WhyNotIn why_not_in(const wire::Error& error) {
  switch (error.code) {
    case wire::ErrorCode::invite_revoked:
      return {"invite_revoked", "This invite link is not valid any more."};
    case wire::ErrorCode::invite_expired:
      return {"invite_expired", "This invite link has expired."};
    case wire::ErrorCode::invite_used_up:
      return {"invite_used_up", "This invite link has been used as often as it may."};
    case wire::ErrorCode::group_full:
      return {"group_full", "The group has as many members as it may."};
    case wire::ErrorCode::commit_first:
      return {"commit_first", "You have only just left this group. Try again in a moment."};
    case wire::ErrorCode::not_allowed:
      return {"not_allowed", "Somebody in the group has to let you in."};
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      return {error.code == wire::ErrorCode::rate_limited ? "rate_limited" : "overloaded",
              "The server is busy. Try again in a moment.", true};
    default:
      return {"not_found", "This invite link leads to no group here."};
  }
}

keys::JoinProof join_proof(const InviteLink& link, const Machine& machine) {
  keys::JoinProof proof{.group_id = keys::group_id(link.conversation, 0), .user = machine.account.user()};
  if (const auto own = keys::DeviceCredential::decode(machine.account.record().credential))
    proof.identity_key = own->identity_key;
  proof.sign(link.key());
  return proof;
}

void Joining::begin(const InviteLink& link, const Reply& reply) {
  if (reply_) reply_->failed("invalid_argument", "The link was opened once more.");
  reply_ = reply;
  GroupFacts& facts = *chat_.record().group;
  facts.joining = link;
  // What it is called now somebody in it says; until then the link's word, or what it was called before.
  if (facts.profile.name.empty()) facts.profile.name = link.name;
  facts.source = ProfileSource::before;
  chat_.group.drop_pending();
  chat_.become(Membership::lost);
}

bool Joining::is_under_way() const {
  const ChatRecord& record = chat_.record();
  return record.group && record.group->joining && record.membership == Membership::lost;
}

keys::JoinProof Joining::proof() const { return join_proof(*chat_.record().group->joining, chat_.machine()); }

std::string Joining::wrong_with(const mls::PublicGroup& group) const {
  const auto policy = keys::policy_of(group.context().extensions);
  const bool has_link = policy && policy->find_invite(proof().invite) != nullptr;
  return has_link ? "" : "it does not know the link";
}

void Joining::entered(Seq at, std::int64_t time_ms, const ClientId& id) {
  const UserId& self = chat_.machine().account.user();
  chat_.show_line(at, time_ms, id, {.by = self, .changes = {{.kind = ChangeKind::joined, .users = {self}}}});
  is_in();
}

void Joining::is_in() {
  if (!chat_.record().group) return;
  chat_.record().group->joining.reset();
  chat_.changed();
  if (reply_) std::exchange(reply_, {})->done({{"conversation", chat_.id().text()}, {"joined", true}});
}

void Joining::ask_others() {
  const Bytes proof = this->proof().encode();
  chat_.machine().connection.request(wire::RequestJoin{.conversation = chat_.id(), .proof = proof},
                                     [](const wire::Body&) {});
}

std::int64_t Joining::refused(const wire::Error& error) {
  if (error.code != wire::ErrorCode::stale_epoch) {
    refused(why_not_in(error));
    return 0;
  }
  if (++races_lost_ < kRacesAlone) return static_cast<std::int64_t>(chat_.machine().random_below(kSpreadOfLosersMs));
  races_lost_ = 0;
  ask_others();
  return kOthersPatienceMs;
}

void Joining::refused(const WhyNotIn& why) {
  chat_.record().group->joining.reset();
  chat_.group.drop_pending();
  // Nothing in its log says so: should the server tell of that, somebody has let this user in.
  chat_.record().is_out_by_word = true;
  chat_.outbox.fail_all("not_member", "You did not get into this group.");
  chat_.become(Membership::out);
  if (reply_) return std::exchange(reply_, {})->failed(why.error, why.message);
  chat_.machine().warn("not_joined", why.message, &chat_.id());
}

}  // namespace kith::client
