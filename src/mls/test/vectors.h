// The MLS working group's test vectors, without a test framework: the same sources run under GoogleTest and in
// WebAssembly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::mls::vectors {

struct Outcome {
  bool known = false;                 // is there a check for a file of this name?
  int cases = 0;                      // that were of a suite which this build runs
  int of_other_suites = 0;            // and that were not
  std::vector<std::string> failures;  // a sentence each
};

// The files that are checked, without ".json".
std::vector<std::string_view> names();
// Points and signatures that libraries judge differently; no file, run it with kEdgeCases as its text.
inline constexpr std::string_view kEdgeCasesName = "edge-cases";
inline constexpr std::string_view kEdgeCases = R"([{"cipher_suite": 1}, {"cipher_suite": 3}])";
// Runs the checks of one file, given its name and text.
Outcome run(std::string_view name, std::string_view json_text);

}  // namespace kith::mls::vectors
