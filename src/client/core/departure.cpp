#include "client/core/departure.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"
#include "keys/leave_note.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::int64_t kLookForLeafMs = 10'000;
constexpr const char* kOut = "You are not in this group any more.";
}  // namespace

void Departure::leave(const Reply& reply) {
  if (reply_) return reply.failed("invalid_argument", "You are leaving already.");
  reply_ = reply;
  chat_.poke();
}

void Departure::log_is_told_of(Seq head) {
  ChatRecord& record = chat_.record();
  log_is_told_ = true;
  const std::int64_t now = chat_.machine().clock_ms();
  if (is_of_former_history()) {
    record.is_out_by_word = true;
    chat_.changed_quietly();
  }
  // The next entry is what it went by.
  const bool is_behind = !record.has_left && head > record.position.next();
  if (record.membership != Membership::out || (!record.is_out_by_word && !is_behind)) return;
  if (comes_back_ || (came_back_at_ != 0 && now < came_back_at_ + kMaxRetryMs)) return;
  came_back_at_ = now;
  comes_back_ = true;
  // An invitation is faster.
  look_at_ = record.is_out_by_word ? now : now + kLookForLeafMs;
  chat_.poke();
}

// It is the one behind what was read.
bool Departure::went_by(Seq place) const {
  return chat_.record().membership == Membership::out && place == chat_.record().position.next();
}

bool Departure::is_of_former_history() const {
  return chat_.record().membership == Membership::out && chat_.record().position.value > 0 && !chat_.is_in_history();
}

void Departure::may_have_been_told() {
  asks_ = true;
  chat_.poke();
}

void Departure::ask_whether_in() {
  Machine& machine = chat_.machine();
  if (chat_.record().membership != Membership::member) return void(asks_ = false);
  if (asking_ || chat_.log.has_work() || chat_.log.is_reading()) return;
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  asks_ = false;
  asking_ = true;
  machine.connection.request(wire::GetChanges{.conversation = chat_.id()}, [this](const wire::Body& body) {
    asking_ = false;
    const auto* error = std::get_if<wire::Error>(&body);
    if (error == nullptr || chat_.record().membership != Membership::member) return;
    if (error->code == wire::ErrorCode::not_member) return is_out(false);
    if (error->code != wire::ErrorCode::rate_limited && error->code != wire::ErrorCode::overloaded &&
        error->code != wire::ErrorCode::internal)
      return;
    asks_ = true;
    retry_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error->retry_after_ms, kRetryMs, kMaxRetryMs);
    chat_.wake(retry_at_);
  });
}

void Departure::come_back() {
  if (chat_.record().membership != Membership::out) return void(comes_back_ = false);
  // An invitation tells more.
  if (chat_.machine().mailbox.has_mail()) return chat_.wake(chat_.machine().clock_ms() + kRetryMs);
  if (chat_.machine().connection.free_slots() == 0) return chat_.wait_for_slot();
  comes_back_ = false;
  const ChatRecord& record = chat_.record();
  if (!record.is_out_by_word || !log_is_told_) return look_for_leaf();
  // A link led nowhere, and then somebody let this user in: nothing was lost.
  if (record.position.value == 0) {
    chat_.meet_history({});
    return chat_.become(Membership::lost);
  }
  // Whoever knows nobody there any more comes back only to a leaf of its own.
  if (record.group->roster.empty()) return look_for_leaf();
  chat_.lose("the server tells of it again");
}

void Departure::look_for_leaf() {
  GroupReader::ask(chat_.machine(), chat_.id(), {}, [this](const ShownGroup* shown, const wire::Error* error) {
    if (chat_.record().membership != Membership::out) return;
    if (shown == nullptr) {
      const bool is_out_there = error->code == wire::ErrorCode::not_member || error->code == wire::ErrorCode::not_found;
      if (is_out_there) chat_.meet_history(chat_.record().position);
      return;
    }
    const Account& account = chat_.machine().account;
    auto group = opened(*shown, chat_.id(), chat_.kind());
    if (group && group->has({account.user(), account.device()})) return chat_.come_in(*std::move(group));
    if (group) chat_.meet_history(chat_.record().position);
  });
}

