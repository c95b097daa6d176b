#include "server/service/member_hints.h"

#include <algorithm>

namespace kith::server::service {

void MemberHints::tell_entry(const domain::ConversationState& before, const domain::Entry& entry,
                             const std::optional<Moves>& moves) {
  const domain::SharedBytes frame = ports_.hints.entry(before.id, entry);
  const std::size_t came = moves ? moves->came.size() : 0;
  if (before.members.size() + came > kMostByUser) {
    auto hint = std::make_unique<domain::ConversationMessage>(domain::ConversationMessage{
        .conversation = before.id, .epoch = entry.epoch, .frame = frame, .except = entry.sender});
    if (moves) {
      hint->ends_epoch = true;
      hint->came = moves->came;
      hint->gone = moves->gone;
    }
    return later({.user = {}, .hint = {}, .to_members = std::move(hint)});
  }
  std::vector<UserId> members;
  if (came > 0) std::ranges::set_union(before.members, moves->came, std::back_inserter(members));
  for (const UserId& member : came > 0 ? members : before.members) {
    domain::BusMessage hint{.frame = frame};
    if (member == entry.sender.user) hint.except = entry.sender.device;
    later({.user = member, .hint = std::move(hint), .to_members = {}});
  }
}

void MemberHints::tell_changes(const domain::ConversationState& before, const std::optional<domain::Caller>& by) {
  const domain::SharedBytes frame = ports_.hints.changes(before.id);
  if (before.members.size() > kMostByUser) {
    return ports_.bus.publish_to_members(
        {.conversation = before.id, .epoch = before.group.epoch, .frame = frame, .except = by});
  }
  for (const UserId& member : before.members) {
    if (!by || member != by->user) ports_.bus.publish(member, {.frame = frame});
  }
}

void MemberHints::tell_left(const domain::ConversationState& before, const domain::Caller& who) {
  if (before.members.size() > kMostByUser) {
    ports_.bus.publish_to_members({.conversation = before.id, .epoch = before.group.epoch, .gone = {who.user}});
  }
  tell_changes(before, who);
}

void MemberHints::later(Waiting hint) {
  waiting_.push_back(std::move(hint));
  if (waiting_.size() > 1) return;
  ports_.scheduler.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    for (auto& [user, one, to_members] : std::exchange(waiting_, {})) {
      if (to_members) {
        ports_.bus.publish_to_members(*std::move(to_members));
      } else {
        ports_.bus.publish(user, std::move(one));
      }
    }
  });
}

}  // namespace kith::server::service
