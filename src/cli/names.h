// Who is called what, from the contacts as the core lists them and shows changes.
#pragma once

#include <map>
#include <string>

#include "cli/session.h"

namespace kith::cli {

// Where several people have one name, each has behind it what tells them apart: the number or address that they were
// found by, else as much of the id as needs be. Names are anybody's to choose.
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
  // The same person on a command line, as one word of it: "kith verify Ana". Empty where the name is not known.
  [[nodiscard]] std::string argument(const std::string& user) const;
  // Above a message: "You", a name, or the beginning of the id while the name is not known.
  [[nodiscard]] std::string sender(const Json& message) const;

 private:
  struct Known {
    std::string name;
    std::string address;
  };
  [[nodiscard]] std::string tag_of(const std::string& user, const Known& known) const;

  std::string own_;
  std::map<std::string, Known> known_;             // by user
  std::multimap<std::string, std::string> users_;  // by name, as names are compared
};

}  // namespace kith::cli
