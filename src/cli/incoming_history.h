// What was said before a new device came: how far the core has read it, shown while a command waits for it.
#pragma once

#include "cli/session.h"

namespace kith::cli {

class IncomingHistory {
 public:
  // Listens until its end, in place of whoever did. The session and the settings outlive it.
  IncomingHistory(Session& session, const Settings& settings);
  ~IncomingHistory() { session_.listen({}); }
  IncomingHistory(const IncomingHistory&) = delete;
  IncomingHistory& operator=(const IncomingHistory&) = delete;

  // Until all of it is here, at once where nothing is coming in. False where the connection goes before that; the core
  // goes on from there the next time.
  bool wait();

 private:
  void take(const Json& event);

  Session& session_;
  const Settings& settings_;
  std::int64_t done_ = 0, total_ = 0;
  std::int64_t said_ = -1;  // tenths
  bool is_waited_for_ = false;
};

}  // namespace kith::cli
