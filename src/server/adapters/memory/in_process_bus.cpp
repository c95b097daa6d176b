#include "server/adapters/memory/in_process_bus.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace kith::server::adapters {

using domain::Bus;
using domain::BusMessage;
using domain::BusMessageKind;

// One thread's side: its handlers, touched by that thread only, and its queue, which others fill.
struct Inbox {
  struct Handler {
    std::uint64_t number = 0;
    Bus::Handler handler;
  };
  struct Queued {
    UserId user;
    BusMessage message;
  };

  explicit Inbox(std::size_t max_bytes) : max_queued_bytes(max_bytes) {}

  const std::size_t max_queued_bytes;
  std::unordered_multimap<UserId, std::shared_ptr<Handler>> handlers;
  std::uint64_t next_number = 1;

  std::mutex mutex;
  Scheduler* scheduler = nullptr;  // null once the instance is gone
  std::vector<Queued> queue;
  std::size_t queued_bytes = 0;
  bool lost = false;
  bool woken = false;

  void deliver();
  void tell_lost();
};

struct InProcessBus::Hub {
  std::size_t max_queued_bytes;
  std::shared_mutex mutex;
  // Which threads have somebody who listens to a user, with how many handlers each.
  std::unordered_map<UserId, std::vector<std::pair<std::shared_ptr<Inbox>, std::size_t>>> topics;
};

// Handlers may subscribe and end subscriptions, so that nothing here iterates over the live map while one runs.
void Inbox::deliver() {
  std::vector<Queued> messages;
  bool was_lost = false;
  {
    const std::lock_guard lock(mutex);
    messages.swap(queue);
    queued_bytes = 0;
    woken = false;
    was_lost = std::exchange(lost, false);
  }
  std::vector<std::shared_ptr<Handler>> now;
  for (const auto& [user, message] : messages) {
    now.clear();
    const auto [first, last] = handlers.equal_range(user);
    for (auto i = first; i != last; ++i) now.push_back(i->second);
    for (const auto& one : now) {
      if (one->handler) one->handler(message);
    }
  }
  if (was_lost) tell_lost();
}

void Inbox::tell_lost() {
  std::vector<std::shared_ptr<Handler>> now;
  for (const auto& [user, one] : handlers) now.push_back(one);
  std::ranges::sort(now, {}, [](const auto& one) { return one->number; });
  for (const auto& one : now) {
    if (one->handler) one->handler({.kind = BusMessageKind::lost});
  }
}

namespace {

void enqueue(const std::shared_ptr<Inbox>& inbox, const UserId& user, const BusMessage& message) {
  const std::size_t size = sizeof(Inbox::Queued) + (message.frame ? message.frame->size() : 0);
  const std::lock_guard lock(inbox->mutex);
  if (inbox->scheduler == nullptr) return;
  // What ends sessions is small and never dropped.
  if (inbox->queued_bytes + size > inbox->max_queued_bytes && message.kind != BusMessageKind::logged_out) {
    inbox->lost = true;
  } else {
    inbox->queue.push_back({user, message});
    inbox->queued_bytes += size;
  }
  if (std::exchange(inbox->woken, true)) return;
  inbox->scheduler->post([inbox] { inbox->deliver(); });
}

}  // namespace

class InProcessBus::Instance final : public Bus {
 public:
  Instance(std::shared_ptr<Hub> hub, Scheduler& scheduler)
      : hub_(std::move(hub)), inbox_(std::make_shared<Inbox>(hub_->max_queued_bytes)) {
    inbox_->scheduler = &scheduler;
  }
  ~Instance() override {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->scheduler = nullptr;
    inbox_->queue.clear();
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  std::unique_ptr<Subscription> subscribe(UserId user, Handler handler) override {
    auto entry = std::make_shared<Inbox::Handler>(inbox_->next_number++, std::move(handler));
    inbox_->handlers.emplace(user, entry);
    const std::lock_guard lock(hub_->mutex);
    auto& threads = hub_->topics[user];
    const auto mine = std::ranges::find(threads, inbox_, &std::pair<std::shared_ptr<Inbox>, std::size_t>::first);
    if (mine == threads.end()) {
      threads.emplace_back(inbox_, 1);
    } else {
      ++mine->second;
    }
    return std::make_unique<Ended>(hub_, inbox_, user, std::move(entry));
  }

  void publish(UserId user, BusMessage message) override {
    const std::shared_lock lock(hub_->mutex);
    const auto topic = hub_->topics.find(user);
    if (topic == hub_->topics.end()) return;
    for (const auto& [inbox, count] : topic->second) enqueue(inbox, user, message);
  }

 private:
  struct Ended final : Subscription {
    Ended(std::shared_ptr<Hub> hub, std::shared_ptr<Inbox> inbox, const UserId& user,
          std::shared_ptr<Inbox::Handler> entry)
        : hub_(std::move(hub)), inbox_(std::move(inbox)), user_(user), entry_(std::move(entry)) {}
    ~Ended() override {
      // Emptied rather than destroyed: it may be the one that is running.
      retired_ = std::move(entry_->handler);
      entry_->handler = nullptr;
      const auto [first, last] = inbox_->handlers.equal_range(user_);
      for (auto i = first; i != last; ++i) {
        if (i->second == entry_) {
          inbox_->handlers.erase(i);
          break;
        }
      }
      const std::lock_guard lock(hub_->mutex);
      const auto topic = hub_->topics.find(user_);
      if (topic == hub_->topics.end()) return;
      auto& threads = topic->second;
      const auto mine = std::ranges::find(threads, inbox_, &std::pair<std::shared_ptr<Inbox>, std::size_t>::first);
      if (mine != threads.end() && --mine->second == 0) threads.erase(mine);
      if (threads.empty()) hub_->topics.erase(topic);
    }
    Ended(const Ended&) = delete;
    Ended& operator=(const Ended&) = delete;

   private:
    std::shared_ptr<Hub> hub_;
    std::shared_ptr<Inbox> inbox_;
    UserId user_;
    std::shared_ptr<Inbox::Handler> entry_;
    Handler retired_;
  };

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<Inbox> inbox_;
};

InProcessBus::InProcessBus(std::size_t max_queued_bytes) : hub_(std::make_shared<Hub>()) {
  hub_->max_queued_bytes = max_queued_bytes;
}
InProcessBus::~InProcessBus() = default;

std::unique_ptr<Bus> InProcessBus::attach(Scheduler& scheduler) { return std::make_unique<Instance>(hub_, scheduler); }

}  // namespace kith::server::adapters
