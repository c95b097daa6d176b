// The PinStretcher by a thread of its own, which all I/O threads share: one PIN at a time, in the order of asking. What
// waits is bounded; beyond that whoever asks is told to come later.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "base/scheduler.h"
#include "server/domain/ports/pin_stretcher.h"

namespace kith::server::adapters {

class Argon2Thread {
 public:
  static constexpr std::size_t kMaxWaiting = 64;

  Argon2Thread();
  // What is being worked on is finished; what waits is forgotten.
  ~Argon2Thread();
  Argon2Thread(const Argon2Thread&) = delete;
  Argon2Thread& operator=(const Argon2Thread&) = delete;

  // The instance of this scheduler. To be destroyed on its thread, before the scheduler and this.
  std::unique_ptr<domain::PinStretcher> attach(Scheduler& scheduler);

 private:
  struct Lane;
  struct Job;
  class Instance;
  // False where too many wait.
  bool submit(std::shared_ptr<Job> job);
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> waiting_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace kith::server::adapters
