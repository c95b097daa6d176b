#include "client/core/introductions.h"

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Introductions::follow(const Then& then) {
  if (group_) return read(then);
  const auto begin = [this, then](const ShownGroup* shown, const wire::Error* error) {
    if (shown == nullptr) return then(error);
    auto group = opened(*shown, chat_.id(), chat_.kind());
    if (!group || !chat_.knew(group->group, group->info.signer) || !chat_.wrong_with(group->group).empty())
      return then(nullptr);
    group_ = std::move(group->group);
    read_ = chat_.record().position;
    read(then);
  };
  GroupReader::ask(chat_.machine(), chat_.id(), {chat_.record().newest_epoch}, begin);
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
  const auto came = chat_.inbox.came_by(*group_, entries);
  chat_.remember_newcomers(*group_, came);
  const bool has_more = !entries.empty() && read_ < answer.head_seq;
  has_more ? read(then) : then(nullptr);
}

}  // namespace kith::client
