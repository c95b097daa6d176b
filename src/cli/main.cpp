#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <variant>

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/problem.h"

int main(int argc, char** argv) {
  using namespace kith::cli;
  // A reader that went away is noticed where it is written to.
  std::signal(SIGPIPE, SIG_IGN);
  // State is nobody else's business.
  ::umask(077);
  const auto parsed = parse_arguments(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&parsed)) return static_cast<int>(*exit);
  try {
    std::get<0>(parsed)();
  } catch (const Problem& problem) {
    if (!problem.message.empty()) remark("kith: " + problem.message);
    return static_cast<int>(problem.code);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kith: internal error: %s\n", error.what());
    return static_cast<int>(Exit::failed);
  }
  return 0;
}
