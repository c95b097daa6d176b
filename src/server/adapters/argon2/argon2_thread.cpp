#include "server/adapters/argon2/argon2_thread.h"

#include "crypto/argon2.h"

namespace kith::server::adapters {

using domain::Errc;

namespace {
constexpr std::chrono::seconds kRetry{1};
using Stretched = domain::Result<SecretBytes>;
}  // namespace

// The way back to an instance's thread, as long as the instance is there.
struct Argon2Thread::Lane {
  std::mutex mutex;
  Scheduler* scheduler = nullptr;
};

struct Argon2Thread::Job {
  SecretBytes pin;
  crypto::Argon2Salt salt;
  crypto::Argon2Cost cost;
  std::shared_ptr<Lane> lane;
  OneShot<Stretched> answer;
};

class Argon2Thread::Instance final : public domain::PinStretcher {
 public:
  Instance(Argon2Thread& thread, Scheduler& scheduler) : thread_(thread), lane_(std::make_shared<Lane>()) {
    lane_->scheduler = &scheduler;
  }
  ~Instance() override {
    const std::lock_guard lock(lane_->mutex);
    lane_->scheduler = nullptr;
  }

  Task<Stretched> stretch(SecretBytes pin, crypto::Argon2Salt salt, crypto::Argon2Cost cost) override {
    const OneShot<Stretched> answer;
    const bool is_taken = thread_.submit(std::make_shared<Job>(std::move(pin), salt, cost, lane_, answer));
    if (!is_taken) co_return domain::fail_later(Errc::overloaded, kRetry);
    co_return co_await answer;
  }

 private:
  Argon2Thread& thread_;
  std::shared_ptr<Lane> lane_;
};

Argon2Thread::Argon2Thread() : thread_([this] { run(); }) {}

Argon2Thread::~Argon2Thread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::unique_ptr<domain::PinStretcher> Argon2Thread::attach(Scheduler& scheduler) {
  return std::make_unique<Instance>(*this, scheduler);
}

bool Argon2Thread::submit(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Argon2Thread::run() {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
      if (closing_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    auto stretched = crypto::argon2id(job->pin, job->salt, job->cost);
    auto result = std::make_shared<Stretched>(domain::fail_later(Errc::overloaded, kRetry));
    if (stretched) *result = *std::move(stretched);
    const std::lock_guard lock(job->lane->mutex);
    if (job->lane->scheduler != nullptr)
      job->lane->scheduler->post([job, result] { job->answer.set(std::move(*result)); });
  }
}

}  // namespace kith::server::adapters
