// The command line: a subcommand and --key value pairs.
#pragma once

#include <string>

#include "load/result.h"

namespace kith::load {

struct Options {
  std::string command;
  std::string server_ip = "127.0.0.1";
  std::uint16_t port = 8470;
  std::string kithd_log;
  std::string state_file;
  std::string data_dir = ".";
  int pid = 0;  // of kithd: for memory and CPU figures; 0 leaves them out
  std::size_t accounts = 0;
  std::size_t pairs = 200;
  std::size_t bytes = 200;  // of a message's text
  std::size_t seconds = 5;  // of each measurement, after a second of warming up
  std::size_t window = 0;   // pairs: only this window, without the half-load runs; 0 is all of it
  std::size_t connections = 10'000;
  std::size_t users = 1'000;
  std::size_t messages = 100;
  std::size_t members = 1'000;  // group, fan
  std::size_t concurrency = 64;
  std::size_t limit_seconds = 120;  // of the whole subcommand
};

// Errors: unexpected, naming what is wrong with the command line.
Result<Options> parse_options(int argc, char** argv);
const char* usage();

}  // namespace kith::load
