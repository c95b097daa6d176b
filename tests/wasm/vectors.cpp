// The MLS vectors in WebAssembly, with the crypto of the host. Driven by run-vectors.mjs.
#include "mls/test/vectors.h"

#include <cstdio>
#include <memory>

namespace {

// What the host writes its text into; one at a time.
std::string& input() {
  static std::string text;
  return text;
}

}  // namespace

#define KITH_EXPORT(function) extern "C" __attribute__((export_name(#function)))

KITH_EXPORT(vectors_input) char* vectors_input(std::uint32_t size);
KITH_EXPORT(vectors_run) std::int32_t vectors_run(std::uint32_t name_size);
KITH_EXPORT(vectors_cases) std::int32_t vectors_cases();

namespace {
std::int32_t cases_of_last_run = 0;
}

// Room for a file's name followed by its text.
char* vectors_input(std::uint32_t size) {
  input().resize(size);
  return input().data();
}

// Runs the checks of one file and answers the number of failures, which it prints; -1 for a file that has no checks.
std::int32_t vectors_run(std::uint32_t name_size) {
  const std::string_view all = input();
  const auto outcome = kith::mls::vectors::run(all.substr(0, name_size), all.substr(name_size));
  cases_of_last_run = outcome.cases;
  for (const std::string& failure : outcome.failures) std::fprintf(stderr, "%s\n", failure.c_str());
  return outcome.known ? static_cast<std::int32_t>(outcome.failures.size()) : -1;
}

std::int32_t vectors_cases() { return cases_of_last_run; }
