#include "client/core/claimed_packages.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {

std::unexpected<std::string> wrong(std::string why) { return std::unexpected(std::move(why)); }

}  // namespace

std::expected<keys::FollowedList, std::string> verified_list(const UserId& user, ByteView pinned_identity,
                                                             const Json& directory) {
  const auto generation_bytes = bytes_field(directory, "generation");
  const auto list_bytes = bytes_field(directory, "device_list");
  if (!generation_bytes || !list_bytes) return wrong("the list of devices cannot be read");
  auto generation = keys::GenerationCertificate::decode(*generation_bytes);
  if (!generation || generation->user != user || !generation->verify(pinned_identity)) {
    return wrong("the generation is not signed by the identity that is known");
  }
  auto list = keys::DeviceList::decode(*list_bytes);
  if (!list || list->user != user || !list->verify(*generation)) return wrong("the list of devices is not signed");
  return keys::FollowedList{*std::move(generation), *std::move(list)};
}

std::expected<std::vector<ClaimedPackage>, std::string> verified_claim(const UserId& user, ByteView pinned_identity,
                                                                       const keys::DeviceList& list,
                                                                       const Json& claimed, std::uint64_t now_s) {
  const crypto::Suite suite = crypto::Suite::product();
  const Json* packages = array_field(claimed, "key_packages");
  if (packages == nullptr || packages->size() > keys::DeviceList::kMaxDevices)
    return wrong("the key packages cannot be read");
  std::vector<ClaimedPackage> result;
  for (const Json& item : *packages) {
    const auto device = id_field<DeviceId>(item, "device");
    const auto bytes = bytes_field(item, "key_package");
    if (!device || !bytes) return wrong("a key package cannot be read");
    auto package = mls::VerifiedKeyPackage::verify_message(*bytes, suite, now_s);
    if (!package) return wrong("a key package does not hold");
    const mls::LeafNode& leaf = package->get().leaf;
    const auto who = keys::verify_credential(leaf.credential.identity, leaf.signature_key, suite.id());
    if (!who || who->user != user || who->device != *device || !same_bytes(who->identity_key, pinned_identity)) {
      return wrong("a key package is of another device");
    }
    const auto* listed = list.find(*device);
    if (listed == nullptr || listed->leaf_signature_key != leaf.signature_key)
      return wrong("a key package is of a device that is not listed");
    if (std::ranges::any_of(result, [&](const ClaimedPackage& c) { return c.device == *device; }))
      return wrong("a device came twice");
    result.push_back({*device, *std::move(package)});
  }
  return result;
}

namespace {

std::unexpected<ClaimFailure> failure(std::string error, std::string message) {
  return std::unexpected(ClaimFailure{.error = std::move(error), .message = std::move(message)});
}

std::unexpected<ClaimFailure> failure(const HttpAnswer& answer) {
  const bool has_none = answer.error() == "no_key_package";
  return std::unexpected(ClaimFailure{.error = has_none ? "no_device" : answer.error(),
                                      .message = answer.message(),
                                      .is_transient = answer.is_transient(),
                                      .retry_after_ms = answer.retry_after_ms()});
}

std::expected<std::vector<ClaimedPackage>, ClaimFailure> checked(Machine& machine, const UserId& user,
                                                                 const Json& directory, const Json& claimed) {
  const ContactRecord* contact = machine.contacts.find(user);
  if (contact == nullptr || contact->identity_changed())
    return failure("identity_changed", "This person's identity is another one than before.");
  const auto now_s = static_cast<std::uint64_t>(machine.now().value / 1000);
  const auto list = verified_list(user, contact->identity_key, directory);
  if (list && !machine.contacts.saw_device_list(*list)) {
    machine.warn("device_list_refused", "The server shows an old list of a contact's devices.");
    return failure("forged_certificate", "The server shows an old list of this person's devices.");
  }
  auto packages =
      list ? verified_claim(user, contact->identity_key, list->list, claimed, now_s) : std::unexpected(list.error());
  if (!packages) {
    machine.warn("forged_certificate", "The server's keys for a contact do not hold: " + packages.error() + ".");
    return failure("forged_certificate", "The keys that the server gave do not belong to this person.");
  }
  if (packages->empty()) return failure("no_device", "This person has no device that could read this.");
  return *std::move(packages);
}

}  // namespace

void claim_packages(Machine& machine, const UserId& user, const ClaimHandler& handler) {
  const std::string path = "/v1/users/" + user.text();
  const auto claim = [&machine, user, handler, path](const HttpAnswer& directory) {
    if (!directory.ok()) return handler(failure(directory));
    machine.session.call("POST", path + "/key_packages/claim", Json::object(),
                         [&machine, user, handler, body = directory.body](const HttpAnswer& claimed) {
                           if (!claimed.ok()) return handler(failure(claimed));
                           handler(checked(machine, user, body, claimed.body));
                         });
  };
  machine.contacts.with_contact(
      user, [&machine, handler, path, claim](const ContactRecord* contact, const HttpAnswer& why_not) {
        if (contact == nullptr) return handler(failure(why_not));
        machine.session.call("GET", path + "/devices", {}, claim);
      });
}

}  // namespace kith::client
