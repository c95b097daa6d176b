// Safety numbers and what a comparison says, in words. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace kith::cli {

// 60 digits as three lines of four groups of five.
std::vector<std::string> digit_lines(const std::string& digits);
// What a Comparison of schema/core.d.ts means for `name`, one or two sentences.
std::string comparison_text(const Json& comparison, const std::string& name);

}  // namespace kith::cli
