// What is inside a block of an account's archive (schema/archive.fbs), as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "wire/frame.h"

namespace kith::wire {

struct ArchivedChange {
  std::uint8_t kind = 0;
  std::vector<UserId> users{};
  std::uint8_t value = 0;
  std::string text{};
  friend bool operator==(const ArchivedChange&, const ArchivedChange&) = default;
};

struct ArchivedMessage {
  ClientId client_id;
  Seq seq;
  UserId sender;
  std::int64_t sent_ms = 0;
  std::int64_t time_ms = 0;
  Bytes content{};  // padded, as encode_padded() gives it; empty: a line
  Seq first_seq{};  // of what came again; 0: it did not, or something else is known to be at that place
  std::optional<ClientId> first_id{};     // of what came again
  std::vector<ArchivedChange> changes{};  // of a line
  friend bool operator==(const ArchivedMessage&, const ArchivedMessage&) = default;
};

struct ArchivedSpan {
  ConversationId conversation;
  HistoryId history;
  Seq from;
  Seq to;
  std::optional<UserId> peer{};  // absent: a group
  std::string name{};
  std::vector<ArchivedMessage> messages{};  // in order, within from and to
  friend bool operator==(const ArchivedSpan&, const ArchivedSpan&) = default;
};

struct ArchivedChat {
  ConversationId conversation;
  std::int64_t at_ms = 0;
  std::int64_t muted_until_ms = 0;
  std::uint8_t alerts = 0;
  bool is_pinned = false;
  bool is_put_away = false;
  std::optional<UserId> peer{};
  friend bool operator==(const ArchivedChat&, const ArchivedChat&) = default;
};

struct ArchivedPerson {
  static constexpr std::size_t kIdentityBytes = 32;
  UserId user;
  Bytes identity_key{};
  bool is_verified = false;
  std::string name{};
  std::string address{};
  std::int64_t at_ms = 0;
  friend bool operator==(const ArchivedPerson&, const ArchivedPerson&) = default;
};

struct ArchivedAccount {
  std::int64_t at_ms = 0;
  bool is_on = true;
  friend bool operator==(const ArchivedAccount&, const ArchivedAccount&) = default;
};

struct FormerKey {
  static constexpr std::size_t kKeyBytes = 32;
  std::uint32_t generation = 0;
  SecretBytes archive_key{};
  friend bool operator==(const FormerKey&, const FormerKey&) = default;
};

struct ArchiveContent {
  std::vector<ArchivedSpan> spans{};
  std::vector<ArchivedChat> chats{};
  std::vector<ArchivedPerson> people{};
  std::optional<ArchivedAccount> account{};
  std::optional<FormerKey> former{};
  bool can_be_erased = false;
  [[nodiscard]] bool empty() const { return spans.empty() && chats.empty() && people.empty() && !account && !former; }
  friend bool operator==(const ArchiveContent&, const ArchiveContent&) = default;
};

[[nodiscard]] SecretBytes encode_archive(const ArchiveContent& content);

// Errors: malformed (not such a buffer, ids of another size, spans that end before they begin, messages that are not in
// order within their span, names that are not UTF-8).
[[nodiscard]] Result<ArchiveContent> decode_archive(ByteView content);

}  // namespace kith::wire
