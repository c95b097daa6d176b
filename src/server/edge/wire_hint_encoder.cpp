#include "server/edge/wire_hint_encoder.h"

#include "server/edge/ws/translate.h"

namespace kith::server::edge {

domain::SharedBytes WireHintEncoder::entry(const ConversationId& conversation, const domain::Entry& entry) {
  return shared_message({.id = 0, .body = wire::EntryHint{.conversation = conversation, .entry = to_wire(entry)}});
}

domain::SharedBytes WireHintEncoder::mail(const domain::Mail& mail) {
  return shared_message({.id = 0, .body = wire::MailHint{.mail = to_wire(mail)}});
}

domain::SharedBytes WireHintEncoder::changes(const ConversationId& conversation) {
  return shared_message({.id = 0, .body = wire::ChangesHint{.conversation = conversation}});
}

domain::SharedBytes WireHintEncoder::cursor(const ConversationId& conversation, const domain::UserCursor& cursor) {
  return shared_message({.id = 0, .body = wire::CursorHint{.conversation = conversation, .cursor = to_wire(cursor)}});
}

domain::SharedBytes WireHintEncoder::archive(const domain::ArchiveBlock& block) {
  return shared_message({.id = 0, .body = wire::ArchiveHint{.block = to_wire(block)}});
}

domain::SharedBytes WireHintEncoder::cursors(const ConversationId& conversation,
                                             const std::vector<domain::UserCursor>& cursors) {
  return shared_message(
      {.id = 0, .body = wire::CursorsHint{.conversation = conversation, .cursors = to_wire(cursors)}});
}

}  // namespace kith::server::edge
