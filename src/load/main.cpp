// kith_load: measures kithd from outside. One subcommand, one figure or few; see bench/run for all of them in order.
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include "load/scenarios.h"

namespace {

using namespace kith;
using namespace kith::load;

Reactor* running = nullptr;

void on_signal(int) {
  if (running != nullptr) running->stop();
}

using Scenario = Task<Result<void>> (*)(Reactor&, Population&, const Options&);

Scenario scenario_named(const std::string& name) {
  if (name == "prepare") return run_prepare;
  if (name == "pairs") return run_pairs;
  if (name == "idle") return run_idle;
  if (name == "drain") return run_drain;
  if (name == "group") return run_group;
  return nullptr;
}

Task<void> keep(Task<Result<void>> task, Result<void>& outcome) { outcome = co_await std::move(task); }

Result<void> run_task(Reactor& reactor, Task<Result<void>> task, const Options& options) {
  Result<void> outcome;
  const auto limit = std::chrono::seconds(options.limit_seconds);
  if (!reactor.run(keep(std::move(task), outcome), limit)) return fail(Errc::out_of_time, "stopped before the end");
  return outcome;
}

Result<void> run_on_population(Reactor& reactor, Scenario scenario, const Options& options) {
  const auto server = Address::from(options.server_ip, options.port);
  if (!server) return fail(Errc::unexpected, "--ip is no IPv4 address");
  Population population(reactor, {.server = *server,
                                  .kithd_log = options.kithd_log,
                                  .state_file = options.state_file,
                                  .concurrency = options.concurrency});
  KITH_TRY_VOID(population.load());
  return run_task(reactor, scenario(reactor, population, options), options);
}

Result<void> run(Reactor& reactor, const Options& options) {
  if (options.command == "fsync") return run_fsync(options);
  if (options.command == "relay-serve") return serve_relay(reactor, options);
  if (options.command == "relay") return run_task(reactor, run_relay(reactor, options), options);
  if (options.command == "fan-serve") return serve_fan(reactor, options);
  if (options.command == "fan") return run_task(reactor, run_fan(reactor, options), options);
  const Scenario scenario = scenario_named(options.command);
  if (scenario == nullptr) return fail(Errc::unexpected, std::string("no such subcommand\n") + usage());
  return run_on_population(reactor, scenario, options);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "kith_load: %s\n%s", options.error().detail.c_str(), usage());
    return 2;
  }
  // A descriptor for each connection: as many as the system lets us have.
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  Reactor reactor;
  running = &reactor;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  const auto outcome = run(reactor, *options);
  running = nullptr;
  if (!outcome) {
    std::fprintf(stderr, "kith_load %s: %s\n", options->command.c_str(), outcome.error().detail.c_str());
    return 1;
  }
  return 0;
}
