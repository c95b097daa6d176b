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

}  // namespace kith::server::edge
