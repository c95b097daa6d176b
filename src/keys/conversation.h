// Ids of conversations and what binds a conversation's log: the running hash and the authenticated data of every
// message.
#pragma once

#include "base/ids.h"
#include "keys/result.h"

namespace kith::keys {

// The direct conversation of two users: SHA-256("kith direct v1" || smaller id || larger id). Nobody can create it
// twice.
[[nodiscard]] ConversationId direct_conversation(const UserId& a, const UserId& b);
// A group that this user creates, whose first commit has this client id: SHA-256("kith group conversation v1" || user
// || client id). Nobody can take the place of another conversation.
[[nodiscard]] ConversationId group_conversation(const UserId& creator, const ClientId& first_commit);
// The MLS group_id of a conversation's incarnation: SHA-256("kith group v1" || conversation || incarnation as uint32),
// 32 bytes.
[[nodiscard]] Bytes group_id(const ConversationId& conversation, std::uint32_t incarnation);

using LogHash = std::array<std::uint8_t, 32>;

// What the log says of an entry.
struct EntryFacts {
  Seq seq;
  std::uint64_t time_ms = 0;
  UserId sender_user;
  DeviceId sender_device;
  ClientId client_id;
  std::uint8_t kind = 0;
  Epoch epoch;
};
// The log's hash before its first entry.
inline constexpr LogHash kEmptyLog{};
// h_n = SHA-256(h_(n-1) || seq || time_ms || sender_user || sender_device || client_id || kind || epoch ||
// SHA-256(payload)), numbers as uint64 big-endian, kind as one byte.
[[nodiscard]] LogHash next_log_hash(const LogHash& before, const EntryFacts& entry, ByteView payload);
// The same in two steps: what of an entry goes into the hash behind h_(n-1), and the hash from that.
[[nodiscard]] Bytes log_step(const EntryFacts& entry, ByteView payload);
[[nodiscard]] LogHash next_log_hash(const LogHash& before, ByteView step);

// The MLS authenticated_data of every message: what it is, where it belongs, and the log that its sender saw.
struct AuthenticatedData {
  static constexpr std::uint8_t kVersion = 1;
  ConversationId conversation;
  HistoryId history_id;
  ClientId client_id;
  std::uint8_t kind = 0;
  Seq last_seq;
  LogHash last_hash{};
  Bytes extra;  // per kind, empty by default: e.g. the device list that a commit follows

  [[nodiscard]] Bytes encode() const;
  static Result<AuthenticatedData> decode(ByteView in);
  friend bool operator==(const AuthenticatedData&, const AuthenticatedData&) = default;
};

}  // namespace kith::keys
