// Key packages as the server hands them out for one user, and what makes them that user's: identity key -> generation
// -> signed device list -> device -> leaf. A server can withhold packages; it cannot add a device of its own.
//
// The list and the packages come in two answers, and a device may come or go between them: what does not hold is asked
// for once more, both of it, before the server is said to lie.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/core/http_calls.h"
#include "client/core/json.h"
#include "keys/device.h"
#include "keys/followed_list.h"
#include "mls/key_package.h"
#include "wire/frame.h"

namespace kith::client {

class Account;
class Machine;

struct ClaimedPackage {
  DeviceId device;
  mls::VerifiedKeyPackage package;
};

// From the answer to "GET devices". Otherwise a sentence that says what does not hold; here as below.
[[nodiscard]] std::expected<keys::FollowedList, std::string> verified_list(const UserId& user, ByteView pinned_identity,
                                                                           const Json& directory);
// The same for this device's own account: no list either that is older than one that was seen.
[[nodiscard]] std::expected<keys::FollowedList, std::string> own_list(Machine& machine, const Json& directory);
// From the answer to GetChanges, where it has this account's list and this device by its key is on it.
[[nodiscard]] std::optional<keys::FollowedList> own_list_in(const Account& account, const wire::Body& body);
// From the answer to "claim", for devices of this list. `now_s` in seconds: key packages that are not valid now are
// refused.
[[nodiscard]] std::expected<std::vector<ClaimedPackage>, std::string> verified_claim(const UserId& user,
                                                                                     ByteView pinned_identity,
                                                                                     const keys::DeviceList& list,
                                                                                     const Json& claimed,
                                                                                     std::uint64_t now_s);

// Why there are none, as an ErrorName and a sentence. One that is transient is worth another try later.
struct ClaimFailure {
  std::string error;
  std::string message;
  bool is_transient = false;
  std::int64_t retry_after_ms = 0;
};
using ClaimHandler = std::function<void(const std::expected<std::vector<ClaimedPackage>, ClaimFailure>&)>;
// One package for each device of this user, verified under the identity that the user is known by; at least one. Asks
// the server for the list and for packages, where the user is not known yet who that is, and the first two once more
// where they do not hold together. Errors: those of the server, identity_changed, forged_certificate, no_device.
void claim_packages(Machine& machine, const UserId& user, const ClaimHandler& handler);
// The same for the account's other devices, with the list that has them. Nothing where there are none, or where what
// the server says does not hold: they come by their user's list later.
struct OwnPackages {
  keys::FollowedList list;
  std::vector<ClaimedPackage> packages;
};
void claim_own_packages(Machine& machine, const std::function<void(std::optional<OwnPackages>)>& handler);

}  // namespace kith::client
