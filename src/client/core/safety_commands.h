// The commands of schema/core.d.ts by which two people make sure of each other: safety numbers, what a scan says,
// "verified", and taking somebody by another identity. None of them needs the server.
#pragma once

#include <functional>
#include <string>

#include "client/core/commands.h"
#include "client/core/record.h"
#include "keys/safety_number.h"

namespace kith::client {

class SafetyCommands {
 public:
  explicit SafetyCommands(Machine& machine) : machine_(machine) {}
  // False where it is none of them.
  bool run(const std::string& type, const Reply& reply, const Json& command);

 private:
  using Then = std::function<void(const ContactRecord&, const keys::SafetyView&)>;
  // Null where the user is not known; then the command is answered.
  const ContactRecord* contact_in(const Reply& reply, const Json& command) const;
  // With what is known of the two and of their conversation, which is loaded.
  void with_view(const Reply& reply, const Json& command, const Then& then);
  [[nodiscard]] keys::SafetyView view(const ContactRecord& contact, const Chat* chat) const;
  void show(const Reply& reply, const Json& command);
  void compare(const Reply& reply, const Json& command);
  void compared(const Reply& reply, const ContactRecord& contact, const keys::SafetyView& view,
                const keys::SafetyCode& code);
  void set_verified(const Reply& reply, const Json& command);
  void accept_identity(const Reply& reply, const Json& command);

  Machine& machine_;
};

}  // namespace kith::client
