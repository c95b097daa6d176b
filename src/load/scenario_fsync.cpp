#include "load/process.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {

Result<void> run_fsync(const Options& options) {
  constexpr int kCount = 300;
  Report report("fsync");
  for (const auto& [key, label, bytes] : {std::tuple{"small", "1 KiB and fdatasync", std::size_t{1024}},
                                          std::tuple{"large", "64 KiB and fdatasync", std::size_t{65'536}}}) {
    const auto times = measure_fsync(options.data_dir, bytes, kCount);
    if (!times) return fail(Errc::bad_state, "the data directory cannot be written");
    report.add_latency(key, label, *times);
  }
  report.print();
  return {};
}

}  // namespace kith::load
