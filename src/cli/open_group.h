// A group that a command looks at or changes, in a session that is online.
#pragma once

#include <string>

#include "cli/people.h"
#include "cli/session.h"

namespace kith::cli {

// Found when all that others have done to it is here.
class OpenGroup {
 public:
  // `name`: as on the command line. Throws Problem: offline, failed (no such group, or more than one).
  OpenGroup(Session& session, const std::string& name);

  [[nodiscard]] std::string name() const;  // in quotes
  [[nodiscard]] std::string id() const { return chat_.at("conversation"); }

  // Sends a command that names this group. -> done
  Json change(const char* type, const Json& fields);
  // Somebody in it, who need not be a contact.
  Person member(const std::string& who) { return somebody("members", who, "is not in"); }
  // Somebody who asks to come in.
  Person requester(const std::string& who) { return somebody("requests", who, "does not ask to join"); }

 private:
  Person somebody(const char* among, const std::string& who, const char* otherwise);

  Session& session_;
  Json chat_;
};

// What was done, as a sentence, or as an object that says that the group changed.
void tell(const Settings& settings, const OpenGroup& group, const std::string& sentence);

}  // namespace kith::cli
