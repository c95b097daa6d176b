#include "client/core/coming_in.h"

#include <algorithm>
#include <limits>

#include "client/core/machine.h"
#include "client/core/seen_lists.h"
#include "keys/link.h"

namespace kith::client {

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= keys::LinkOffer::kMaxDeviceNameBytes &&
         std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void ComingIn::certify(const Into& account, const DeviceId& device, const crypto::SignatureKeyPair& leaf) {
  const auto generation =
      keys::AccountGeneration::from(account.certificate.generation, account.generation_secret).value();
  AccountRecord record = machine_.account.record();
  record.user = account.user;
  record.device = device;
  record.name = account.name;
  record.leaf_key = leaf.private_key;
  record.generation = account.certificate.generation;
  record.generation_secret = account.generation_secret;
  record.recovery_box = account.recovery_box;
  record.credential = keys::DeviceCredential::make(account.user, device, account.identity_key, account.certificate,
                                                   generation, crypto::Suite::product().id(), leaf.public_key)
                          .encode();
  machine_.account.change(std::move(record));
}

keys::Result<keys::GenerationCertificate> shown_generation(const Json& answer, const UserId& user,
                                                           ByteView identity_key) {
  const auto bytes = bytes_field(answer, "generation");
  if (!bytes) return fail(keys::Errc::malformed, "the server's answer cannot be read");
  KITH_TRY(auto certificate, keys::GenerationCertificate::decode(*bytes));
  if (certificate.user != user) return fail(keys::Errc::wrong_user, "the account's keys are another account's");
  KITH_TRY_VOID(certificate.verify(identity_key));
  return certificate;
}

// The account's list as the server has it. One that has this device on it already is a list of this device's own: what
// the server does not take stays without a successor, so that it cannot climb by our signatures.
keys::Result<keys::DeviceList> ComingIn::present_list(const ComingRecord& coming, const Json& answer) const {
  const AccountRecord& own = machine_.account.record();
  const auto present = bytes_field(answer, "device_list");
  if (!present) return fail(keys::Errc::malformed, "the server's answer cannot be read");
  KITH_TRY(auto list, keys::DeviceList::decode(*present));
  KITH_TRY(const auto credential, keys::DeviceCredential::decode(own.credential));
  keys::GenerationCertificate generation = credential.generation;
  if (coming.removes_others) {
    KITH_TRY(generation, shown_generation(answer, own.user, credential.identity_key));
  }
  const bool is_behind =
      !coming.removes_others || (own.generation > generation.generation && credential.generation.follows(generation));
  if (!is_behind || (list.user == own.user && list.generation > generation.generation))
    return fail(keys::Errc::wrong_generation, "another device has changed the account's keys meanwhile");
  KITH_TRY_VOID(list.verify(generation));
  if (list.user != own.user) return fail(keys::Errc::wrong_user, "the device list is another account's");
  const bool is_old = list.version < coming.list_floor || (coming.by && list.find(*coming.by) == nullptr);
  if (is_old || list.find(own.device) != nullptr || list.version == std::numeric_limits<std::uint64_t>::max())
    return fail(keys::Errc::bad_device_list, "the server shows an old device list");
  if (coming.lists_signed >= kMostLists) return fail(keys::Errc::too_many, "the device list changes all the time");
  if (coming.removes_others) list.devices.clear();
  if (list.devices.size() >= keys::DeviceList::kMaxDevices)
    return fail(keys::Errc::too_many, "the account has as many devices as it may");
  return list;
}

keys::Result<void> ComingIn::prepare(ComingRecord& coming, const Json& answer, Json body) {
  KITH_TRY(auto list, present_list(coming, answer));
  AccountRecord own = machine_.account.record();
  ++list.version;
  list.devices.push_back({own.device, machine_.account.leaf_key().public_key});
  list.sign(keys::AccountGeneration::from(own.generation, own.generation_secret).value());
  coming.list_floor = list.version;
  ++coming.lists_signed;
  body["device"] = {{"device", own.device.text()},
                    {"name", coming.device_name},
                    {"credential", to_base64url(own.credential)},
                    {"leaf_key", to_base64url(machine_.account.leaf_key().public_key)}};
  body["device_list"] = to_base64url(list.encode());
  if (coming.removes_others) KITH_TRY_VOID(begin_generation(body));
  own.device_list = age_of(list);
  own.listed = list.devices;
  machine_.account.change(std::move(own));
  machine_.key_packages.make_pool(body);
  coming.request = to_secret(as_view(dump(body)));
  return {};
}

keys::Result<void> ComingIn::begin_generation(Json& body) const {
  const AccountRecord& own = machine_.account.record();
  const keys::HandedGeneration handed{.certificate = machine_.account.credential().generation,
                                      .secret = own.generation_secret,
                                      .archive = machine_.archive.end_for(own.generation)};
  KITH_TRY(const Bytes sealed, handed.seal(own.recovery_box, {.user = own.user}, machine_.entropy));
  body["generation"] = to_base64url(handed.certificate.encode());
  body["handed"] = Json::array();
  body["sealed_generation"] = to_base64url(sealed);
  return {};
}

bool ComingIn::let_in(const HttpAnswer& answer) {
  const bool is_this = id_field<UserId>(answer.body, "user") == machine_.account.user() &&
                       id_field<DeviceId>(answer.body, "device") == machine_.account.device();
  if (!answer.ok() || !is_this || !machine_.session.accept(answer.body)) return false;
  AccountRecord record = machine_.account.record();
  record.stage = Stage::ready;
  record.registration.clear();
  record.proof.clear();
  record.promised_user = {};
  machine_.account.change(std::move(record));
  machine_.connection.wanted();
  return true;
}

void ComingIn::withdraw(ComingRecord& coming) {
  machine_.key_packages.forget_all();
  coming.request.clear();
}

}  // namespace kith::client
