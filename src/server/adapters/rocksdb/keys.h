// Where things stand in the database. Numbers are big-endian, so that order of bytes is order of numbers.
//
//   meta      name                              -> see Database
//   rows      partition | row kind | row id     -> version, value
//   rows      partition | 0 | log name          -> LogEntry: the log's number, what was trimmed
//   archive   as rows, for those of the kind archive_block
//   logs      log number | seq                  -> time, change, client id, body
//   clients   log number | client id            -> seq, time
//   cursors   conversation | user               -> delivered, read, change
//   outbox    number                            -> domain::encode(PendingOutbox)
//
// A partition is written as kind, length, id, so that none is the beginning of another.
#pragma once

#include <cstring>
#include <optional>
#include <string>

#include <rocksdb/slice.h>

#include "server/domain/ports/store.h"

namespace kith::server::adapters {

inline rocksdb::Slice slice_of(ByteView v) { return {reinterpret_cast<const char*>(v.data()), v.size()}; }
inline ByteView view_of(const rocksdb::Slice& s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }

inline void store_number(char* at, std::uint64_t v) {
  v = __builtin_bswap64(v);
  std::memcpy(at, &v, sizeof v);
}
inline std::uint64_t load_number(const char* at) {
  std::uint64_t v = 0;
  std::memcpy(&v, at, sizeof v);
  return __builtin_bswap64(v);
}

// A key of bounded size, built on the stack.
template <std::size_t kCapacity>
class KeyOf {
 public:
  KeyOf& byte(std::uint8_t v) {
    bytes_[size_++] = static_cast<char>(v);
    return *this;
  }
  KeyOf& number(std::uint64_t v) {
    store_number(bytes_ + size_, v);
    size_ += sizeof v;
    return *this;
  }
  KeyOf& raw(ByteView v) {
    if (!v.empty()) std::memcpy(bytes_ + size_, v.data(), v.size());
    size_ += v.size();
    return *this;
  }
  [[nodiscard]] rocksdb::Slice slice() const { return {bytes_, size_}; }
  [[nodiscard]] std::string_view text() const { return {bytes_, size_}; }

 private:
  char bytes_[kCapacity];
  std::size_t size_ = 0;
};

inline constexpr std::size_t kMaxPartitionBytes = 32;
inline constexpr std::size_t kMaxRowIdBytes = 64;
inline constexpr std::uint8_t kLogRow = 0;  // beside the row kinds, which begin at 1

using PartitionKey = KeyOf<2 + kMaxPartitionBytes>;
using RowsKey = KeyOf<2 + kMaxPartitionBytes + 1 + kMaxRowIdBytes>;
using LogsKey = KeyOf<16>;
using ClientsKey = KeyOf<24>;
using CursorsKey = KeyOf<48>;
using NumberKey = KeyOf<8>;

inline PartitionKey partition_key(const domain::Partition& p) {
  PartitionKey key;
  key.byte(static_cast<std::uint8_t>(p.kind)).byte(static_cast<std::uint8_t>(p.id.size())).raw(p.id);
  return key;
}
inline RowsKey rows_key(std::string_view partition, std::uint8_t kind, ByteView id) {
  RowsKey key;
  key.raw(as_view(partition)).byte(kind).raw(id);
  return key;
}
inline RowsKey rows_key(std::string_view partition, const domain::RowKey& row) {
  return rows_key(partition, static_cast<std::uint8_t>(row.kind), row.id);
}
inline LogsKey logs_key(std::uint64_t log, std::uint64_t seq) {
  LogsKey key;
  key.number(log).number(seq);
  return key;
}
inline ClientsKey clients_key(std::uint64_t log, const ClientId& client_id) {
  ClientsKey key;
  key.number(log).raw(client_id.view());
  return key;
}
inline CursorsKey cursors_key(const ConversationId& conversation, const UserId& user) {
  CursorsKey key;
  key.raw(conversation.view()).raw(user.view());
  return key;
}

// What is in front of a log record's body.
inline constexpr std::size_t kRecordHeadBytes = 8 + 8 + ClientId::kSize;

// What is known of a log. On disk only number, trimmed and, where everything was trimmed, time and change; the rest is
// in the last record.
struct LogEntry {
  std::uint64_t number = 0;  // 0: there is no such log
  std::uint64_t head = 0;
  std::uint64_t trimmed = 0;
  std::int64_t time = 0;
  std::uint64_t change = 0;
};

}  // namespace kith::server::adapters
