// One entry of a conversation's log, as the server says it is: nothing about it is verified yet.
#pragma once

#include "keys/conversation.h"
#include "wire/frame.h"

namespace kith::client {

struct LogEntry {
  keys::EntryFacts facts;
  Bytes payload;

  [[nodiscard]] wire::EntryKind kind() const { return static_cast<wire::EntryKind>(facts.kind); }
  static LogEntry from(const wire::Entry& e) {
    return {{.seq = e.seq,
             .time_ms = static_cast<std::uint64_t>(e.time_ms),
             .sender_user = e.sender_user,
             .sender_device = e.sender_device,
             .client_id = e.client_id,
             .kind = static_cast<std::uint8_t>(e.kind),
             .epoch = e.epoch},
            to_bytes(e.payload)};
  }
};

}  // namespace kith::client
