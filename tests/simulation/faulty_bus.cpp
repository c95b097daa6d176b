#include "tests/simulation/faulty_bus.h"

#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

namespace kith::sim {

using server::domain::Bus;
using server::domain::BusMessage;
using server::domain::BusMessageKind;
using server::domain::ConversationMessage;

namespace {

constexpr std::int64_t kMoment_ms = 20;
constexpr std::int64_t kDelay_ms = 10;  // and up to 2^kDelayPowers times as much
constexpr unsigned kDelayPowers = 9;
constexpr std::uint64_t kToldOfLoss = 5;  // one loss in so many is told

struct ToUser {
  UserId user;
  BusMessage message;
};
struct Loss {};
using Message = std::variant<ToUser, ConversationMessage, Loss>;
using Shared = std::shared_ptr<const Message>;

struct Subscriber {
  std::optional<UserId> user;  // of all conversations, where there is none
  Bus::Handler of_user;
  Bus::ConversationHandler of_members;
  bool is_over = false;

  [[nodiscard]] bool wants(const Message& message) const {
    if (const auto* one = std::get_if<ToUser>(&message)) return user == one->user;
    return std::holds_alternative<Loss>(message) || !user;
  }
  void hear(const Message& message) const {
    if (const auto* one = std::get_if<ToUser>(&message)) return of_user(one->message);
    if (const auto* all = std::get_if<ConversationMessage>(&message)) return of_members(*all);
    if (user) return of_user({.kind = BusMessageKind::lost});
    of_members({.kind = BusMessageKind::lost});
  }
};

// One node's side. Turns that were posted for it share it, so that it may go before they run.
struct Inbox {
  std::uint64_t number = 0;
  Scheduler* scheduler = nullptr;  // null once the instance is gone
  std::map<std::uint64_t, std::shared_ptr<Subscriber>> subscribers;
  // By who published. A turn for each takes whatever is first: so the order stays what it was, whatever the clocks do.
  std::map<std::uint64_t, std::deque<Shared>> in_order;

  [[nodiscard]] bool wants(const Message& message) const {
    for (const auto& [place, one] : subscribers) {
      if (one->wants(message)) return true;
    }
    return false;
  }
  // Handlers may change who subscribes and end this instance.
  void hear(const Message& message) const {
    const auto now = subscribers;
    for (const auto& [place, one] : now) {
      if (scheduler != nullptr && !one->is_over && one->wants(message)) one->hear(message);
    }
  }
  void hear_next(std::uint64_t from) {
    const auto waiting = in_order.find(from);
    if (waiting == in_order.end()) return;
    const Shared first = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty()) in_order.erase(waiting);
    hear(*first);
  }
};

void post_after(Inbox& inbox, std::int64_t wait_ms, std::function<void()> turn) {
  if (wait_ms == 0) return inbox.scheduler->post(std::move(turn));
  inbox.scheduler->post_at(inbox.scheduler->now() + std::chrono::milliseconds(wait_ms), std::move(turn));
}

}  // namespace

struct BusHub::State {
  explicit State(Faults& f) : faults(f) {}

  Faults& faults;
  std::map<std::uint64_t, std::shared_ptr<Inbox>> inboxes;
  std::uint64_t next_number = 1;
  std::size_t subscriptions = 0;

  void publish(std::uint64_t from, Message message) {
    const auto shared = std::make_shared<const Message>(std::move(message));
    for (const auto& [number, inbox] : inboxes) {
      if (inbox->wants(*shared)) send(from, inbox, shared);
    }
  }
  void send(std::uint64_t from, const std::shared_ptr<Inbox>& inbox, const Shared& message) {
    if (faults.happens(Fault::bus_lost)) {
      if (faults.chance().below(kToldOfLoss) == 0) send_in_order(from, inbox, std::make_shared<const Message>(Loss{}));
      return;
    }
    if (faults.happens(Fault::bus_delayed)) {
      send_late(inbox, message);
    } else {
      send_in_order(from, inbox, message);
    }
    if (faults.happens(Fault::bus_doubled)) send_late(inbox, message);
  }
  void send_in_order(std::uint64_t from, const std::shared_ptr<Inbox>& inbox, Shared message) {
    inbox->in_order[from].push_back(std::move(message));
    const std::int64_t wait_ms = from == inbox->number ? 0 : faults.chance().between(0, kMoment_ms);
    post_after(*inbox, wait_ms, [inbox, from] { inbox->hear_next(from); });
  }
  void send_late(const std::shared_ptr<Inbox>& inbox, const Shared& message) {
    const std::int64_t wait_ms = kMoment_ms + 1 + faults.chance().skewed(kDelay_ms, kDelayPowers);
    post_after(*inbox, wait_ms, [inbox, message] { inbox->hear(*message); });
  }
};

class BusHub::Instance final : public Bus {
 public:
  Instance(std::shared_ptr<State> state, Scheduler& scheduler)
      : state_(std::move(state)), inbox_(std::make_shared<Inbox>()) {
    inbox_->number = state_->next_number++;
    inbox_->scheduler = &scheduler;
    state_->inboxes.emplace(inbox_->number, inbox_);
  }
  ~Instance() override {
    state_->inboxes.erase(inbox_->number);
    inbox_->scheduler = nullptr;
    inbox_->in_order.clear();
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  std::unique_ptr<Subscription> subscribe(UserId user, Handler handler) override {
    return add({.user = user, .of_user = std::move(handler), .of_members = {}});
  }
  void publish(UserId user, BusMessage message) override {
    state_->publish(inbox_->number, ToUser{user, std::move(message)});
  }
  std::unique_ptr<Subscription> subscribe_conversations(ConversationHandler handler) override {
    return add({.user = {}, .of_user = {}, .of_members = std::move(handler)});
  }
  void publish_to_members(ConversationMessage message) override { state_->publish(inbox_->number, std::move(message)); }

 private:
  class Kept final : public Subscription {
   public:
    Kept(std::shared_ptr<State> state, std::shared_ptr<Inbox> inbox, std::uint64_t place)
        : state_(std::move(state)), inbox_(std::move(inbox)), place_(place) {}
    // What the handler holds may end other subscriptions in turn.
    ~Kept() override {
      const auto mine = inbox_->subscribers.extract(place_);
      mine.mapped()->is_over = true;
      --state_->subscriptions;
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

   private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Inbox> inbox_;
    std::uint64_t place_;
  };

  std::unique_ptr<Subscription> add(Subscriber subscriber) {
    const std::uint64_t place = state_->next_number++;
    inbox_->subscribers.emplace(place, std::make_shared<Subscriber>(std::move(subscriber)));
    ++state_->subscriptions;
    return std::make_unique<Kept>(state_, inbox_, place);
  }

  std::shared_ptr<State> state_;
  std::shared_ptr<Inbox> inbox_;
};

BusHub::BusHub(Faults& faults) : state_(std::make_shared<State>(faults)) {}
BusHub::~BusHub() = default;

std::unique_ptr<Bus> BusHub::attach(Scheduler& scheduler) { return std::make_unique<Instance>(state_, scheduler); }

std::size_t BusHub::instances() const { return state_->inboxes.size(); }
std::size_t BusHub::subscriptions() const { return state_->subscriptions; }

}  // namespace kith::sim
