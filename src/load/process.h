// What the system says of a process and of a directory's disk.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "load/histogram.h"

namespace kith::load {

struct ProcessMemory {
  std::uint64_t pss_bytes = 0;  // shared pages by their share
  std::uint64_t rss_bytes = 0;
};
// Of /proc/PID/smaps_rollup; nothing when the process is gone or not ours to read.
std::optional<ProcessMemory> memory_of(pid_t pid);

// CPU time that a process has used, user and system, in seconds.
std::optional<double> cpu_seconds_of(pid_t pid);

// CPU time that the whole machine has used since it started, in seconds, all cores together.
std::optional<double> cpu_seconds_of_machine();

// Appends `bytes` and calls fdatasync, `count` times, in a file of its own in this directory; the time of each
// fdatasync with its write. Nothing when the directory cannot be written.
std::optional<Histogram> measure_fsync(const std::string& directory, std::size_t bytes, int count);

}  // namespace kith::load
