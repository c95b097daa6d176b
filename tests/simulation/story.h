// What the trace of a failed run says of its failure: the last lines before it that name what the failure names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/processes.h"

namespace kith::sim {

// As traces and failures show ids.
[[nodiscard]] bool is_short_id(std::string_view word);

// What lines are about that concern this failure: the short ids in it, or else the devices; empty where it names
// neither, and every line concerns it.
[[nodiscard]] std::vector<std::string> subjects_of(const std::string& failure);

// At most `most` lines. Runs the job once more.
[[nodiscard]] std::vector<std::string> story_of(Processes& processes, const Job& job, const std::string& failure,
                                                std::size_t most);

}  // namespace kith::sim
