// Tells this node's live devices what is published to the members of large conversations.
//
// In rounds: all messages of a conversation that wait when a round begins go to its audience together, so that what
// comes faster than it can be told leaves in fewer system calls. A round goes slice by slice, one a turn, so that a
// large audience holds nobody up. What waits is bounded: beyond kMaxWaitingBytes it is dropped and the audience is told
// to look for itself. Audiences are kept like states of conversations, the least recently used one goes first.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "server/service/audience.h"
#include "server/service/ports.h"

namespace kith::server::service {

class Audiences {
 public:
  static constexpr std::size_t kSlice = 64;                     // devices told in one turn
  static constexpr std::size_t kMaxRoundBytes = 32 * 1024;      // half of what a socket queues
  static constexpr std::size_t kMaxWaitingBytes = 1024 * 1024;  // of one conversation

  using State = Audience::State;
  struct Source {
    std::function<State(const ConversationId&)> cached;  // null where it is not known
    std::function<Task<Result<State>>(ConversationId)> load;
  };
  // `max_weight`: as limits.cached_conversations.
  Audiences(domain::Bus& bus, Scheduler& scheduler, const LiveDevices& live, Source source, std::size_t max_weight);

  [[nodiscard]] std::size_t size() const { return rooms_.size(); }

 private:
  // One conversation.
  struct Room {
    ConversationId id;
    std::unique_ptr<Audience> audience;
    std::size_t weight = 0;
    std::deque<domain::ConversationMessage> waiting;
    std::size_t waiting_bytes = 0;
    bool is_lost = false;  // something that waited was dropped: the next round says so
    bool is_busy = false;  // loading or in a round
    // The round: the first so many of those that wait, told to all before `next`.
    std::size_t round = 0;
    std::size_t next = 0;
    bool tells_lost = false;
  };
  using Rooms = std::list<std::shared_ptr<Room>>;  // most recently used first

  void take(const domain::ConversationMessage& message);
  std::shared_ptr<Room> room_of(const ConversationId& id);
  static void drop_waiting(Room& room);
  void weigh(Room& room);
  void forget(const ConversationId& id);

  void go_on(const std::shared_ptr<Room>& room);
  void begin_round(Room& room);
  void tell_slice(const std::shared_ptr<Room>& room);
  void tell_place(Room& room, LiveDevice& device);
  void end_round(Room& room);
  void later(const std::shared_ptr<Room>& room, void (Audiences::*step)(const std::shared_ptr<Room>&));
  Task<void> load(std::weak_ptr<Room> waiting, ConversationId id);

  const LiveDevices& live_;
  Scheduler& scheduler_;
  Source source_;
  std::size_t max_weight_;
  std::size_t weight_ = 0;
  Rooms rooms_;
  std::unordered_map<ConversationId, Rooms::iterator> by_id_;
  std::unique_ptr<domain::Bus::Subscription> subscription_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  TaskScope loads_;
};

}  // namespace kith::server::service
