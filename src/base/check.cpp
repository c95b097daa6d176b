#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace kith {

void check_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "kith: internal check failed: %s (%s:%d)\n", what, file, line);
  std::abort();
}

}  // namespace kith
