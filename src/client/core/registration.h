// From nothing to an account: number or e-mail -> code -> name -> recovery key (docs/protocol.md, "HTTP"). Where the
// address has an account already, the code leads to stage `account` (recovery.h).
//
// The account's keys are made here. They and the whole request are stored before it leaves, and the same request is
// sent again after a crash, so that a lost answer never makes a second account. The recovery key is kept until the user
// has shown that it is written down, and wiped then; the identity key lives only while it signs.
#pragma once

#include "client/core/commands.h"
#include "client/core/http_calls.h"
#include "client/core/record.h"

namespace kith::client {

class Registration {
 public:
  explicit Registration(Machine& machine) : machine_(machine) {}

  // The request of an unanswered creation, as stored.
  void restore(const SecretBytes& request) { creation_ = request; }
  // Sends an unanswered creation again.
  void resume();
  // An account is being created.
  [[nodiscard]] bool is_under_way() const { return !creation_.empty(); }

  void register_address(const Reply& reply, const Json& command);
  void resend_code(const Reply& reply);
  void confirm_code(const Reply& reply, const Json& command);
  void create_account(const Reply& reply, const Json& command);
  void confirm_recovery_key(const Reply& reply, const Json& command);
  void set_name(const Reply& reply, const Json& command);
  // The registration lock, set, taken away and asked for.
  void set_pin(const Reply& reply, const Json& command);
  void has_pin(const Reply& reply);

 private:
  void code_sent(const Reply& reply, const HttpAnswer& answer, const std::string& address);
  // Makes every key and the request; stores them.
  void prepare(const std::string& name, const std::string& device_name);
  void post();
  void created(const HttpAnswer& answer);
  void forget_keys(bool start_over);

  Machine& machine_;
  SecretBytes creation_;  // the request's body as JSON; empty: none
  bool posted_ = false;
  SecretBytes pin_;             // for the request on its way; never stored, since it is asked for again
  std::vector<Reply> waiting_;  // for the answer to the creation
};

}  // namespace kith::client
