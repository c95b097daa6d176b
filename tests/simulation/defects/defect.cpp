#include "tests/simulation/defects/defect.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace kith::sim {

namespace {
std::vector<std::string>& planted() {
  static std::vector<std::string> names;
  return names;
}
}  // namespace

void plant_defect(std::string name) {
  KITH_CHECK(std::ranges::find(known_defects(), name, &KnownDefect::name) != known_defects().end());
  planted().push_back(std::move(name));
}

bool has_defect(std::string_view name) { return std::ranges::find(planted(), name) != planted().end(); }

}  // namespace kith::sim
