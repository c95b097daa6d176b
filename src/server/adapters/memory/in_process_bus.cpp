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
using domain::ConversationMessage;

namespace {

// A subscription may end while its handler runs: whoever runs it keeps it.
template <class Message>
struct Numbered {
  std::uint64_t number = 0;
  std::function<void(const Message&)> handler;
  bool is_over = false;
  void operator()(const Message& message) const {
    if (!is_over) handler(message);
  }
};

}  // namespace

// One thread's side: its handlers, touched by that thread only, and its queue, which others fill.
struct Inbox {
  using Handler = Numbered<BusMessage>;
  using ConversationHandler = Numbered<ConversationMessage>;
  struct Queued {
    UserId user;
    BusMessage message;
    std::shared_ptr<const ConversationMessage> to_members;  // instead of both
  };

  explicit Inbox(std::size_t max_bytes) : max_queued_bytes(max_bytes) {}

  const std::size_t max_queued_bytes;
  std::unordered_multimap<UserId, std::shared_ptr<Handler>> handlers;
  std::vector<std::shared_ptr<ConversationHandler>> conversation_handlers;
  std::uint64_t next_number = 1;

  std::mutex mutex;
  Scheduler* scheduler = nullptr;  // null once the instance is gone
  std::vector<Queued> queue;
  std::size_t queued_bytes = 0;
  bool lost = false;
  bool woken = false;

  void deliver();
  void deliver(const UserId& user, const BusMessage& message, std::vector<std::shared_ptr<Handler>>& now) const;
  void deliver(const ConversationMessage& message) const;
  void tell_lost() const;
};

namespace {

// Threads with somebody who listens, with how many handlers each.
class Listening {
 public:
  void add(const std::shared_ptr<Inbox>& inbox) {
    const auto mine = find(inbox);
    if (mine == threads_.end()) {
      threads_.emplace_back(inbox, 1);
    } else {
      ++mine->second;
    }
  }
  void remove(const std::shared_ptr<Inbox>& inbox) {
    const auto mine = find(inbox);
    if (mine != threads_.end() && --mine->second == 0) threads_.erase(mine);
  }
  [[nodiscard]] bool empty() const { return threads_.empty(); }
  void enqueue(const Inbox::Queued& queued, std::size_t size) const;

 private:
  std::vector<std::pair<std::shared_ptr<Inbox>, std::size_t>>::iterator find(const std::shared_ptr<Inbox>& inbox) {
    return std::ranges::find(threads_, inbox, &std::pair<std::shared_ptr<Inbox>, std::size_t>::first);
  }
  std::vector<std::pair<std::shared_ptr<Inbox>, std::size_t>> threads_;
};

}  // namespace

struct InProcessBus::Hub {
  std::size_t max_queued_bytes;
  std::shared_mutex mutex;
  std::unordered_map<UserId, Listening> users;
  Listening conversations;
};

// Handlers may subscribe and end subscriptions, so that nothing here iterates over a live collection while one runs.
void Inbox::deliver(const UserId& user, const BusMessage& message, std::vector<std::shared_ptr<Handler>>& now) const {
  now.clear();
  const auto [first, last] = handlers.equal_range(user);
  for (auto i = first; i != last; ++i) now.push_back(i->second);
  for (const auto& one : now) (*one)(message);
}

void Inbox::deliver(const ConversationMessage& message) const {
  for (const auto& one : std::vector(conversation_handlers)) (*one)(message);
}

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
  for (const auto& [user, message, to_members] : messages) {
    if (to_members) {
      deliver(*to_members);
    } else {
      deliver(user, message, now);
    }
  }
  if (was_lost) tell_lost();
}

void Inbox::tell_lost() const {
  deliver(ConversationMessage{.kind = BusMessageKind::lost});
  std::vector<std::shared_ptr<Handler>> now;
  for (const auto& [user, one] : handlers) now.push_back(one);
  std::ranges::sort(now, {}, [](const auto& one) { return one->number; });
  for (const auto& one : now) (*one)({.kind = BusMessageKind::lost});
}

