#include "client/core/claimed_packages.h"

#include <algorithm>

namespace kith::client {

namespace {

std::unexpected<std::string> wrong(std::string why) { return std::unexpected(std::move(why)); }

}  // namespace

std::expected<keys::DeviceList, std::string> verified_list(const UserId& user, ByteView pinned_identity,
                                                           const Json& directory) {
  const auto generation_bytes = bytes_field(directory, "generation");
  const auto list_bytes = bytes_field(directory, "device_list");
  if (!generation_bytes || !list_bytes) return wrong("the list of devices cannot be read");
  const auto generation = keys::GenerationCertificate::decode(*generation_bytes);
  if (!generation || generation->user != user || !generation->verify(pinned_identity)) {
    return wrong("the generation is not signed by the identity that is known");
  }
  auto list = keys::DeviceList::decode(*list_bytes);
  if (!list || list->user != user || !list->verify(*generation)) return wrong("the list of devices is not signed");
  return *std::move(list);
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

}  // namespace kith::client
