// What was said in a group, nobody is shown who was not in it then.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/simulation/world.h"
#include "wire/frame.h"

namespace kith::sim {

class Secrecy {
 public:
  // Listens to what is on its way, from now on.
  explicit Secrecy(World& world);
  ~Secrecy();
  Secrecy(const Secrecy&) = delete;
  Secrecy& operator=(const Secrecy&) = delete;

  // Fails the run where somebody was.
  void check() const;

 private:
  void listen(Trace::What what, const std::string& who, ByteView bytes);
  void shown(const std::string& who, const ConversationId& conversation, const wire::Entry& entry);

  World& world_;
  std::map<std::pair<std::string, std::uint32_t>, ConversationId> reads_;  // by device and number of the request
  std::set<std::string> told_;
};

}  // namespace kith::sim