void Departure::advance() {
  const Machine& machine = chat_.machine();
  if (is_of_former_history() && machine.connection.is_online() && !std::exchange(has_looked_, true) && !comes_back_) {
    comes_back_ = true;
    look_at_ = machine.clock_ms() + kLookForLeafMs;
  }
  if (comes_back_ && machine.connection.is_online()) {
    machine.clock_ms() < look_at_ ? chat_.wake(look_at_) : come_back();
  }
  if (asks_ && machine.connection.is_online()) ask_whether_in();
  if (!reply_ || busy_ || !machine.connection.is_online()) return;
  if (chat_.record().membership != Membership::member) {
    if (chat_.record().membership == Membership::out) std::exchange(reply_, {})->done({});
    return;
  }
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  // The note names the leaf as it is now: what is on its way may still change it.
  if (chat_.log.has_work() || chat_.group.pending() != nullptr) return;
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  const mls::Group& group = *chat_.group.get();
  keys::LeaveNote note{.group_id = group.public_group().context().group_id,
                       .user = machine.account.user(),
                       .device = machine.account.device(),
                       .encryption_key = group.public_group().member(group.own_leaf())->encryption_key};
  note.sign(machine.account.leaf_key());
  const Bytes bytes = note.encode();
  busy_ = true;
  chat_.machine().connection.request(wire::Leave{.conversation = chat_.id(), .note = bytes},
                                     [this](const wire::Body& body) { answered(body); });
}

void Departure::answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  if (!reply_) return;
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr || error->code == wire::ErrorCode::not_member) {
    has_left();
    return std::exchange(reply_, {})->done({});
  }
  switch (error->code) {
    case wire::ErrorCode::last_owner:
      return std::exchange(reply_, {})->failed("last_owner", "Hand the group over to somebody else before you leave.");
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      retry_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error->retry_after_ms, kRetryMs, kMaxRetryMs);
      return;
    default:
      return std::exchange(reply_, {})->failed("internal", "The server did not let you leave.");
  }
}

bool Departure::is_ours(ByteView leave_note) const {
  const auto note = keys::LeaveNote::decode(leave_note);
  const mls::Group* group = chat_.group.get();
  if (!note || group == nullptr || note->user != chat_.machine().account.user() ||
      !same_bytes(note->group_id, group->public_group().context().group_id))
    return false;
  return std::ranges::any_of(group->members(), [&](const mls::Member& member) {
    const auto who = chat_.group.who(member.leaf);
    return who && who->user == note->user && who->device == note->device &&
           member.encryption_key == note->encryption_key && note->verify(member.signature_key);
  });
}

void Departure::left_elsewhere() {
  if (chat_.record().membership == Membership::member) has_left();
}

// No entry says so that this device will ever read: the line stands where the next one would.
void Departure::has_left() {
  Machine& machine = chat_.machine();
  const UserId& self = machine.account.user();
  if (chat_.record().membership == Membership::out) return;
  chat_.show_line(chat_.record().position.next(), machine.now().value, machine.new_client_id(),
                  {.by = self, .changes = {{.kind = ChangeKind::left, .users = {self}}}});
  chat_.record().has_left = true;
  is_out(true);
}

void Departure::is_out(bool certain) {
  ChatRecord& record = chat_.record();
  if (!record.group || record.membership == Membership::out) return;
  if (record.group->joining) return chat_.joining.refused({"not_found", "This invite link leads to no group here."});
  chat_.remember_roster();
  record.group->invites.clear();
  if (certain) record.group->roster.clear();
  chat_.group.drop();
  record.is_out_by_word = !certain;
  record.head = record.position;
  record.gaps.clear();
  record.returns.clear();
  record.doubtful.clear();
  record.group->profile_due_ms = 0;
  record.group->members = 0;
  record.group->role = keys::Role::member;
  is_told_ = false;
  record.group->since.clear();
  if (certain) record.group->went.clear();
  chat_.members.dissolve();
  chat_.become(Membership::out);
  chat_.outbox.drop_archived();
  chat_.outbox.fail_all("not_member", kOut);
  chat_.group_changed();
}

}  // namespace kith::client
