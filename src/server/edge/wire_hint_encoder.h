// The HintEncoder port: a hint as one whole WebSocket message (header and Frame), so that every recipient's socket
// sends the same bytes as they are. Stateless.
#pragma once

#include "server/domain/ports/hint_encoder.h"

namespace kith::server::edge {

class WireHintEncoder final : public domain::HintEncoder {
 public:
  domain::SharedBytes entry(const ConversationId& conversation, const domain::Entry& entry) override;
  domain::SharedBytes mail(const domain::Mail& mail) override;
  domain::SharedBytes changes(const ConversationId& conversation) override;
  domain::SharedBytes cursor(const ConversationId& conversation, const domain::UserCursor& cursor) override;
  domain::SharedBytes archive(const domain::ArchiveBlock& block) override;
  domain::SharedBytes cursors(const ConversationId& conversation,
                              const std::vector<domain::UserCursor>& cursors) override;
};

}  // namespace kith::server::edge
