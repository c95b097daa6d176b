#include "client/core/receipts.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kPaceMs = 1'000;
constexpr std::int64_t kIdlePaceMs = 5'000;
constexpr std::int64_t kRetryMs = 5'000;
// A server writes cursors within about a second; what it confirmed this recently is told again after a break.
constexpr std::int64_t kDoubtMs = 5'000;
}  // namespace

bool Receipts::has_news() const {
  const ChatRecord& chat = chat_.record();
  return chat.membership == Membership::member && (chat.position > chat.told_delivered || chat.read > chat.told_read);
}

void Receipts::position_moved() {
  peer_moved();
  chat_.poke();
}

void Receipts::read_up_to(Seq seq) {
  ChatRecord& chat = chat_.record();
  if (seq <= chat.read) return;
  chat.read = seq;
  chat_.changed();
  chat_.poke();
}

void Receipts::told(const wire::Cursor& cursor) {
  ChatRecord& chat = chat_.record();
  if (chat_.is_group() && cursor.user != chat_.machine().account.user()) {
    wire::Cursor& known = others_[cursor.user];
    known.delivered = std::max({known.delivered, cursor.delivered, cursor.read});
    known.read = std::max(known.read, cursor.read);
    is_to_count_ = true;
    return chat_.poke();
  }
  if (!chat_.is_group() && cursor.user == chat.peer) {
    peer_delivered_ = std::max({peer_delivered_, cursor.delivered, cursor.read});
    peer_read_ = std::max(peer_read_, cursor.read);
    peer_moved();
  } else if (cursor.user == chat_.machine().account.user()) {
    // What another device of this account has read is read. What the server has not kept is told again.
    const Seq read = std::min(cursor.read, chat.position);
    if (read > chat.read) chat_.mark_read(read);
    if (cursor.delivered < chat.told_delivered) chat.told_delivered = cursor.delivered;
    if (cursor.read < chat.told_read) chat.told_read = cursor.read;
    chat_.poke();
  }
}

void Receipts::members_changed() {
  if (others_.empty()) return;
  is_to_count_ = true;
  chat_.poke();
}

// What everybody has; who was not heard of has nothing. In groups that are too large nobody counts.
void Receipts::count_others() {
  if (!is_to_count_ || chat_.group.get() == nullptr) return;
  is_to_count_ = false;
  const auto users = chat_.group.users();
  std::erase_if(others_, [&](const auto& other) { return !std::ranges::binary_search(users, other.first); });
  if (users.size() < 2 || users.size() > kMostCounted || others_.size() + 1 < users.size()) return;
  const auto least = [&](Seq wire::Cursor::* of) {
    return std::ranges::min_element(others_, {}, [&](const auto& other) { return other.second.*of; })->second.*of;
  };
  peer_delivered_ = std::max(peer_delivered_, least(&wire::Cursor::delivered));
  peer_read_ = std::max(peer_read_, least(&wire::Cursor::read));
  peer_moved();
}

void Receipts::peer_moved() {
  ChatRecord& chat = chat_.record();
  // Nobody has received what is not in the log: a claim waits until the log is there.
  const Seq delivered = std::max(chat.peer_delivered, std::min(peer_delivered_, chat.position));
  const Seq read = std::max(chat.peer_read, std::min(peer_read_, chat.position));
  if (delivered == chat.peer_delivered && read == chat.peer_read) return;
  chat.peer_delivered = delivered;
  chat.peer_read = read;
  chat_.receipts_moved();
  chat_.changed_quietly();
}

void Receipts::advance() {
  Machine& machine = chat_.machine();
  count_others();
  if (!has_news() || telling_ || !machine.connection.is_online()) return;
  if (machine.clock_ms() < next_at_) return chat_.wake(next_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  const ChatRecord& chat = chat_.record();
  const Seq delivered = chat.position;
  const Seq read = chat.read;
  telling_ = true;
  next_at_ = machine.clock_ms() + (machine.chats.is_active() ? kPaceMs : kIdlePaceMs);
  machine.connection.request(wire::SetCursor{.conversation = chat_.id(), .delivered = delivered, .read = read},
                             [this, delivered, read](const wire::Body& body) {
                               telling_ = false;
                               chat_.poke();
                               if (!std::holds_alternative<wire::Ok>(body)) {
                                 next_at_ = chat_.machine().clock_ms() + kRetryMs;
                                 return;
                               }
                               chat_.record().told_delivered = std::max(chat_.record().told_delivered, delivered);
                               chat_.record().told_read = std::max(chat_.record().told_read, read);
                               confirmed_at_ = chat_.machine().clock_ms();
                             });
}

void Receipts::disconnected() {
  telling_ = false;
  if (confirmed_at_ != 0 && chat_.machine().clock_ms() - confirmed_at_ < kDoubtMs) {
    chat_.record().told_delivered = {};
    chat_.record().told_read = {};
  }
}

}  // namespace kith::client
