// kithd: the server. Configuration in, one Daemon, signals, out.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "server/daemon.h"

namespace {

using kith::server::Config;

// As many sockets as the system lets us have.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM and SIGINT are waited for by the main thread; blocked before any other thread begins.
sigset_t block_stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void say_where(const Config& config, std::uint16_t port) {
  const bool is_v6 = config.edge.address.find(':') != std::string::npos;
  const std::string address = is_v6 ? "[" + config.edge.address + "]" : config.edge.address;
  std::fprintf(
      stderr,
      "\nKith is running at http://%s:%u\n"
      "Open it in a browser and register with a phone number or an e-mail address. No code is sent for real yet:\n"
      "one-time codes appear in this log, in the lines with \"one_time_code\". Stop with Ctrl-C.\n\n",
      address.c_str(), static_cast<unsigned>(port));
}

}  // namespace

int main(int count, char** arguments) {
  ::umask(S_IRWXG | S_IRWXO);  // whatever is stored is for the server's user only
  const auto config =
      kith::server::read_config({.arguments = {arguments + 1, arguments + count}, .environment = [](const char* name) {
                                   return static_cast<const char*>(std::getenv(name));
                                 }});
  if (!config) {
    std::fputs(config.error().text.c_str(), config.error().exit_code == 0 ? stdout : stderr);
    return config.error().exit_code;
  }
  raise_file_limit();
  const sigset_t stop_signals = block_stop_signals();
  kith::server::edge::Log log(config->log_level, [](const std::string& line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  });

  auto daemon = kith::server::Daemon::start(*config, log);
  if (!daemon) {
    std::fprintf(stderr, "kithd: %s\n", daemon.error().c_str());
    return 1;
  }
  log.info("listening", {{"address", config->edge.address}, {"port", (*daemon)->port()}});
  say_where(*config, (*daemon)->port());

  int signal = 0;
  sigwait(&stop_signals, &signal);
  // A second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  log.info("draining", {{"signal", signal}});
  daemon->reset();
  log.info("stopped");
  return 0;
}
