// How long people wait: for a message to be in the log, and for the others to see it. Bounds hold where nothing goes
// wrong; a hint that is never sent is found here, since everything else repairs itself in the end.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/world.h"

namespace kith::sim {

class Pace {
 public:
  // Listens to what devices show, from now on.
  explicit Pace(World& world);
  ~Pace();
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  // Fails the run where somebody waited too long.
  void check() const;

 private:
  static constexpr std::int64_t kMostToSendMs = 20'000;
  static constexpr std::int64_t kMostToSeeMs = 5'000;

  struct Message {
    Device* by = nullptr;
    std::int64_t begun_ms = 0;                        // shown by its author as waiting ...
    std::optional<std::int64_t> sent_ms;              // ... and as being in the log
    std::map<Device*, std::int64_t, ByName> seen_ms;  // by those who were there all along
    bool was_author_there = false;
  };
  void listen(Device& device, const Json& event);
  // Whether a device had nothing in its way from then on.
  bool was_there(Device& device, std::int64_t since_ms) const;

  World& world_;
  std::function<void(Device&, const Json&)> others_;
  std::map<std::string, Message> messages_;
  std::map<Device*, std::int64_t, ByName> there_since_ms_;  // online and ready; nothing while it is not
};

}  // namespace kith::sim
