#include "server/domain/link.h"

#include "crypto/crypto.h"

namespace kith::server::domain {
namespace {

Result<void> check_size(std::size_t size, std::size_t most, const char* wrong) {
  if (size == 0 || size > most) return fail(Errc::invalid_argument, wrong);
  return {};
}

}  // namespace

Partition link_partition(const LinkName& name) { return {PartitionKind::links, to_bytes(name.view().first(1))}; }
RowKey link_row(const LinkName& name) { return {RowKind::link, to_bytes(name.view())}; }

Result<LinkRecord> new_link(const LinkOffer& offer, const ServerSecrets& secrets, UnixMillis now) {
  if (offer.token.size() != kLinkTokenBytes) return fail(Errc::invalid_argument, "token: 32 bytes");
  KITH_TRY_VOID(check_size(offer.offer.size(), kMaxOfferBytes, "offer: 1 to 512 bytes"));
  if (offer.expires <= now || now + kLinkLife + kClockSlack < offer.expires)
    return fail(Errc::invalid_argument, "expires_at_ms: within the next ten minutes");
  return LinkRecord{.token_hash = secrets.hash_token(offer.token),
                    .address = offer.address,
                    .offer = offer.offer,
                    .expires = offer.expires,
                    .claimer = {},
                    .sealed = {},
                    .coming = {}};
}

bool is_over(const LinkRecord& link, UnixMillis now) {
  return link.expires <= now && (!link.coming || link.coming->until <= now);
}

bool is_asked_by(const LinkRecord& link, const ServerSecrets& secrets, ByteView token) {
  return crypto::equal(secrets.hash_token(token), link.token_hash);
}

bool is_offered_again(const LinkRecord& link, const LinkRecord& offered) {
  return crypto::equal(link.token_hash, offered.token_hash) && link.offer == offered.offer &&
         link.expires == offered.expires && link.address == offered.address;
}

Result<bool> claim_link(LinkRecord& link, const Caller& caller, const AddressHash& address) {
  if (link.address != address) return fail(Errc::link_foreign, "the link is for another account");
  if (link.claimer) {
    if (link.claimer != caller) return fail(Errc::link_used, "another device has claimed this link");
    return false;
  }
  link.claimer = caller;
  return true;
}

Result<bool> finish_link(LinkRecord& link, const Caller& caller, const Bytes& sealed) {
  KITH_TRY_VOID(check_size(sealed.size(), kMaxSealedBytes, "sealed: 1 to 163840 bytes"));
  if (!link.claimer) return fail(Errc::not_found, "there is no such link");
  if (link.claimer != caller) return fail(Errc::link_used, "another device has claimed this link");
  if (!link.sealed.empty()) return false;
  link.sealed = sealed;
  return true;
}

Result<bool> come_over_link(LinkRecord& link, const NewDevice& device, UnixMillis now) {
  if (link.sealed.empty()) return fail(Errc::not_found, "this link is not finished");
  if (link.coming) {
    if (link.coming->device != device.device || link.coming->leaf_key != device.leaf_key)
      return fail(Errc::link_used, "another device came over this link");
    return false;
  }
  link.coming = ComingDevice{device.device, device.leaf_key, now + kComingLife};
  return true;
}

}  // namespace kith::server::domain
