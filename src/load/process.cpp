#include "load/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <vector>

namespace kith::load {

std::optional<ProcessMemory> memory_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  ProcessMemory memory;
  bool found = false;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t kilobytes = 0;
    if (!(words >> key >> kilobytes)) continue;
    if (key == "Pss:") memory.pss_bytes = kilobytes * 1024, found = true;
    if (key == "Rss:") memory.rss_bytes = kilobytes * 1024;
  }
  if (!found) return std::nullopt;
  return memory;
}

std::optional<double> cpu_seconds_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(in, text);
  // The name may hold spaces; the fields after it are counted from its closing bracket.
  const auto end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream words(text.substr(end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) words >> skipped;
  double user_ticks = 0;
  double system_ticks = 0;
  if (!(words >> user_ticks >> system_ticks)) return std::nullopt;
  return (user_ticks + system_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<double> cpu_seconds_of_machine() {
  std::ifstream in("/proc/stat");
  std::string name;
  double user = 0;
  double nice = 0;
  double system = 0;
  double idle = 0;
  double wait = 0;
  double interrupts = 0;
  double soft_interrupts = 0;
  if (!(in >> name >> user >> nice >> system >> idle >> wait >> interrupts >> soft_interrupts)) return std::nullopt;
  return (user + nice + system + interrupts + soft_interrupts) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<Histogram> measure_fsync(const std::string& directory, std::size_t bytes, int count) {
  const std::string path = directory + "/.fsync-probe";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return std::nullopt;
  unlink(path.c_str());
  const std::vector<char> block(bytes, 'x');
  Histogram histogram;
  bool failed = false;
  for (int i = 0; i < count && !failed; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    failed = write(fd, block.data(), bytes) != static_cast<ssize_t>(bytes) || fdatasync(fd) != 0;
    histogram.add(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count());
  }
  close(fd);
  if (failed) return std::nullopt;
  return histogram;
}

}  // namespace kith::load
