#include "client/core/receipts.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kPaceMs = 1'000;
constexpr std::int64_t kIdlePaceMs = 5'000;
constexpr std::int64_t kLongestPaceMs = 60'000;
constexpr std::int64_t kRetryMs = 5'000;
constexpr std::int64_t kStrangerRetryMs = 60'000;
// A server writes cursors within about a second; what it confirmed this recently is told again after a break.
constexpr std::int64_t kDoubtMs = 5'000;
// People, as in docs/protocol.md: who are all hinted at receipts, and of whom it is told who it is.
constexpr std::uint32_t kMostHinted = 16;
constexpr std::uint32_t kMostTold = 256;
// The server may have forgotten that the user is in; it is not asked in vain all the time.
std::int64_t retry_after(const wire::Body& body) {
  const auto* error = std::get_if<wire::Error>(&body);
  return error != nullptr && error->code == wire::ErrorCode::not_member ? kStrangerRetryMs : kRetryMs;
}

}  // namespace

bool Receipts::has_news() const {
  const ChatRecord& chat = chat_.record();
  return chat.membership == Membership::member && (chat.position > chat.told_delivered || chat.read > chat.told_read);
}

void Receipts::position_moved() {
  peer_moved();
  read_elsewhere();
  put_off();
  chat_.poke();
}

void Receipts::read_up_to(Seq seq) {
  ChatRecord& chat = chat_.record();
  if (seq <= chat.read) return;
  chat.read = seq;
  put_off();
  chat_.changed();
  chat_.poke();
}

// ---- the others' ----

void Receipts::told(const std::vector<wire::Cursor>& cursors) {
  for (const wire::Cursor& cursor : cursors) learn(cursor);
  show_moved();
  is_whole_ = !is_counted();
  const auto own = std::ranges::find(cursors, chat_.machine().account.user(), &wire::Cursor::user);
  if (own == cursors.end()) return;
  // What the server has not kept is told again.
  ChatRecord& chat = chat_.record();
  if (own->delivered < chat.told_delivered) chat.told_delivered = own->delivered;
  if (own->read < chat.told_read) chat.told_read = own->read;
  chat_.poke();
}

void Receipts::hinted(const std::vector<wire::Cursor>& cursors) {
  for (const wire::Cursor& cursor : cursors) learn(cursor);
  show_moved();
  // What all have cannot be said from what some have: the rest is asked for.
  if (chat_.is_group() && !is_whole_ && !is_crowd()) is_hinted_in_part_ = true;
  chat_.poke();
}

void Receipts::learn(const wire::Cursor& cursor) {
  ChatRecord& chat = chat_.record();
  if (cursor.user == chat_.machine().account.user()) {
    // What another device of this account has read is read.
    if (cursor.read > chat.read_elsewhere) {
      chat.read_elsewhere = cursor.read;
      chat_.changed_quietly();
    }
    return read_elsewhere();
  }
  const Seq delivered = std::max(cursor.delivered, cursor.read);
  if (!chat_.is_group()) {
    if (cursor.user != chat.peer) return;
    is_moved_ |= delivered > peer_delivered_ || cursor.read > peer_read_;
    peer_delivered_ = std::max(peer_delivered_, delivered);
    peer_read_ = std::max(peer_read_, cursor.read);
    return peer_moved();
  }
  wire::Cursor& known = others_[cursor.user];
  if (delivered <= known.delivered && cursor.read <= known.read) return;
  known.delivered = std::max(known.delivered, delivered);
  known.read = std::max(known.read, cursor.read);
  is_moved_ = is_to_count_ = true;
  chat_.poke();
}

// What is not here yet is read when it comes.
void Receipts::read_elsewhere() {
  const ChatRecord& chat = chat_.record();
  const Seq read = std::min(chat.read_elsewhere, chat.position);
  if (read > chat.read) chat_.mark_read(read);
}

void Receipts::show_moved() {
  if (std::exchange(is_moved_, false))
    chat_.machine().show({{"type", "receipts_changed"}, {"conversation", chat_.id().text()}});
}

void Receipts::members_changed() {
  if (others_.empty()) return;
  is_to_count_ = true;
  chat_.poke();
}

