// What logs hold, as plain values: an entry of a conversation and a piece of mail. Payloads are views into the record
// that they came from, which must outlive them.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/scheduler.h"

namespace kith::server::domain {

// The numbers are on disk and those of schema/wire.fbs.
enum class EntryKind : std::uint8_t {
  application = 1,
  commit = 2,
  silent = 3,  // as application, of what clients say to one another
};
enum class MailKind : std::uint8_t {
  welcome = 1,
  removed = 2,     // the user is not in the conversation any more
  declined = 3,    // the user asked to come in, and somebody said no
  generation = 4,  // of no conversation: the account's next generation, sealed for this device
};

// Who asks: the subject of an access token.
struct Caller {
  UserId user;
  DeviceId device;
  friend auto operator<=>(const Caller&, const Caller&) = default;
};

struct Entry {
  Seq seq{};
  UnixMillis time{};
  Caller sender{};
  ClientId client_id{};
  EntryKind kind{};
  Epoch epoch{};  // the epoch that the payload belongs to; for a commit the one it leaves
  ByteView payload{};
};

struct Mail {
  Seq seq{};
  UnixMillis time{};
  MailKind kind{};
  ConversationId conversation{};
  Seq conversation_seq{};  // of the commit that it came of; 0 where it came of none
  UserId sender{};
  ByteView payload{};
};

}  // namespace kith::server::domain
