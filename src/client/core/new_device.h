// From nothing to one more device of an account that exists: a code on this screen, which a device of the account takes
// up and hands the account over for (keys/link.h; docs/protocol.md, "Linking").
//
// The code's keys are stored before its offer leaves, and so are the device's with the whole request that lists it: a
// lost answer never makes a second device. A code that has run out gives way to a new one. What the server says is
// believed as far as the code vouches for it.
#pragma once

#include <optional>

#include "client/core/commands.h"
#include "client/core/record.h"
#include "keys/link.h"

namespace kith::client {

class NewDevice {
 public:
  static constexpr std::int64_t kPollMs = 1'000;
  static constexpr int kMostCodes = 6;               // one after the other, before the user is asked
  static constexpr std::int64_t kLifeMs = 600'000;   // of a code that nobody has taken up
  static constexpr std::int64_t kGraceMs = 300'000;  // for whoever has

  explicit NewDevice(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // The command begin_link: shows a code for the account of this address.
  void begin(const Reply& reply, const Json& command);
  // The command cancel_link.
  void cancel(const Reply& reply);
  // What stands on the screen; null where there is no code.
  [[nodiscard]] Json json() const;
  void tick();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  enum class Step : std::uint8_t { idle, offering, waiting, joining };

  [[nodiscard]] keys::LinkCode code() const;
  [[nodiscard]] std::string path() const;
  void make_code(const HttpAnswer& answer, const std::string& typed, const std::string& device_name);
  void offer();
  // An answer that still matters: the same code is shown.
  [[nodiscard]] HttpCalls::Handler for_this_code(void (NewDevice::*answered)(const HttpAnswer& answer));
  void offered(const HttpAnswer& answer);
  void poll();
  void polled(const HttpAnswer& answer);
  void take(const Json& answer);
  [[nodiscard]] keys::Result<keys::LinkedAccount> account_in(const Json& answer) const;
  void make_keys(const keys::LinkedAccount& account);
  void join();
  void joined(const HttpAnswer& answer);
  // Another code, since nobody can use this one any more.
  void renew();
  void renewed(const HttpAnswer& answer);
  void refuse(const std::string& why);
  void forget_keys();
  void give_up();
  void store();
  void later(std::int64_t after_ms);

  Machine& machine_;
  std::optional<NewDeviceRecord> record_;
  Step step_ = Step::idle;
  bool busy_ = false;
  bool is_claimed_ = false;
  int codes_ = 0;
  std::int64_t ends_at_ = 0;  // on Machine::clock_ms: what clocks on walls say does not matter here
  std::int64_t next_at_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
