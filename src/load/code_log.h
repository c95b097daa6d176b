// Reads one-time codes out of kithd's log (the development sender), as they are written.
#pragma once

#include <string>
#include <unordered_map>

#include "load/reactor.h"
#include "load/result.h"

namespace kith::load {

class CodeLog {
 public:
  // Begins at the end of the file, so that only codes from now on are seen.
  CodeLog(Reactor& reactor, std::string path);
  ~CodeLog();
  CodeLog(const CodeLog&) = delete;
  CodeLog& operator=(const CodeLog&) = delete;

  // The newest code that was sent to this address; waits for it. Errors: bad_state (no such file), out_of_time.
  Task<Result<std::string>> code_for(std::string address);

 private:
  void read_new();
  void take_line(std::string_view line);

  Reactor& reactor_;
  std::string path_;
  int fd_;
  std::string partial_;
  std::unordered_map<std::string, std::string> codes_;
};

}  // namespace kith::load
