// SQLite's C interface with owners. Inside this room only.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "client/native/result.h"

namespace kith::client::native {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Result<Database> open_database(const std::filesystem::path& path);
Result<void> execute(sqlite3* db, const char* sql);
std::unexpected<Failure<Errc>> storage_failure(sqlite3* db);

// A statement that is prepared once and run many times. Each run ends with reset(), which also lets go of bound memory.
class Statement {
 public:
  static Result<Statement> prepare(sqlite3* db, const char* sql);

  // Bound bytes are not copied: they must stay until reset().
  void bind(int index, ByteView bytes);
  void bind(int index, std::int64_t number);
  // True: a row is there; false: done.
  Result<bool> step();
  void reset();
  [[nodiscard]] ByteView bytes(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  explicit Statement(sqlite3_stmt* s) : statement_(s) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace kith::client::native
