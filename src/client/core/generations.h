// The account's next generation: begun by this device, to revoke another one or because the user wants new keys, or
// handed over by another device that has begun it (keys/generation.h; docs/protocol.md, "Generations").
//
// What begins here is stored before it leaves, and leaves again until the server has answered; its secret counts from
// the answer on. Where another device list came first it is made again on that one; where another generation did, it
// has failed. What is handed over is taken where it holds down from the identity key and follows what this device has.
//
// A server that was restored from a backup may have gone back to keys of before: whoever has the present ones begins
// them there once more, without the devices that had been revoked meanwhile. A device whose storage is an old copy asks
// whether others have begun since.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/core/claimed_packages.h"
#include "client/core/commands.h"
#include "client/core/record.h"
#include "keys/handed_generation.h"
#include "mls/welcome.h"

namespace kith::client {

class Generations {
 public:
  static constexpr std::int64_t kRetryMs = 1'000;
  static constexpr std::int64_t kMaxRetryMs = 60'000;
  // After so long without the mail that hands them over, keys that this device awaits do not come by themselves.
  static constexpr std::int64_t kOutlivedMs = 60'000;

  explicit Generations(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // The command revoke_device.
  void revoke(const Reply& reply, const Json& command);
  // The command rotate_keys.
  void rotate(const Reply& reply, const Json& command);
  // Mail of the kind generation; `done` once it is taken or refused.
  void handed(ByteView payload, const std::function<void()>& done);

  void tick();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  void begin(const Reply& reply, const Json& command, const std::optional<DeviceId>& revoked);
  [[nodiscard]] keys::Result<keys::GenerationCertificate> certificate_for(
      const keys::AccountGeneration& next, const std::optional<crypto::SignatureKeyPair>& identity_key) const;
  void look();
  void looked(const HttpAnswer& answer);
  // The account's list as the server has it, on which the record's generation can begin. Otherwise a sentence.
  [[nodiscard]] std::expected<keys::FollowedList, std::string> present_list(const HttpAnswer& answer) const;
  // Who is on the account's next list of those on this one.
  [[nodiscard]] std::vector<keys::ListedDevice> staying(const keys::FollowedList& present) const;
  void claim(const keys::FollowedList& present);
  void make(const keys::FollowedList& present, const std::vector<ClaimedPackage>& packages);
  void post();
  void answered(const HttpAnswer& answer);
  void accepted();
  void failed(const HttpAnswer& answer);
  void failed(const std::string& error, const std::string& message);
  void later(std::int64_t after_ms);
  void forget();
  // restored_generations.cpp
  [[nodiscard]] std::optional<keys::FollowedList> list_of_backup(const HttpAnswer& answer) const;
  [[nodiscard]] bool compares_list() const;
  void compare_list();
  void compared(const HttpAnswer& answer);
  // handed_generations.cpp
  void take(const keys::GenerationMail& mail, const mls::KeyPackageSecrets& secrets);
  void keep_key(const keys::HandedGeneration& handed);
  void refuse(const std::string& why);
  void look_for_outlived();

  Machine& machine_;
  std::optional<NextGenerationRecord> record_;
  std::vector<Reply> waiting_;
  bool busy_ = false;
  bool asked_again_ = false;  // for list and packages, which may have moved between the two answers
  bool is_stale_ = false;     // what has left followed another list
  bool comparing_ = false;
  std::int64_t next_at_ = 0;  // on Machine::clock_ms, as the others
  std::int64_t compare_at_ = 0;
  std::int64_t outlived_at_ = 0;
  bool said_outlived_ = false;
  bool said_unreachable_ = false;
};

}  // namespace kith::client
