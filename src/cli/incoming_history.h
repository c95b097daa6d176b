// What was said before a new device came: how far the core has read it, shown while a command waits for it.
#pragma once

#include <chrono>

#include "cli/session.h"

namespace kith::cli {

// How far it is, as the core's events tell.
class HistoryProgress {
 public:
  // So long without a block is no progress: a server that withholds them says nothing.
  static constexpr std::chrono::seconds kPatience{120};
  using RunUntil = std::function<bool(const std::function<bool()>& holds, std::chrono::milliseconds timeout)>;

  void take(const Json& event);
  [[nodiscard]] bool is_here() const { return done_ >= total_; }
  // Why the core reads no more of it, a sentence for people; empty: it goes on.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  // 0 to 10; nullopt where nothing is coming in.
  [[nodiscard]] std::optional<std::int64_t> tenths() const;
  // Until it is here, refused or cut off, at once where it is; or as long as it moves.
  void wait(const RunUntil& run_until, const std::function<bool()>& is_cut_off) const;

 private:
  std::int64_t done_ = 0, total_ = 0;
  std::string refusal_;
};

class IncomingHistory {
 public:
  // Listens until its end, in place of whoever did. The session and the settings outlive it.
  IncomingHistory(Session& session, const Settings& settings);
  ~IncomingHistory() { session_.listen({}); }
  IncomingHistory(const IncomingHistory&) = delete;
  IncomingHistory& operator=(const IncomingHistory&) = delete;

  // Until all of it is here, at once where nothing is coming in. False where the connection goes before that; the core
  // goes on from there the next time. Where the core refuses what the server shows, or the server withholds it, a
  // remark says so, and one goes on with what is here.
  bool wait();

 private:
  void take(const Json& event);

  Session& session_;
  const Settings& settings_;
  HistoryProgress progress_;
  std::optional<std::int64_t> said_;
  bool is_waited_for_ = false;
};

}  // namespace kith::cli
