// What a member knows of its epoch, for tests that play one with bad intentions: read from the group's own records.
#pragma once

#include "base/check.h"
#include "mls/group.h"

namespace kith::test {

// In the order of Group::epoch_record().
enum class MemberSecret : std::uint8_t {
  sender_data,
  exporter,
  external,
  confirmation_key,
  membership_key,
  resumption_psk,
  epoch_authenticator,
  init_secret
};

inline SecretBytes secret_of(const mls::Group& group, MemberSecret which) {
  const SecretBytes record = group.epoch_record();
  mls::Reader r(record);
  r.u8();
  r.opaque();
  r.u32();
  r.opaque();
  for (int i = 0; i < static_cast<int>(which); ++i) r.opaque();
  SecretBytes secret = to_secret(r.opaque());
  KITH_CHECK(r.ok());
  return secret;
}

inline mls::SecretTree ratchets_of(const mls::Group& group) {
  const mls::PublicGroup& shown = group.public_group();
  return mls::SecretTree::restore(group.suite(), shown.tree().size(), shown.confirmation_tag(), group.ratchet_pieces())
      .value();
}

}  // namespace kith::test