namespace {

std::size_t size_of(const domain::SharedBytes& frame) { return sizeof(Inbox::Queued) + (frame ? frame->size() : 0); }

void enqueue_at(const std::shared_ptr<Inbox>& inbox, const Inbox::Queued& queued, std::size_t size) {
  const std::lock_guard lock(inbox->mutex);
  if (inbox->scheduler == nullptr) return;
  // What ends sessions is small and never dropped.
  if (inbox->queued_bytes + size > inbox->max_queued_bytes && queued.message.kind != BusMessageKind::logged_out) {
    inbox->lost = true;
  } else {
    inbox->queue.push_back(queued);
    inbox->queued_bytes += size;
  }
  if (std::exchange(inbox->woken, true)) return;
  inbox->scheduler->post([inbox] { inbox->deliver(); });
}

void Listening::enqueue(const Inbox::Queued& queued, std::size_t size) const {
  for (const auto& [inbox, count] : threads_) enqueue_at(inbox, queued, size);
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
    hub_->users[user].add(inbox_);
    return std::make_unique<OfUser>(hub_, inbox_, user, std::move(entry));
  }

  void publish(UserId user, BusMessage message) override {
    const std::shared_lock lock(hub_->mutex);
    const auto listening = hub_->users.find(user);
    if (listening == hub_->users.end()) return;
    const std::size_t size = size_of(message.frame);
    listening->second.enqueue({user, std::move(message), nullptr}, size);
  }

  std::unique_ptr<Subscription> subscribe_conversations(ConversationHandler handler) override {
    auto entry = std::make_shared<Inbox::ConversationHandler>(inbox_->next_number++, std::move(handler));
    inbox_->conversation_handlers.push_back(entry);
    const std::lock_guard lock(hub_->mutex);
    hub_->conversations.add(inbox_);
    return std::make_unique<OfConversations>(hub_, inbox_, std::move(entry));
  }

  void publish_to_members(ConversationMessage message) override {
    const std::size_t size =
        size_of(message.frame) + (message.came.size() + message.gone.size()) * sizeof(UserId) + sizeof message;
    const auto shared = std::make_shared<const ConversationMessage>(std::move(message));
    const std::shared_lock lock(hub_->mutex);
    hub_->conversations.enqueue({{}, {}, shared}, size);
  }

 private:
  template <class Entry>
  struct Kept : Subscription {
    Kept(std::shared_ptr<Hub> hub, std::shared_ptr<Inbox> inbox, std::shared_ptr<Entry> entry)
        : hub_(std::move(hub)), inbox_(std::move(inbox)), entry_(std::move(entry)) {}
    ~Kept() override { entry_->is_over = true; }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

   protected:
    std::shared_ptr<Hub> hub_;
    std::shared_ptr<Inbox> inbox_;
    std::shared_ptr<Entry> entry_;
  };

  struct OfUser final : Kept<Inbox::Handler> {
    OfUser(std::shared_ptr<Hub> hub, std::shared_ptr<Inbox> inbox, const UserId& user,
           std::shared_ptr<Inbox::Handler> entry)
        : Kept(std::move(hub), std::move(inbox), std::move(entry)), user_(user) {}
    ~OfUser() override {
      const auto [first, last] = inbox_->handlers.equal_range(user_);
      const auto mine = std::find_if(first, last, [&](const auto& one) { return one.second == entry_; });
      if (mine != last) inbox_->handlers.erase(mine);
      const std::lock_guard lock(hub_->mutex);
      const auto listening = hub_->users.find(user_);
      if (listening == hub_->users.end()) return;
      listening->second.remove(inbox_);
      if (listening->second.empty()) hub_->users.erase(listening);
    }
    OfUser(const OfUser&) = delete;
    OfUser& operator=(const OfUser&) = delete;

   private:
    UserId user_;
  };

  struct OfConversations final : Kept<Inbox::ConversationHandler> {
    using Kept::Kept;
    ~OfConversations() override {
      std::erase(inbox_->conversation_handlers, entry_);
      const std::lock_guard lock(hub_->mutex);
      hub_->conversations.remove(inbox_);
    }
    OfConversations(const OfConversations&) = delete;
    OfConversations& operator=(const OfConversations&) = delete;
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
