// How busy the server, the load itself and everybody else were during a measurement: whose ceiling a figure shows, and
// whether the machine was quiet enough to believe it.
#pragma once

#include <ctime>

#include "load/process.h"
#include "load/reactor.h"
#include "load/report.h"

namespace kith::load {

// In cores.
struct Usage {
  double seconds = 0;            // of wall time
  std::optional<double> server;  // nothing without its pid
  double load = 0;
  std::optional<double> others;

  void report(Report& to, const std::string& key, const std::string& label) const {
    if (server) to.add(key + "_server_cores", label + ": server used", *server, "cores");
    to.add(key + "_load_cores", label + ": load used", load, "cores");
    if (others) to.add(key + "_other_cores", label + ": others used", *others, "cores");
  }
};

class Busy {
 public:
  explicit Busy(pid_t server) : server_(server), then_(now()) {}

  [[nodiscard]] Usage usage() const {
    const Reading at = now();
    Usage usage{
        .seconds = std::chrono::duration<double>(at.when - then_.when).count(), .server = {}, .load = 0, .others = {}};
    usage.load = (at.load - then_.load) / usage.seconds;
    if (at.server && then_.server) usage.server = (*at.server - *then_.server) / usage.seconds;
    if (at.machine && then_.machine && usage.server) {
      usage.others = (*at.machine - *then_.machine) / usage.seconds - usage.load - *usage.server;
    }
    return usage;
  }

 private:
  struct Reading {
    Clock::time_point when;
    double load = 0;
    std::optional<double> server;
    std::optional<double> machine;
  };
  Reading now() const {
    return {.when = Clock::now(),
            .load = static_cast<double>(std::clock()) / CLOCKS_PER_SEC,
            .server = server_ == 0 ? std::nullopt : cpu_seconds_of(server_),
            .machine = cpu_seconds_of_machine()};
  }
  pid_t server_;
  Reading then_;
};

}  // namespace kith::load
