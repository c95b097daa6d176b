#include "client/core/introductions.h"

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Introductions::begin_anew() {
  group_.reset();
  came_.clear();
  known_.clear();
}

bool Introductions::know(const keys::DeviceCredential& who) const {
  const auto at = known_.find(who.user);
  return at != known_.end() && same_bytes(at->second, who.identity_key);
}

void Introductions::follow(const Then& then) {
  if (group_) return read(then);
  const std::uint64_t epoch = chat_.record().newest_epoch;
  const auto begin = [this, then, epoch](const ShownGroup* shown, const wire::Error* error) {
    if (shown == nullptr || chat_.record().membership != Membership::lost) return then(error);
    auto group = opened(*shown, chat_.id(), chat_.kind());
    // Of an epoch before it somebody could go on who is out since.
    if (!group || group->group.context().epoch != epoch || !chat_.knew(group->group, group->info.signer) ||
        !chat_.wrong_with(group->group).empty())
      return then(nullptr);
    group_ = std::move(group->group);
    read_ = chat_.record().position;
    read(then);
  };
  GroupReader::ask(chat_.machine(), chat_.id(), {epoch}, begin);
}

void Introductions::read(const Then& then) {
  chat_.machine().connection.request(
      wire::Read{.conversation = chat_.id(), .after_seq = read_}, [this, then](const wire::Body& body) {
        const auto* error = std::get_if<wire::Error>(&body);
        if (error != nullptr || !group_) return then(error);
        if (const auto* answer = std::get_if<wire::Entries>(&body)) return take(*answer, then);
        chat_.machine().connection.give_up("the server answered a read with something else");
      });
}

void Introductions::take(const wire::Entries& answer, const Then& then) {
  std::vector<LogEntry> entries;
  for (const wire::Entry& entry : answer.entries) {
    if (entry.seq != read_.next()) return chat_.machine().connection.give_up("the server left out entries of a log");
    read_ = entry.seq;
    entries.push_back(LogEntry::from(entry));
  }
  const bool holds = chat_.inbox.follow(*group_, entries, came_);
  note_who_stays();
  // The next try begins where this one did: by then the server may tell the truth.
  if (!holds) group_.reset();
  const bool has_more = holds && !entries.empty() && read_ < answer.head_seq;
  has_more ? read(then) : then(nullptr);
}

// No more than a group has room for. An identity that is another one than is pinned is nobody's.
void Introductions::note_who_stays() {
  known_.clear();
  for (const mls::Member& member : group_->members()) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (!who || !came_.contains(who->user)) continue;
    const ContactRecord* contact = chat_.machine().contacts.find(who->user);
    if (contact == nullptr || same_bytes(contact->identity_key, who->identity_key))
      known_.emplace(who->user, to_bytes(who->identity_key));
  }
  std::erase_if(came_, [&](const auto& item) { return !known_.contains(item.first); });
}

}  // namespace kith::client
