// The Scheduler of one I/O thread: turns run on the io_context that it is given, in the order in which they were
// posted.
//
// Waiting turns are kept in one heap behind one timer, against the steady clock, so that a step of the wall clock
// neither fires nor delays them; now() is the wall clock. post() may be called from any thread, everything else from
// the io_context's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <queue>
#include <vector>

#include "base/scheduler.h"

namespace kith::server::edge {

class AsioScheduler final : public Scheduler {
 public:
  explicit AsioScheduler(boost::asio::io_context& io) : io_(io), timer_(io) {}

  UnixMillis now() const override;
  void post(std::function<void()> turn) override;
  void post_at(UnixMillis when, std::function<void()> turn) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Clock::time_point due;
    std::uint64_t number = 0;  // turns that are due together run in the order in which they came
    std::function<void()> turn;
    friend bool operator<(const Waiting& a, const Waiting& b) {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };

  void arm();
  void run_due();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  std::uint64_t next_number_ = 0;
  std::priority_queue<Waiting> waiting_;
};

}  // namespace kith::server::edge
