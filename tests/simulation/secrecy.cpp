#include "tests/simulation/secrecy.h"

#include <algorithm>

namespace kith::sim {

Secrecy::Secrecy(World& world) : world_(world) {
  world_.trace.listen(this, [this](std::int64_t, Trace::What what, std::string_view who, ByteView bytes) {
    listen(what, std::string(who), bytes);
  });
}

Secrecy::~Secrecy() { world_.trace.listen(this, {}); }

void Secrecy::listen(Trace::What what, const std::string& who, ByteView bytes) {
  if (what != Trace::What::to_server && what != Trace::What::to_client) return;
  const auto frame = wire::decode(bytes);
  if (!frame) return;
  if (const auto* read = std::get_if<wire::Read>(&frame->body)) {
    reads_.insert_or_assign({who, frame->id}, read->conversation);
  } else if (const auto* hint = std::get_if<wire::EntryHint>(&frame->body)) {
    shown(who, hint->conversation, hint->entry);
  } else if (const auto* entries = std::get_if<wire::Entries>(&frame->body)) {
    const auto read_by = reads_.extract({who, frame->id});
    for (const wire::Entry& entry : entries->entries) {
      if (!read_by.empty()) shown(who, read_by.mapped(), entry);
    }
  }
}

// Of a store that goes back epochs begin anew, and are not those that were known.
void Secrecy::shown(const std::string& who, const ConversationId& conversation, const wire::Entry& entry) {
  const LoggedConversation* logged = world_.truth.conversation(conversation.text());
  if (world_.restores > 0 || logged == nullptr || entry.kind == wire::EntryKind::commit) return;
  const auto devices = world_.people.devices();
  const auto device = std::ranges::find(devices, who, [](const Device* one) { return one->client.name; });
  const auto user = device == devices.end() ? std::nullopt : UserId::from_text((*device)->person.user());
  if (!user || logged->users_in(entry.epoch).contains(*user)) return;
  told_.insert(who + " was shown entry " + std::to_string(entry.seq.value) + " of " + conversation.text().substr(0, 6) +
               ", in which it was not then");
}

void Secrecy::check() const {
  for (const std::string& what : told_) world_.fail(what);
}

}  // namespace kith::sim
