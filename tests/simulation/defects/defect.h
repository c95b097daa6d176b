// Deliberate defects: bugs that are written into copies of the sources (plant.py), to see whether the simulator notices
// them. The copies are linked into kith-sim-defects and nowhere else, and every defect sleeps until it is planted.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kith::sim {

struct KnownDefect {
  std::string_view name;
  std::string_view what;      // one sentence
  std::string_view profiles;  // in which it is looked for, comma-separated; kByNobody: nothing finds it yet
};
inline constexpr std::string_view kByNobody = "nobody yet";

[[nodiscard]] std::span<const KnownDefect> known_defects();

// From here on, in this process; a name that is not known is a bug of the caller's. Not for several threads.
void plant_defect(std::string name);

[[nodiscard]] bool has_defect(std::string_view name);

}  // namespace kith::sim
