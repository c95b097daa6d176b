// A device of the account takes up the code of a new one, shows whose it is, and hands the account over when the user
// says so (keys/link.h; docs/protocol.md, "Linking").
#pragma once

#include <optional>

#include "client/core/commands.h"
#include "keys/link.h"

namespace kith::client {

class Linking {
 public:
  explicit Linking(Machine& machine) : machine_(machine) {}

  // The command look_at_link: which device shows this code. From then on the code is this account's.
  void look(const Reply& reply, const Json& command);
  // The command link_device: the account is handed over to it.
  void link(const Reply& reply, const Json& command);

 private:
  struct TakenUp {
    keys::LinkCode code;
    keys::LinkOffer offer;
  };

  using Then = std::function<void()>;
  void take_up(const Reply& reply, const Json& command, const Then& then);
  void claim(const Reply& reply, const keys::LinkCode& code, const Then& then);
  static void await_keys(const Reply& reply);
  [[nodiscard]] keys::Result<Bytes> sealed_account(const TakenUp& taken) const;

  Machine& machine_;
  std::optional<TakenUp> taken_;
};

}  // namespace kith::client
