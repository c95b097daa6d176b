// In which order clients send what their people wrote: in that of writing, in every conversation, whatever breaks in
// between. (The order of the log is the server's, which may take two that are under way in either.)
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace kith::sim {

class Order {
 public:
  // Listens to what is on its way, from now on.
  explicit Order(World& world);
  ~Order();
  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;

  // Fails the run where somebody sent what was written later before what was written earlier.
  void check() const;

 private:
  World& world_;
  // The ids of messages as each client sent them first, by client and conversation.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> sent_;
  std::set<std::string> known_;
};

}  // namespace kith::sim
