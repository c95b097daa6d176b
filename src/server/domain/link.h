// Links: a new device offers itself, a device of an account claims the offer, seals what the new one needs, and the new
// one comes into the account. Decided on the record of a link; the service loads it, asks here, and stores what has
// changed against the version that it loaded.
//
// Whoever knows a link's name may claim it, and only the first one; whoever has its token, and nobody else, learns what
// became of it. The names come of a secret between the two devices, so nobody guesses one. What is offered and sealed
// the server can neither read nor change unnoticed. It decides nothing about who is whose: the account's device list,
// signed by the account's generation, does.
#pragma once

#include <optional>

#include "server/domain/account.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

using LinkName = FixedId<struct LinkNameTag, 16>;

inline constexpr std::chrono::minutes kLinkLife{10};
inline constexpr std::chrono::minutes kClockSlack{1};  // one node says when a link ends, another may judge it
inline constexpr std::chrono::hours kComingLife{1};    // in which a device can ask for a lost answer
inline constexpr std::size_t kLinkTokenBytes = 32;
inline constexpr std::size_t kMaxOfferBytes = 512;
inline constexpr std::size_t kMaxSealedBytes = std::size_t{160} * 1024;

// The device that comes over a link.
struct ComingDevice {
  DeviceId device;
  Bytes leaf_key;
  UnixMillis until;  // the link lives on for its sake
  friend bool operator==(const ComingDevice&, const ComingDevice&) = default;
};

// The row `link` of a name.
struct LinkRecord {
  Digest token_hash{};
  AddressHash address;  // of the account that it is for
  Bytes offer;
  UnixMillis expires;
  std::optional<Caller> claimer;
  Bytes sealed;  // by the claimer for the new device; empty until the link is finished
  std::optional<ComingDevice> coming;
  friend bool operator==(const LinkRecord&, const LinkRecord&) = default;
};

// Links share partitions, so that whoever offers one meets old ones to sweep away.
Partition link_partition(const LinkName& name);
RowKey link_row(const LinkName& name);

struct LinkOffer {
  SecretBytes token;
  AddressHash address;
  Bytes offer;
  UnixMillis expires;
};
// Errors: invalid_argument (a size; an end that is past, or further away than kLinkLife, give or take a node's clock).
Result<LinkRecord> new_link(const LinkOffer& offer, const ServerSecrets& secrets, UnixMillis now);

[[nodiscard]] bool is_over(const LinkRecord& link, UnixMillis now);
[[nodiscard]] bool is_asked_by(const LinkRecord& link, const ServerSecrets& secrets, ByteView token);
// Was this link offered by the same request?
[[nodiscard]] bool is_offered_again(const LinkRecord& link, const LinkRecord& offered);

// What follows is done once; doing the same again changes nothing. Each answers whether the record is another one now,
// which is to be stored.

// Binds the link to this device of this account, which is known by `address`. Errors: link_foreign (it is for another
// account), link_used (another device was first).
Result<bool> claim_link(LinkRecord& link, const Caller& caller, const AddressHash& address);
// What the claimer sealed first stands. Errors: invalid_argument (a size), not_found (nobody has claimed it), link_used
// (another device has).
Result<bool> finish_link(LinkRecord& link, const Caller& caller, const Bytes& sealed);
// From now on it is this device with this key that comes over the link. Errors: not_found (it is not finished),
// link_used.
Result<bool> come_over_link(LinkRecord& link, const NewDevice& device, UnixMillis now);

}  // namespace kith::server::domain