void Receipts::clamp(Seq head) {
  others_.clear();
  is_whole_ = false;
  ChatRecord& chat = chat_.record();
  for (Seq* s : {&peer_delivered_, &peer_read_, &chat.read, &chat.read_elsewhere, &chat.told_delivered, &chat.told_read,
                 &chat.peer_delivered, &chat.peer_read}) {
    *s = std::min(*s, head);
  }
}

// What everybody has; who was not heard of has nothing. What was said before somebody came does not wait for them. In
// groups that are too large nobody counts.
void Receipts::count_others() {
  if (!is_to_count_ || chat_.group.get() == nullptr) return;
  is_to_count_ = false;
  const auto users = chat_.group.users();
  std::erase_if(others_, [&](const auto& other) { return !std::ranges::binary_search(users, other.first); });
  if (users.size() < 2 || users.size() > kMostTold) return;
  Seq delivered{~std::uint64_t{0}}, read = delivered;
  for (const UserId& user : users) {
    if (user == chat_.machine().account.user()) continue;
    const auto other = others_.find(user);
    const wire::Cursor has = other == others_.end() ? wire::Cursor{} : other->second;
    delivered = std::min(delivered, std::max(has.delivered, chat_.in_since(user)));
    read = std::min(read, std::max(has.read, chat_.in_since(user)));
  }
  // Of before this device came nothing is known but what the others say themselves.
  const Seq floor = chat_.record().group->floor;
  if (delivered > floor) peer_delivered_ = std::max(peer_delivered_, delivered);
  if (read > floor) peer_read_ = std::max(peer_read_, read);
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

// ---- this account's ----

bool Receipts::is_crowd() const { return chat_.is_group() && chat_.record().group->members > kMostHinted; }

std::int64_t Receipts::pace_ms() const {
  const std::int64_t least = chat_.machine().chats.is_active() ? kPaceMs : kIdlePaceMs;
  if (!is_crowd()) return least;
  return std::clamp(chat_.record().group->members * kPaceMs / kMostHinted, least, kLongestPaceMs);
}

// Not all of a crowd answer a message at once. Whoever has just connected does: it came by itself, and may soon be
// gone.
void Receipts::put_off() {
  Machine& machine = chat_.machine();
  if (is_put_off_ || !is_crowd() || machine.chats.is_settling()) return;
  is_put_off_ = true;
  const auto bound = static_cast<std::uint64_t>(pace_ms());
  next_at_ = std::max(next_at_, machine.clock_ms() + static_cast<std::int64_t>(machine.random_below(bound)));
}

void Receipts::advance() {
  count_others();
  if (!chat_.machine().connection.is_online()) return;
  ask();
  tell();
}

void Receipts::tell() {
  Machine& machine = chat_.machine();
  if (!has_news() || telling_) return;
  if (machine.clock_ms() < next_at_) return chat_.wake(next_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  const ChatRecord& chat = chat_.record();
  const Seq delivered = chat.position;
  const Seq read = chat.read;
  telling_ = true;
  is_put_off_ = false;
  next_at_ = machine.clock_ms() + pace_ms();
  machine.connection.request(wire::SetCursor{.conversation = chat_.id(), .delivered = delivered, .read = read},
                             [this, delivered, read](const wire::Body& body) {
                               telling_ = false;
                               chat_.poke();
                               if (!std::holds_alternative<wire::Ok>(body)) {
                                 next_at_ = chat_.machine().clock_ms() + retry_after(body);
                                 return;
                               }
                               chat_.record().told_delivered = std::max(chat_.record().told_delivered, delivered);
                               chat_.record().told_read = std::max(chat_.record().told_read, read);
                               confirmed_at_ = chat_.machine().clock_ms();
                             });
}

// ---- who has what ----

bool Receipts::is_counted() const { return chat_.is_group() && chat_.record().group->members > kMostTold; }

bool Receipts::wants_watch() const {
  const Chats& chats = chat_.machine().chats;
  return chat_.is_group() && !is_counted() && chat_.record().membership == Membership::member &&
         chats.is_open(chat_.id()) && chats.is_active();
}

bool Receipts::knows_all() const { return is_whole_ && (is_watched_ || !is_crowd()); }

void Receipts::list(const Reply& reply, Seq message) {
  if (!chat_.is_group()) return reply.done(lists(message));
  if (chat_.record().membership == Membership::out)
    return reply.failed("not_member", "You are not in this group any more.");
  if (chat_.group.get() == nullptr) return reply.failed("offline", "This device is still coming into the group.");
  if (knows_all()) return reply.done(lists(message));
  if (!chat_.machine().connection.is_online()) return reply.failed("offline", "There is no connection to the server.");
  asked_.push_back({reply, message});
  chat_.poke();
}

void Receipts::ask() {
  Machine& machine = chat_.machine();
  // Nobody is told who is out, who need not take the watch back.
  if (chat_.record().membership != Membership::member) is_watched_ = is_hinted_in_part_ = false;
  const bool watch = wants_watch();
  const bool is_wanted = watch != is_watched_ || is_hinted_in_part_ || !asked_.empty();
  if (asking_ || !is_wanted) return;
  if (machine.clock_ms() < ask_at_) return chat_.wake(ask_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  asking_ = true;
  const Seq message = asked_.empty() ? Seq{} : asked_.front().message;
  machine.connection.request(wire::GetReceipts{.conversation = chat_.id(), .watch = watch, .seq = message},
                             [this, watch, message](const wire::Body& body) { answered(body, watch, message); });
}

void Receipts::answered(const wire::Body& body, bool watch, Seq message) {
  asking_ = false;
  chat_.poke();
  if (const auto* error = std::get_if<wire::Error>(&body)) {
    ask_at_ = chat_.machine().clock_ms() + std::max<std::int64_t>(error->retry_after_ms, retry_after(body));
    for (const Asked& asked : std::exchange(asked_, {})) {
      if (error->code == wire::ErrorCode::rate_limited)
        asked.reply.failed("rate_limited", "This was asked too often.");
      else if (error->code == wire::ErrorCode::overloaded || error->code == wire::ErrorCode::internal)
        asked.reply.failed("overloaded", "The server is busy. Try again in a moment.");
      else
        asked.reply.failed("not_found", "The server does not tell who has this message.");
    }
    return;
  }
  const auto* receipts = std::get_if<wire::Receipts>(&body);
  if (receipts == nullptr)
    return chat_.machine().connection.give_up("the server answered receipts with something else");
  is_watched_ = watch;
  is_hinted_in_part_ = false;
  if (!receipts->counted) told(receipts->cursors);
  for (const Asked& asked : std::exchange(asked_, {})) {
    if (!receipts->counted) {
      asked.reply.done(lists(asked.message));
    } else if (asked.message != message) {
      asked_.push_back(asked);
    } else {
      asked.reply.done({{"of", receipts->of},
                        {"delivered_count", std::max(receipts->delivered, receipts->read)},
                        {"read_count", receipts->read}});
    }
  }
}

// Each of the others who were in when the message was sent, and are still.
Json Receipts::lists(Seq message) const {
  Json read = Json::array(), delivered = Json::array(), waiting = Json::array();
  const auto list = [&](const UserId& user, Seq has_delivered, Seq has_read) {
    Json& to = has_read >= message ? read : has_delivered >= message ? delivered : waiting;
    to.push_back(user.text());
  };
  const ChatRecord& chat = chat_.record();
  if (!chat_.is_group()) {
    list(chat.peer, chat.peer_delivered, chat.peer_read);
  } else if (chat_.group.get() != nullptr) {
    for (const UserId& user : chat_.group.users()) {
      if (user == chat_.machine().account.user() || chat_.in_since(user) >= message) continue;
      const auto other = others_.find(user);
      const wire::Cursor has = other == others_.end() ? wire::Cursor{} : other->second;
      list(user, has.delivered, has.read);
    }
  }
  return {{"read", std::move(read)}, {"delivered", std::move(delivered)}, {"waiting", std::move(waiting)}};
}

void Receipts::disconnected() {
  telling_ = asking_ = is_put_off_ = false;
  is_whole_ = is_watched_ = is_hinted_in_part_ = false;
  next_at_ = ask_at_ = 0;
  for (const Asked& asked : std::exchange(asked_, {}))
    asked.reply.failed("offline", "The connection to the server broke.");
  if (confirmed_at_ != 0 && chat_.machine().clock_ms() - confirmed_at_ < kDoubtMs) {
    chat_.record().told_delivered = {};
    chat_.record().told_read = {};
  }
}

}  // namespace kith::client
