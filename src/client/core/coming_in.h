// The last steps of a new device's way into an account that exists, whether it was handed over (new_device.h) or opened
// with the recovery key (recovery.h): the device certifies itself with the account's generation, signs the account's
// next device list, and takes the tokens that it is let in with.
//
// What the server says is believed as far as whoever handed the account over vouches for it: no device list is signed
// that is older than what was seen then, nor one beside the first of this device's own making.
#pragma once

#include "client/core/http_calls.h"
#include "client/core/record.h"
#include "keys/device.h"

namespace kith::client {

class ComingIn {
 public:
  static constexpr std::uint32_t kMostLists = 8;  // signed for one way in, where others are faster

  explicit ComingIn(Machine& machine) : machine_(machine) {}

  struct Into {
    UserId user;
    std::string name;
    keys::PublicKey identity_key{};
    keys::GenerationCertificate certificate;
    SecretBytes generation_secret;
    Bytes recovery_box;
  };
  // This device is the account's from now on, by its own word: the account's record says so.
  void certify(const Into& account, const DeviceId& device, const crypto::SignatureKeyPair& leaf);
  // Puts this device on the list in the server's answer, {device_list}, or in the place of all that are on it
  // (coming.removes_others), under this device's generation, which follows the present one in the answer,
  // {generation}. `body` says by what right it comes; with the device, the list and key packages it becomes the
  // request, which the caller stores. Errors: malformed, wrong_user, wrong_generation (a newer one began since this
  // device got the account's keys, or made its own), bad_device_list, too_many, and those of certificates.
  [[nodiscard]] keys::Result<void> prepare(ComingRecord& coming, const Json& answer, Json body);
  // True where the answer to the request lets this very device in, which is then ready.
  [[nodiscard]] bool let_in(const HttpAnswer& answer);
  // The request was not taken: its key packages will never be anybody's.
  void withdraw(ComingRecord& coming);

 private:
  [[nodiscard]] keys::Result<keys::DeviceList> present_list(const ComingRecord& coming, const Json& answer) const;
  // What the account's next generation, which is this device's, is begun with.
  [[nodiscard]] keys::Result<void> begin_generation(Json& body) const;

  Machine& machine_;
};

// The account's present generation in a server's answer, {generation}: verified down from the identity key. Errors:
// malformed, wrong_user, and those of certificates.
[[nodiscard]] keys::Result<keys::GenerationCertificate> shown_generation(const Json& answer, const UserId& user,
                                                                         ByteView identity_key);

// 1 to 128 bytes without control characters.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace kith::client
