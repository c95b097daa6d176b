// Rows and log records as bytes on disk: a version byte, then fields in order; numbers big-endian, byte strings with a
// 32-bit length. Golden bytes in the tests pin every one of them. New fields go to the end under a new version; an old
// version stays readable.
//
// Decoding answers nothing for bytes that are not such a record: the disk lied, or a newer server wrote it.
#pragma once

#include <optional>

#include "server/domain/archive.h"
#include "server/domain/conversation.h"
#include "server/domain/link.h"
#include "server/domain/pin.h"
#include "server/domain/refresh.h"
#include "server/domain/registration.h"

namespace kith::server::domain {

struct AccountRecord {
  Bytes sealed_name;
  Bytes identity_key;
  Bytes generation;
  UnixMillis created;
  RegistrationId registration;  // that it came from
  friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

struct DeviceRecord {
  Bytes sealed_name;
  Bytes credential;
  Bytes leaf_key;
  UnixMillis created;
  UnixMillis last_seen;  // to the hour
  friend bool operator==(const DeviceRecord&, const DeviceRecord&) = default;
};

struct KeyPackageRecord {
  std::uint64_t not_after_s = 0;
  Bytes message;        // MLSMessage
  HistoryId history{};  // of the store when it came
  friend bool operator==(const KeyPackageRecord&, const KeyPackageRecord&) = default;
};

Bytes encode(const AccountRecord& v);
Bytes encode(const DeviceRecord& v);
Bytes encode(const KeyPackageRecord& v);
Bytes encode(const RegistrationRecord& v);
Bytes encode(const RefreshRecord& v);
Bytes encode(const LinkRecord& v);
Bytes encode(const PinRecord& v);
Bytes encode(const ArchiveHead& v);
Bytes encode(const ArchiveBlock& v);  // without its seq, which whoever decodes it knows

template <class T>
std::optional<T> decode(ByteView in) = delete;
template <>
std::optional<AccountRecord> decode(ByteView in);
template <>
std::optional<DeviceRecord> decode(ByteView in);
template <>
std::optional<KeyPackageRecord> decode(ByteView in);
template <>
std::optional<RegistrationRecord> decode(ByteView in);
template <>
std::optional<RefreshRecord> decode(ByteView in);
template <>
std::optional<LinkRecord> decode(ByteView in);
template <>
std::optional<PinRecord> decode(ByteView in);
template <>
std::optional<ArchiveHead> decode(ByteView in);
template <>
std::optional<ArchiveBlock> decode(ByteView in);

// Bodies of log records. What the log itself knows (seq, time, client id) is not repeated in them. The payload of what
// comes out points into the record.
Bytes entry_body(const Caller& sender, EntryKind kind, Epoch epoch, ByteView payload);
std::optional<Entry> entry_of(Seq seq, UnixMillis time, const ClientId& client_id, ByteView body);
inline std::optional<Entry> entry_of(const LogRecord& record) {
  return entry_of(record.seq, record.time, record.client_id, record.body);
}

// Mail is written before the seq of the commit that it comes of is known: place_mail puts it in.
Bytes mail_body(MailKind kind, const ConversationId& conversation, const UserId& sender, ByteView payload);
// False where the bytes are no mail.
bool place_mail(Bytes& body, Seq conversation_seq);
std::optional<Mail> mail_of(const LogRecord& record);

// Outbox rows, for stores that keep bytes.
Bytes encode(const PendingOutbox& v);
template <>
std::optional<PendingOutbox> decode(ByteView in);

}  // namespace kith::server::domain
