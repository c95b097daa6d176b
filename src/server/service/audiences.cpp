#include "server/service/audiences.h"

#include <algorithm>

namespace kith::server::service {
namespace {

std::size_t bytes_of(const domain::ConversationMessage& message) {
  return (message.frame ? message.frame->size() : 0) + (message.came.size() + message.gone.size()) * sizeof(UserId);
}

bool tells(const domain::ConversationMessage& message, const domain::Caller& to) {
  return message.frame != nullptr && (!message.except || *message.except != to);
}

bool has_moves(const domain::ConversationMessage& message) {
  return message.ends_epoch || !message.came.empty() || !message.gone.empty();
}

}  // namespace

Audiences::Audiences(domain::Bus& bus, Scheduler& scheduler, const LiveDevices& live, Source source,
                     std::size_t max_weight)
    : live_(live),
      scheduler_(scheduler),
      source_(std::move(source)),
      max_weight_(max_weight),
      subscription_(
          bus.subscribe_conversations([this](const domain::ConversationMessage& message) { take(message); })) {}

void Audiences::take(const domain::ConversationMessage& message) {
  if (message.kind == domain::BusMessageKind::lost) {
    // Who came and went may be among it. All devices are told on their own.
    rooms_.clear();
    by_id_.clear();
    weight_ = 0;
    return;
  }
  if (live_.size() == 0) return forget(message.conversation);
  const auto room = room_of(message.conversation);
  room->waiting.push_back(message);
  room->waiting_bytes += bytes_of(message);
  if (room->waiting_bytes > kMaxWaitingBytes) drop_waiting(*room);
  if (!room->is_busy) go_on(room);
}

// All that is not being told. Who came and went is still to be known.
void Audiences::drop_waiting(Room& room) {
  for (std::size_t i = room.round; i < room.waiting.size(); ++i) {
    auto& message = room.waiting[i];
    room.waiting_bytes -= message.frame ? message.frame->size() : 0;
    message.frame.reset();
  }
  room.is_lost = true;
}

std::shared_ptr<Audiences::Room> Audiences::room_of(const ConversationId& id) {
  const auto known = by_id_.find(id);
  if (known != by_id_.end()) {
    rooms_.splice(rooms_.begin(), rooms_, known->second);
  } else {
    rooms_.push_front(std::make_shared<Room>());
    rooms_.front()->id = id;
    by_id_.emplace(id, rooms_.begin());
  }
  return rooms_.front();
}

void Audiences::forget(const ConversationId& id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  weight_ -= (*known->second)->weight;
  rooms_.erase(known->second);
  by_id_.erase(known);
}

// Whatever waits in a room that is forgotten is told to nobody, as if the bus had lost it: so those that are busy stay.
void Audiences::weigh(Room& room) {
  weight_ += room.audience->weight() - std::exchange(room.weight, room.audience->weight());
  for (auto last = rooms_.end(); weight_ > max_weight_ && last != rooms_.begin();) {
    --last;
    if ((*last)->is_busy) continue;
    const ConversationId id = (*last)->id;
    ++last;
    forget(id);
  }
}

void Audiences::go_on(const std::shared_ptr<Room>& room) {
  room->is_busy = !room->waiting.empty();
  if (!room->is_busy) return;
  if (!room->audience || room->audience->is_outdated_by(room->waiting.front())) {
    loads_.spawn(load(room, room->id));
  } else {
    begin_round(*room);
    tell_slice(room);
  }
}

Task<void> Audiences::load(std::weak_ptr<Room> waiting, ConversationId id) {
  const auto state = co_await source_.load(id);
  const auto room = waiting.lock();
  if (!room) co_return;
  const bool is_there = state && *state && (*state)->group.epoch >= room->waiting.front().epoch;
  if (is_there) {
    room->audience = std::make_unique<Audience>(live_, *state);
    weigh(*room);
  } else {
    // The store has failed. Those who heard the last message look for themselves; the others do so before long.
    if (room->audience) {
      for (const auto place : room->audience->places()) {
        if (LiveDevice* device = live_.at(place)) device->hear({.kind = domain::BusMessageKind::lost});
      }
    }
    room->waiting.clear();
    room->waiting_bytes = 0;
  }
  later(room, &Audiences::go_on);
}

// Up to the first message at whose end somebody comes or goes. One that is late goes alone.
void Audiences::begin_round(Room& room) {
  room.audience->catch_up(source_.cached(room.id));
  room.tells_lost = std::exchange(room.is_lost, false);
  room.next = 0;
  room.round = 1;
  const auto& front = room.waiting.front();
  if (!room.audience->is_for_places(front) && !room.tells_lost) room.next = room.audience->places().size();
  if (!room.audience->is_present(front) || has_moves(front)) return;
  for (std::size_t bytes = bytes_of(front); room.round < room.waiting.size(); ++room.round) {
    const auto& message = room.waiting[room.round];
    bytes += bytes_of(message);
    if (!room.audience->is_present(message) || bytes > kMaxRoundBytes) return;
    if (!has_moves(message)) continue;
    ++room.round;
    return;
  }
}

void Audiences::tell_slice(const std::shared_ptr<Room>& room) {
  auto& places = room->audience->places();
  for (std::size_t told = 0; told < kSlice && room->next < places.size(); ++told) {
    LiveDevice* device = live_.at(places[room->next]);
    if (device == nullptr) {
      places[room->next] = places.back();
      places.pop_back();
    } else {
      tell_place(*room, *device);
      ++room->next;
    }
  }
  if (room->next < places.size()) return later(room, &Audiences::tell_slice);
  end_round(*room);
  if (room->waiting.empty()) {
    room->is_busy = false;
  } else {
    later(room, &Audiences::go_on);
  }
}

void Audiences::tell_place(Room& room, LiveDevice& device) {
  if (room.tells_lost) return device.hear({.kind = domain::BusMessageKind::lost});
  for (std::size_t i = 0; i < room.round; ++i) {
    const auto& message = room.waiting[i];
    if (tells(message, device.caller()) && room.audience->hears(message, device.caller().user))
      device.hear({.frame = message.frame});
  }
}

void Audiences::end_round(Room& room) {
  const auto& last = room.waiting[room.round - 1];
  for (const auto place : room.audience->conclude(last)) {
    LiveDevice* device = live_.at(place);
    if (device != nullptr && tells(last, device->caller())) device->hear({.frame = last.frame});
  }
  for (; room.round > 0; --room.round) {
    room.waiting_bytes -= bytes_of(room.waiting.front());
    room.waiting.pop_front();
  }
}

void Audiences::later(const std::shared_ptr<Room>& room, void (Audiences::*step)(const std::shared_ptr<Room>&)) {
  scheduler_.post([this, step, waiting = std::weak_ptr(room), alive = std::weak_ptr(alive_)] {
    const auto still = waiting.lock();
    if (still && !alive.expired()) (this->*step)(still);
  });
}

}  // namespace kith::server::service
