// What is measured: one function a subcommand. Each prints its Report; a failure says why there is none.
#pragma once

#include "load/busy.h"
#include "load/options.h"
#include "load/population.h"

namespace kith::load {

// Who is who: accounts 0 to 2 * pairs - 1 are the lanes of `pairs`, two by two; then come the senders of `drain`, each
// with a conversation with kReadersASender readers, then the readers. `idle` and `group` use all accounts from 0 on.
// A sender founds its conversations all at once, each on a socket of its own: no more than a device may have.
inline constexpr std::size_t kReadersASender = 8;
std::vector<std::pair<std::size_t, std::size_t>> pairs_of_lanes(const Options& options);
std::vector<std::pair<std::size_t, std::size_t>> pairs_of_drain(const Options& options);
std::size_t accounts_needed(const Options& options);

// Registers accounts and creates conversations for the other scenarios, and says how quickly.
Task<Result<void>> run_prepare(Reactor& reactor, Population& population, const Options& options);
// One-to-one messages a second at a window of 1 and 64, closed loop; then latencies at half of that, open loop.
Task<Result<void>> run_pairs(Reactor& reactor, Population& population, const Options& options);
// Memory of the server for each idle authenticated connection, and how fast they are set up.
Task<Result<void>> run_idle(Reactor& reactor, Population& population, const Options& options);
// Users with messages waiting all come online at once and read everything.
Task<Result<void>> run_drain(Reactor& reactor, Population& population, const Options& options);

// All members of one group online: hints a second from one sender, at a window of 1 and 16, closed loop; then the time
// until the last member has a message, at ten a second.
Task<Result<void>> run_group(Reactor& reactor, Population& population, const Options& options);

// The ceiling: a relay without protocol or disk. The server side runs until it is stopped.
Result<void> serve_relay(Reactor& reactor, const Options& options);
Task<Result<void>> run_relay(Reactor& reactor, const Options& options);
// The ceiling of run_group: bare writes to as many sockets.
Result<void> serve_fan(Reactor& reactor, const Options& options);
Task<Result<void>> run_fan(Reactor& reactor, const Options& options);
// How both are told: in all, and for each second of the server's time.
void report_deliveries(Report& report, const std::string& key, const std::string& label, double delivered,
                       const Usage& usage);
// The disk below the data directory.
Result<void> run_fsync(const Options& options);

}  // namespace kith::load
