#include "keys/device.h"

#include <algorithm>

#include "keys/fields.h"

namespace kith::keys {
namespace {

constexpr std::size_t kEarlierBytes = 32 + 64;
constexpr std::size_t kCertificateBytes = 16 + 4 + kEarlierBytes;  // without the generations that it stands on

Bytes tbs(const DeviceStatement& s) {
  mls::Writer w;
  w.opaque(as_view("KithDeviceV1"));
  w.raw(s.user.view());
  w.raw(s.device.view());
  w.u32(s.generation);
  w.u16(s.suite);
  w.opaque(s.leaf_signature_key);
  return w.bytes();
}

void encode_devices(mls::Writer& w, const std::vector<ListedDevice>& devices) {
  mls::Writer body;
  for (const ListedDevice& d : devices) {
    body.raw(d.device.view());
    body.opaque(d.leaf_signature_key);
  }
  w.opaque(body.view());
}

void encode_without_signature(mls::Writer& w, const DeviceList& list) {
  w.raw(list.user.view());
  w.u64(list.version);
  w.u32(list.generation);
  encode_devices(w, list.devices);
}

Bytes tbs(const DeviceList& list) {
  mls::Writer w;
  w.opaque(as_view("KithDeviceListV1"));
  encode_without_signature(w, list);
  return w.bytes();
}

}  // namespace

SignatureBytes certify(const DeviceStatement& statement, const AccountGeneration& generation) {
  return to_array<64>(crypto::Suite::product().sign(generation.device_signing_key(), tbs(statement)));
}

Result<void> verify(const DeviceStatement& statement, ByteView device_signing_key, const SignatureBytes& signature) {
  if (!crypto::Suite::product().verify(device_signing_key, tbs(statement), signature)) {
    return fail(Errc::bad_device_certificate, "a device certificate that its generation did not sign");
  }
  return {};
}

DeviceCredential DeviceCredential::make(const UserId& user, const DeviceId& device, ByteView identity_key,
                                        const GenerationCertificate& certificate, const AccountGeneration& generation,
                                        std::uint16_t suite, ByteView leaf_signature_key) {
  return {user, device, to_array<32>(identity_key), certificate,
          certify({user, device, generation.number(), suite, to_bytes(leaf_signature_key)}, generation)};
}

Result<VerifiedDevice> DeviceCredential::verify(ByteView leaf_signature_key, std::uint16_t suite) const {
  if (generation.user != user) return fail(Errc::wrong_user, "a device with another user's generation");
  KITH_TRY_VOID(generation.verify(identity_key));
  KITH_TRY_VOID(keys::verify({user, device, generation.generation, suite, to_bytes(leaf_signature_key)},
                             generation.device_signing_key, device_signature));
  return VerifiedDevice{user, device, generation, identity_key};
}

Bytes DeviceCredential::encode() const {
  mls::Writer w;
  w.u8(kVersion);
  w.raw(user.view());
  w.raw(device.view());
  w.raw(identity_key);
  const Bytes certificate = generation.encode();
  w.raw(ByteView(certificate).first(kCertificateBytes));
  w.raw(device_signature);
  w.raw(ByteView(certificate).subspan(kCertificateBytes));
  return w.bytes();
}

Result<DeviceCredential> DeviceCredential::decode(ByteView in) {
  mls::Reader r(in);
  DeviceCredential c;
  const bool known = r.u8() == kVersion;
  c.user = read_id<UserId>(r);
  c.device = read_id<DeviceId>(r);
  read_array(r, c.identity_key);
  Bytes certificate = to_bytes(r.raw(kCertificateBytes));
  read_array(r, c.device_signature);
  while (r.ok() && !r.at_end()) {
    const ByteView earlier = r.raw(kEarlierBytes);
    certificate.insert(certificate.end(), earlier.begin(), earlier.end());
  }
  KITH_TRY_VOID(finish(r, "a device credential"));
  if (!known) return fail(Errc::malformed, "a device credential of an unknown version");
  KITH_TRY(c.generation, GenerationCertificate::decode(certificate));
  return c;
}

Result<VerifiedDevice> verify_credential(ByteView credential_identity, ByteView leaf_signature_key,
                                         std::uint16_t suite) {
  KITH_TRY(const auto credential, DeviceCredential::decode(credential_identity));
  return credential.verify(leaf_signature_key, suite);
}

void DeviceList::sign(const AccountGeneration& by) {
  generation = by.number();
  std::ranges::sort(devices, {}, &ListedDevice::device);
  signature = to_array<64>(crypto::Suite::product().sign(by.device_signing_key(), tbs(*this)));
}

Result<void> DeviceList::verify(const GenerationCertificate& certificate) const {
  if (certificate.user != user) return fail(Errc::wrong_user, "a device list with another user's generation");
  if (certificate.generation != generation) return fail(Errc::wrong_generation, "a device list of another generation");
  if (devices.size() > kMaxDevices) return fail(Errc::bad_device_list, "a device list that is too long");
  const auto out_of_order = [](const ListedDevice& a, const ListedDevice& b) { return a.device >= b.device; };
  if (std::ranges::adjacent_find(devices, out_of_order) != devices.end()) {
    return fail(Errc::bad_device_list, "a device list out of order");
  }
  if (!crypto::Suite::product().verify(certificate.device_signing_key, tbs(*this), signature)) {
    return fail(Errc::bad_device_list, "a device list that its generation did not sign");
  }
  return {};
}

const ListedDevice* DeviceList::find(const DeviceId& device) const {
  const auto it = std::ranges::find(devices, device, &ListedDevice::device);
  return it == devices.end() ? nullptr : &*it;
}

Bytes DeviceList::encode() const {
  mls::Writer w;
  encode_without_signature(w, *this);
  w.raw(signature);
  return w.bytes();
}

Result<DeviceList> DeviceList::decode(ByteView in) {
  mls::Reader r(in);
  DeviceList list;
  list.user = read_id<UserId>(r);
  list.version = r.u64();
  list.generation = r.u32();
  for (mls::Reader body(r.opaque()); !body.at_end();) {
    if (list.devices.size() == kMaxDevices) return fail(Errc::malformed, "a device list that is too long");
    ListedDevice& d = list.devices.emplace_back();
    d.device = read_id<DeviceId>(body);
    d.leaf_signature_key = to_bytes(body.opaque(256));
    r.absorb(body);
  }
  read_array(r, list.signature);
  KITH_TRY_VOID(finish(r, "a device list"));
  return list;
}

}  // namespace kith::keys
