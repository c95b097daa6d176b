#include "server/domain/key_package.h"

#include <algorithm>

#include "keys/device.h"
#include "mls/key_package.h"
#include "mls/profile.h"

namespace kith::server::domain {
namespace {

std::unexpected<Error> invalid(std::string why) { return fail(Errc::key_package_invalid, std::move(why)); }

// The device's, under its identity; the generation that it is of. That this very key is the device's the account's list
// says.
Result<keys::GenerationCertificate> check_credential(const mls::LeafNode& leaf, const DeviceRecord& device) {
  const auto known = keys::DeviceCredential::decode(device.credential);
  if (!known) return fail(Errc::internal, "a credential that cannot be read");
  if (leaf.credential.type != mls::credential_type::kBasic) return invalid("another credential");
  const auto shown =
      keys::verify_credential(leaf.credential.identity, leaf.signature_key, crypto::Suite::product().id());
  if (!shown || shown->user != known->user || shown->device != known->device ||
      shown->identity_key != known->identity_key)
    return invalid("another credential");
  return shown->generation;
}

Result<void> add_one(Transaction& t, const DeviceId& device, CheckedKeyPackage package, bool last_resort) {
  RowKey seen{RowKind::key_package_seen, package.ref};
  if (std::ranges::any_of(t.expects, [&](const Expect& e) { return e.key == seen; })) {
    return fail(Errc::key_package_known, "the same key package twice");
  }
  t.expects.push_back({seen, 0});
  t.writes.push_back({std::move(seen), Bytes{}});
  RowKey row =
      last_resort ? RowKey{RowKind::last_resort, to_bytes(device.view())} : key_package_row(device, package.ref);
  t.writes.push_back({std::move(row), encode(package.record)});
  return {};
}

}  // namespace

RowKey key_package_row(const DeviceId& device, ByteView ref) {
  RowKey key{RowKind::key_package, to_bytes(device.view())};
  append(key.id, ref);
  return key;
}

Result<CheckedKeyPackage> check_key_package(ByteView message, const DeviceRecord& device, bool last_resort,
                                            UnixMillis now) {
  if (message.size() > kMaxKeyPackageBytes) return invalid("too large");
  const auto suite = crypto::Suite::product();
  const auto now_s = static_cast<std::uint64_t>(now.value / 1000);
  const auto verified = mls::VerifiedKeyPackage::verify_message(message, suite, now_s);
  if (!verified) return invalid(mls::name(verified.error().code));
  const auto& package = verified->get();
  if (const auto fits = mls::check_supports(package.leaf, {mls::profile::required_capabilities()}); !fits)
    return invalid(mls::name(fits.error().code));
  if (package.leaf.signature_key != device.leaf_key) return invalid("another device's leaf key");
  KITH_TRY(auto generation, check_credential(package.leaf, device));
  if (package.leaf.lifetime.not_after_s > now_s + kMaxKeyPackageLifeS) return invalid("a lifetime that is too long");
  if (mls::is_last_resort(package) != last_resort) {
    return invalid(last_resort ? "not marked as a last resort" : "marked as a last resort");
  }
  return CheckedKeyPackage{mls::key_package_ref(suite, package),
                           {package.leaf.lifetime.not_after_s, to_bytes(message), {}},
                           std::move(generation)};
}

Result<void> add_key_packages(Transaction& transaction, const DeviceId& device, const DeviceRecord& record,
                              ByteView generation, const UploadedKeyPackages& uploaded, UnixMillis now) {
  if (uploaded.pool.size() > kMaxKeyPackagesAtOnce)
    return fail(Errc::invalid_argument, "key_packages: too many at once");
  const auto present = keys::GenerationCertificate::decode(generation);
  if (!present) return fail(Errc::internal, "a generation that cannot be read");
  const auto add = [&](const Bytes& message, bool last_resort) -> Result<void> {
    KITH_TRY(auto checked, check_key_package(message, record, last_resort, now));
    if (!present->follows(checked.generation)) return invalid("of a generation that is not its account's");
    checked.record.history = uploaded.history;
    return add_one(transaction, device, std::move(checked), last_resort);
  };
  for (const Bytes& message : uploaded.pool) KITH_TRY_VOID(add(message, false));
  if (uploaded.last_resort != nullptr) KITH_TRY_VOID(add(*uploaded.last_resort, true));
  return {};
}

}  // namespace kith::server::domain
