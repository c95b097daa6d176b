#include "load/lane.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace kith::load {
namespace {

constexpr std::size_t kNumberAt = 8;

std::int64_t ns_between(Clock::time_point a, Clock::time_point b) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(b - a).count();
}

}  // namespace

void LaneTotals::reset_figures() {
  delivered = acked = 0;
  ack.clear();
  delivery.clear();
}

Task<Result<void>> Lane::open(Address server, const Account& a, const Account& b, const ConversationId& conversation,
                              std::size_t text_bytes, Address from) {
  KITH_CO_TRY(const auto hello, co_await a_.open(server, from, a.access_token));
  KITH_CO_TRY([[maybe_unused]] const auto other, co_await b_.open(server, from, b.access_token));
  // As every client does on coming online.
  KITH_CO_TRY([[maybe_unused]] const auto synced_a, co_await a_.request_for<wire::SyncOk>(wire::Sync{}));
  KITH_CO_TRY([[maybe_unused]] const auto synced_b, co_await b_.request_for<wire::SyncOk>(wire::Sync{}));
  message_.emplace(conversation, hello.history_id, Epoch{1}, text_bytes);
  conversation_ = conversation;
  crypto::SystemEntropy().fill(client_id_.value);
  first_id_ = a_.take_id();
  co_return Result<void>{};
}

void Lane::start(std::size_t window, bool closed_loop) {
  KITH_CHECK(window <= kMaxWindow && is_quiet());
  window_ = window;
  closed_loop_ = closed_loop;
  running_ = true;
  due_.clear();
  if (closed_loop_) send_more(Clock::now());
}

void Lane::due(Clock::time_point when) {
  due_.push_back(when);
  if (under_way_ < window_) send_more(when);
}

void Lane::send_more(Clock::time_point now) {
  while (running_ && under_way_ < window_ && !slots_[next_number_ % kMaxWindow].used) {
    if (closed_loop_) {
      send(now);
    } else {
      if (due_.empty()) return;
      send(due_.front());
      due_.pop_front();
    }
  }
}

void Lane::send(Clock::time_point since) {
  const auto number = next_number_++;
  slots_[number % kMaxWindow] = {.since = since, .number = number, .used = true, .acked = false, .delivered = false};
  ++under_way_;
  std::memcpy(client_id_.value.data() + kNumberAt, &number, sizeof number);
  a_.send(message_->frame(first_id_ + static_cast<std::uint32_t>(number), client_id_));
}

Lane::Slot* Lane::find(std::uint64_t number) {
  Slot& slot = slots_[number % kMaxWindow];
  return slot.used && slot.number == number ? &slot : nullptr;
}

void Lane::on_frame(Session& session, const wire::Frame& frame) {
  if (&session == &a_) {
    if (frame.id != 0) on_ack(frame);
    return;
  }
  if (const auto* hint = std::get_if<wire::EntryHint>(&frame.body)) {
    on_hint(*hint);
  } else if (std::holds_alternative<wire::Resync>(frame.body) && totals_.trouble.empty()) {
    totals_.trouble = "the server dropped hints";
  }
}

void Lane::on_ack(const wire::Frame& frame) {
  Slot* slot = find(frame.id - first_id_);
  if (slot == nullptr || slot->acked) return;
  if (const auto* error = std::get_if<wire::Error>(&frame.body)) {
    ++totals_.refused;
    if (totals_.trouble.empty()) {
      totals_.trouble =
          "an append was refused: error " + std::to_string(std::to_underlying(error->code)) + " " + error->detail;
    }
    return;
  }
  const auto now = Clock::now();
  slot->acked = true;
  ++totals_.acked;
  if (totals_.measuring) totals_.ack.add(ns_between(slot->since, now));
  settle(*slot, now);
}

void Lane::on_hint(const wire::EntryHint& hint) {
  if (hint.conversation != conversation_) return;
  std::uint64_t number = 0;
  std::memcpy(&number, hint.entry.client_id.value.data() + kNumberAt, sizeof number);
  if (std::memcmp(hint.entry.client_id.value.data(), client_id_.value.data(), kNumberAt) != 0) return;
  Slot* slot = find(number);
  if (slot == nullptr || slot->delivered) return;
  const auto now = Clock::now();
  slot->delivered = true;
  ++totals_.delivered;
  if (totals_.measuring) totals_.delivery.add(ns_between(slot->since, now));
  settle(*slot, now);
}

void Lane::settle(Slot& slot, Clock::time_point now) {
  if (!slot.acked || !slot.delivered) return;
  slot.used = false;
  --under_way_;
  send_more(now);
}

void Lane::on_lost(Session&, const std::string& why) {
  if (totals_.trouble.empty()) totals_.trouble = "a connection was lost: " + why;
}

}  // namespace kith::load
