// The command line of `kith`.
#pragma once

#include <functional>
#include <variant>

#include "cli/commands.h"
#include "cli/problem.h"

namespace kith::cli {

// What to run, or, where --help or a mistake has been printed already, what to exit with.
std::variant<std::function<void()>, Exit> parse_arguments(int argc, char** argv);

}  // namespace kith::cli
