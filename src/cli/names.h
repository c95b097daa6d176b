// Who is called what, from the contacts as the core lists them and shows changes.
#pragma once

#include <map>
#include <string>

#include "cli/session.h"

namespace kith::cli {

class Names {
 public:
  // `own`: the user's own id; empty where it is not known.
  explicit Names(std::string own = "") : own_(std::move(own)) {}
  // With all contacts that the core has.
  static Names load(Session& session);

  void put(const Json& contact);
  [[nodiscard]] bool is_own(const std::string& user) const { return !own_.empty() && user == own_; }
  // The name, safe to print; empty where it is not known.
  [[nodiscard]] std::string find(const std::string& user) const;
  // Above a message: "You", a name, or the beginning of the id while the name is not known.
  [[nodiscard]] std::string sender(const Json& message) const;

 private:
  std::string own_;
  std::map<std::string, std::string> names_;  // by user
};

}  // namespace kith::cli
