// From an address that has an account, and no device of it at hand, back into the account: with the recovery key
// (docs/protocol.md, "Recovery").
//
// The key signs for this device and opens the account's generation, and is not kept: nothing of it is stored, and in
// memory its private halves live until the server has shown the account. The device's own keys and the whole request
// that lists it are stored before it leaves, and sent again until they are answered.
//
// A device that was stolen can have begun generations of its own that leave nothing of use for the key. Then the key
// takes the account back, where its user says so: it opens what it signed for last, signs the next generation, and this
// device is the account's only one. A server can bring that about as well, by hiding what was left; it gains nothing by
// it, and what it costs (the other devices, what they wrote under the newest keys) the user is told before.
#pragma once

#include <optional>

#include "client/core/commands.h"
#include "client/core/record.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"

namespace kith::client {

class Recovery {
 public:
  static constexpr std::int64_t kPauseMs = 2'000;

  explicit Recovery(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // The key was right, and this device is coming in.
  [[nodiscard]] bool is_under_way() const { return record_.has_value(); }
  // The command recover.
  void recover(const Reply& reply, const Json& command);
  // The command register_anew: the address is to have a new account.
  void begin_anew(const Reply& reply);
  // The command check_recovery_key.
  void check(const Reply& reply, const Json& command) const;
  void tick();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  struct Attempt;

  // By what the account comes back.
  struct Opened {
    keys::GenerationCertificate present;           // verified
    std::optional<keys::HandedGeneration> newest;  // of the present one, where it left something of use
    std::optional<keys::HandedGeneration> root;    // of the one that the identity key signed; it may be the same
  };
  [[nodiscard]] Json claim(const DeviceId& device, ByteView leaf_key, ByteView signature) const;
  [[nodiscard]] std::uint32_t next_number(const keys::GenerationCertificate& present) const;
  void meet_archive_behind(const Opened& opened);
  [[nodiscard]] keys::Result<Opened> opened(const Attempt& attempt, const Json& answer) const;
  void shown(const Attempt& attempt, const Reply& reply, const HttpAnswer& answer);
  void prepare(const HttpAnswer& answer);
  void send();
  void answered(const HttpAnswer& answer);
  // Another device was faster with a list: what is the present one?
  void ask_again();
  void later(const HttpAnswer& answer);
  void store();
  void give_up(const std::string& error, const std::string& message);

  Machine& machine_;
  std::optional<RecoveryRecord> record_;
  std::optional<Reply> waiting_;
  std::int64_t next_at_ = 0;  // on Machine::clock_ms; 0: an answer is waited for
};

// In the command's field `recovery_key`, spelled as people do. Errors: recovery_key_length, recovery_key_character,
// recovery_key_checksum.
[[nodiscard]] keys::Result<keys::RecoveryKey> recovery_key_in(const Json& command);

}  // namespace kith::client
