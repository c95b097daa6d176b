#include "client/core/claimed_packages.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "client/core/machine.h"

namespace kith::client {

namespace {

constexpr std::int64_t kOldListMs = 60'000;  // before a list that may have gone back is looked at again

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

std::expected<keys::FollowedList, std::string> own_list(Machine& machine, const Json& directory) {
  Account& account = machine.account;
  auto followed = verified_list(account.user(), account.credential().identity_key, directory);
  if (followed && !account.saw_device_list(*followed)) return wrong("it is an old one");
  return followed;
}

std::optional<keys::FollowedList> own_list_in(const Account& account, const wire::Body& body) {
  const auto* changes = std::get_if<wire::Changes>(&body);
  const auto own = keys::DeviceCredential::decode(account.record().credential);
  auto grounds = changes != nullptr ? keys::Grounds::decode(changes->grounds)
                                    : keys::Result<keys::Grounds>(fail(keys::Errc::malformed));
  if (!grounds || !own) return std::nullopt;
  for (keys::FollowedList& followed : grounds->lists) {
    const keys::ListedDevice* listed = followed.list.find(account.device());
    if (followed.list.user == account.user() && listed != nullptr &&
        same_bytes(listed->leaf_signature_key, account.leaf_key().public_key) && followed.verify(own->identity_key))
      return std::move(followed);
  }
  return std::nullopt;
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

// What does not hold, and would have the server lie.
struct Doubt {
  const char* code;
  std::string warning, message;
  bool is_old = false;
};

Doubt forged(const std::string& why) {
  return {.code = "forged_certificate",
          .warning = "The server's keys for a contact do not hold: " + why + ".",
          .message = "The keys that the server gave do not belong to this person."};
}

std::expected<std::vector<ClaimedPackage>, Doubt> checked(Machine& machine, const UserId& user, ByteView identity,
                                                          const Json& directory, const Json& claimed) {
  const auto list = verified_list(user, identity, directory);
  if (!list) return std::unexpected(forged(list.error()));
  if (!machine.contacts.saw_device_list(*list)) {
    return std::unexpected(Doubt{.code = "device_list_refused",
                                 .warning = "The server shows an old list of a contact's devices.",
                                 .message = "The server shows an old list of this person's devices.",
                                 .is_old = true});
  }
  const auto now_s = static_cast<std::uint64_t>(machine.now().value / 1000);
  auto packages = verified_claim(user, identity, list->list, claimed, now_s);
  if (!packages) return std::unexpected(forged(packages.error()));
  return *std::move(packages);
}

std::string path_of(const UserId& user) { return "/v1/users/" + user.text(); }

class Claim : public std::enable_shared_from_this<Claim> {
 public:
  Claim(Machine& machine, const UserId& user, ClaimHandler handler)
      : machine_(machine), user_(user), path_(path_of(user)), handler_(std::move(handler)) {}

  void begin() {
    machine_.contacts.with_contact(
        user_, [self = shared_from_this()](const ContactRecord* contact, const HttpAnswer& why_not) {
          contact != nullptr ? self->ask() : self->handler_(failure(why_not));
        });
  }

 private:
  void ask() {
    machine_.session.call("GET", path_ + "/devices", {}, [self = shared_from_this()](const HttpAnswer& directory) {
      directory.ok() ? self->claim(directory.body) : self->handler_(failure(directory));
    });
  }

  void claim(const Json& directory) {
    machine_.session.call("POST", path_ + "/key_packages/claim", Json::object(),
                          [self = shared_from_this(), directory](const HttpAnswer& claimed) {
                            claimed.ok() ? self->take(directory, claimed.body) : self->handler_(failure(claimed));
                          });
  }

  void take(const Json& directory, const Json& claimed) {
    const ContactRecord* contact = machine_.contacts.find(user_);
    if (contact == nullptr || contact->identity_changed())
      return handler_(failure("identity_changed", "This person's identity is another one than before."));
    const auto packages = checked(machine_, user_, contact->identity_key, directory, claimed);
    if (packages && packages->empty())
      return handler_(failure("no_device", "This person has no device that could read this."));
    if (packages) return handler_(*packages);
    if (!std::exchange(is_again_, true)) return ask();
    const Doubt& doubt = packages.error();
    if (!doubt.is_old || machine_.contacts.is_first_old_list(user_)) machine_.warn(doubt.code, doubt.warning);
    auto why = failure("forged_certificate", doubt.message);
    // Its user's devices put the newest to a server that was restored from a backup; or it ends to lie.
    why.error().is_transient = doubt.is_old;
    why.error().retry_after_ms = kOldListMs;
    handler_(why);
  }

  Machine& machine_;
  UserId user_;
  std::string path_;
  ClaimHandler handler_;
  bool is_again_ = false;
};

}  // namespace

void claim_own_packages(Machine& machine, const std::function<void(std::optional<OwnPackages>)>& handler) {
  const std::string path = path_of(machine.account.user());
  machine.session.call("GET", path + "/devices", {}, [&machine, path, handler](const HttpAnswer& directory) {
    const auto list = directory.ok() ? own_list(machine, directory.body)
                                     : std::expected<keys::FollowedList, std::string>(std::unexpected(""));
    if (!list || list->list.devices.size() < 2) return handler(std::nullopt);
    machine.session.call("POST", path + "/key_packages/claim", Json::object(),
                         [&machine, list = *list, handler](const HttpAnswer& claimed) {
                           const auto now_s = static_cast<std::uint64_t>(machine.now().value / 1000);
                           auto packages =
                               verified_claim(machine.account.user(), machine.account.credential().identity_key,
                                              list.list, claimed.body, now_s);
                           if (!claimed.ok() || !packages || packages->empty()) return handler(std::nullopt);
                           handler(OwnPackages{list, *std::move(packages)});
                         });
  });
}

void claim_packages(Machine& machine, const UserId& user, const ClaimHandler& handler) {
  std::make_shared<Claim>(machine, user, handler)->begin();
}

}  // namespace kith::client
