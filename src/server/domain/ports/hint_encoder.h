// The HintEncoder port: turns a hint into the bytes that sockets send, once for all recipients. The domain never sees
// the wire; the edge implements this.
#pragma once

#include "server/domain/archive.h"
#include "server/domain/entry.h"
#include "server/domain/ports/bus.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

class HintEncoder {
 public:
  virtual ~HintEncoder() = default;
  virtual SharedBytes entry(const ConversationId& conversation, const Entry& entry) = 0;
  virtual SharedBytes mail(const Mail& mail) = 0;
  virtual SharedBytes changes(const ConversationId& conversation) = 0;  // of its members' devices
  virtual SharedBytes cursor(const ConversationId& conversation, const UserCursor& cursor) = 0;  // of a direct one
  virtual SharedBytes archive(const ArchiveBlock& block) = 0;  // without its payload where that is too large for a hint
  virtual SharedBytes cursors(const ConversationId& conversation, const std::vector<UserCursor>& cursors) = 0;
};

}  // namespace kith::server::domain
