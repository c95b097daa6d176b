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
