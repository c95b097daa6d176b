// The rows of an account that several parts of AccountService read and write.
#pragma once

#include "base/entropy.h"
#include "server/domain/account.h"
#include "server/service/rows.h"

namespace kith::server::service {

inline domain::RowKey account_row() { return {domain::RowKind::account, {}}; }
inline domain::RowKey device_list_row() { return {domain::RowKind::device_list, {}}; }
inline domain::RowKey sealed_generation_row() { return {domain::RowKind::sealed_generation, {}}; }
inline domain::RowKey sealed_root_row() { return {domain::RowKind::sealed_root, {}}; }
inline domain::RowKey device_row(const DeviceId& device) { return {domain::RowKind::device, to_bytes(device.view())}; }
inline domain::RowKey refresh_row(const DeviceId& device) {
  return {domain::RowKind::refresh, to_bytes(device.view())};
}

inline SecretBytes new_refresh_token(Entropy& entropy) {
  SecretBytes token(domain::kRefreshTokenBytes);
  entropy.fill(token);
  return token;
}

// Adds to the transaction that the device is here now. False where that was known, to the hour.
inline bool write_seen(domain::Transaction& t, const DeviceId& id, const Loaded<domain::DeviceRecord>& device,
                       UnixMillis now) {
  domain::DeviceRecord record = device.value;
  if (now < record.last_seen + std::chrono::hours(1)) return false;
  record.last_seen = domain::to_the_hour(now);
  t.expects.push_back({device_row(id), device.version});
  t.writes.push_back({device_row(id), domain::encode(record)});
  return true;
}

}  // namespace kith::server::service
