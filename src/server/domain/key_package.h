// Key packages as the server takes them: verified as far as anyone can, so that whoever claims one can add the device.
//
// The attacker is a device that uploads what others cannot use, what belongs to another device, or the same package
// twice.
#pragma once

#include "keys/generation.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/domain/ports/store.h"
#include "server/domain/records.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxKeyPackageBytes = 8 * 1024;
inline constexpr std::size_t kMaxKeyPackagesAtOnce = 100;
inline constexpr std::size_t kMaxKeyPackagesInPool = 200;
inline constexpr std::uint64_t kMaxKeyPackageLifeS = 400ULL * 24 * 3600;

struct CheckedKeyPackage {
  Bytes ref;  // KeyPackageRef, 32 bytes
  KeyPackageRecord record;
  keys::GenerationCertificate generation;  // of its credential
};

// Suite 0x0003, its signatures, what every Kith group requires of a leaf, the device's own leaf key and a credential of
// its own, a lifetime that holds now and not for ever, and the last_resort mark where `last_resort` says so. Errors:
// key_package_invalid.
Result<CheckedKeyPackage> check_key_package(ByteView message, const DeviceRecord& device, bool last_resort,
                                            UnixMillis now);

// Of a device's own making, as it comes, and the history of the store that it comes to.
struct UploadedKeyPackages {
  const std::vector<Bytes>& pool;
  const Bytes* last_resort = nullptr;
  HistoryId history;
};

// What an upload writes: rows of the pool, the last resort, and for each one that it was seen, which is expected never
// to have been. `generation`: the account's present certificate; a package of an earlier one is good, one of a
// generation beside it nobody could use. Errors: invalid_argument (too many), key_package_invalid, key_package_known
// (twice in this upload).
Result<void> add_key_packages(Transaction& transaction, const DeviceId& device, const DeviceRecord& record,
                              ByteView generation, const UploadedKeyPackages& uploaded, UnixMillis now);

RowKey key_package_row(const DeviceId& device, ByteView ref);

}  // namespace kith::server::domain
