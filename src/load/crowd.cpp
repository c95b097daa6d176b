#include "load/crowd.h"

#include <cstring>
#include <utility>

#include "load/workers.h"
#include "ws/frame.h"

namespace kith::load {
namespace {

constexpr std::size_t kNumberAt = 8;  // in the client id; before it stands what this run drew

std::size_t size_of_hint(const ConversationId& conversation, std::size_t payload_bytes) {
  const Bytes payload(payload_bytes);
  wire::Entry entry{};
  entry.kind = wire::EntryKind::application;
  entry.payload = payload;
  const Bytes frame = wire::encode({.id = 0, .body = wire::EntryHint{.conversation = conversation, .entry = entry}});
  return ws::FrameHeader(ws::Opcode::binary, frame.size()).view().size() + frame.size();
}

std::int64_t ns_since(Clock::time_point then) { return std::chrono::nanoseconds(Clock::now() - then).count(); }

}  // namespace

Task<Result<void>> Crowd::open(const Population& population, const MadeGroup& group, std::size_t text_bytes,
                               std::size_t concurrency) {
  conversation_ = group.conversation;
  sessions_.resize(group.members);
  KITH_CO_TRY_VOID(co_await spread_work(reactor_, group.members, concurrency,
                                        [&](std::size_t index) { return open_one(population, index); }));
  KITH_CO_TRY(const auto synced, co_await sessions_[0]->request_for<wire::SyncOk>(wire::Sync{}));
  message_ = std::make_unique<AppendTemplate>(conversation_, std::get<wire::SyncOk>(synced.body).history_id,
                                              group.epoch, text_bytes);
  hint_bytes_ = size_of_hint(conversation_, message_->payload_bytes());
  crypto::SystemEntropy().fill(client_id_.value);
  first_id_ = sessions_[0]->take_id();
  co_return Result<void>{};
}

Task<Result<void>> Crowd::open_one(const Population& population, std::size_t index) {
  sessions_[index] = std::make_unique<Session>(reactor_, *this);
  const auto& account = population.account(index);
  KITH_CO_TRY(
      [[maybe_unused]] const auto hello,
      co_await sessions_[index]->open(population.server(), Address::loopback(index % 64), account.access_token));
  KITH_CO_TRY([[maybe_unused]] const auto synced, co_await sessions_[index]->request_for<wire::SyncOk>(wire::Sync{}));
  co_return Result<void>{};
}

void Crowd::start(std::size_t window) {
  window_ = window;
  while (under_way_.size() < window_) send(Clock::now());
}

void Crowd::send(Clock::time_point due) {
  const auto number = next_number_++;
  under_way_[number] = {.due = due, .missing = sessions_.size() - 1, .acked = false};
  std::memcpy(client_id_.value.data() + kNumberAt, &number, sizeof number);
  sessions_[0]->send(message_->frame(first_id_ + static_cast<std::uint32_t>(number), client_id_));
}

Task<void> Crowd::probe(Histogram& to, const bool& is_over) {
  while (!is_over) {
    const auto begin = Clock::now();
    if (!co_await sessions_.back()->request_for<wire::Pong>(wire::Ping{})) co_return;
    to.add(ns_since(begin));
    co_await reactor_.sleep_for(std::chrono::milliseconds(10));
  }
}

void Crowd::on_frame(Session& session, const wire::Frame& frame) {
  if (frame.id != 0) {
    if (&session == sessions_[0].get()) on_ack(frame);
  } else if (const auto* hint = std::get_if<wire::EntryHint>(&frame.body)) {
    on_hint(*hint);
  } else if (std::holds_alternative<wire::Resync>(frame.body)) {
    fail_with("the server dropped hints");
  }
}

void Crowd::on_ack(const wire::Frame& frame) {
  const auto message = under_way_.find(frame.id - first_id_);
  if (message == under_way_.end() || message->second.acked) return;
  if (const auto* error = std::get_if<wire::Error>(&frame.body)) {
    return fail_with("an append was refused: error " + std::to_string(std::to_underlying(error->code)) + " " +
                     error->detail);
  }
  message->second.acked = true;
  if (totals_.measuring) totals_.ack.add(ns_since(message->second.due));
  settle(message);
}

void Crowd::on_hint(const wire::EntryHint& hint) {
  if (hint.conversation != conversation_) return;
  const auto& id = hint.entry.client_id.value;
  if (std::memcmp(id.data(), client_id_.value.data(), kNumberAt) != 0) return;
  std::uint64_t number = 0;
  std::memcpy(&number, id.data() + kNumberAt, sizeof number);
  const auto message = under_way_.find(number);
  if (message == under_way_.end() || message->second.missing == 0) return;
  ++totals_.delivered;
  if (--message->second.missing > 0) return;
  if (totals_.measuring) totals_.last.add(ns_since(message->second.due));
  settle(message);
}

void Crowd::settle(std::map<std::uint64_t, UnderWay>::iterator message) {
  if (!message->second.acked || message->second.missing > 0) return;
  under_way_.erase(message);
  ++totals_.done;
  if (under_way_.size() < window_) send(Clock::now());
}

void Crowd::on_lost(Session&, const std::string& why) { fail_with("a connection was lost: " + why); }

}  // namespace kith::load
