// How a command ends when it does not end well: a sentence for people and the exit code for scripts. Thrown inside this
// room, caught in main.cpp and nowhere else.
#pragma once

#include <string>

namespace kith::cli {

// The numbers are a contract: README.md.
enum class Exit : int {
  ok = 0,
  failed = 1,          // the server or the core said no
  usage = 2,           // the command line is not understood
  not_registered = 3,  // this profile has no account yet, or has one already
  offline = 4,         // needs the server, which can't be reached; for send: kept in the outbox
  in_use = 5,          // another kith has this profile open
  storage = 6,         // state directory, database or key file
  timed_out = 7,       // what was waited for did not happen in time
  stopped = 8,         // taken over by another process, or logged out
  interrupted = 130,
};

struct Problem {
  Exit code = Exit::failed;
  std::string message;  // empty: there is nothing to say
};

}  // namespace kith::cli
