// The client's durable state: rows of an SQLite database (WAL, synchronous=FULL), every value sealed with
// ChaCha20-Poly1305 under the key of the key file, the row's key as associated data. Keys stay plain, because the core
// asks for them in order: they must say nothing about people. Each value has a key of its own, derived from 128 random
// bits of its row, so that nonces cannot meet however long the store lives.
//
// One writer: an exclusive lock on the file `lock` keeps other processes out, and the generation row of the core (rule
// 5 of client/core/core.h), compared inside every transaction, stops a process that lost its lock (a file system
// without locks).
//
// It does not notice when somebody puts an old copy of the whole directory back: the server's logs tell the core that.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/entropy.h"
#include "client/core/core.h"
#include "client/native/result.h"

namespace kith::client::native {

class Store {
 public:
  // Opens the state in this directory, which is made with mode 0700 when it is not there.
  // Errors: in_use, key_file, damaged, storage. `entropy` must outlive the store.
  static Result<Store> open(const std::filesystem::path& directory, Entropy& entropy);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // All writes or none, durable on return. Errors: taken_over (the generation row is not what the batch says), damaged,
  // storage; the state is then what it was before.
  Result<void> commit(const Batch& batch);

  // The first `limit` rows with from <= key < to in key order, or with `reverse` the last, from the end; limit 0: all.
  // A row that was changed from outside comes with an empty value, which is no record of anything: what it was a part
  // of is lost, and all else is not. Errors: damaged (the database itself), storage.
  Result<std::vector<Row>> load(ByteView from, ByteView to, std::uint32_t limit, bool reverse);
  // The rows that Core::start needs. Errors: also damaged where one of them was changed.
  Result<std::vector<Row>> boot();

 private:
  struct State;
  using Open = Result<SecretBytes> (*)(ByteView store_key, ByteView row_key, ByteView sealed);
  Result<std::vector<Row>> read(ByteView from, ByteView to, std::uint32_t limit, bool reverse, Open open);
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kith::client::native
