#include "client/native/sqlite.h"

namespace kith::client::native {

std::unexpected<Failure<Errc>> storage_failure(sqlite3* db) {
  const int code = db ? sqlite3_errcode(db) : SQLITE_CANTOPEN;
  const bool broken = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return fail(broken ? Errc::damaged : Errc::storage, std::string("the database: ") + sqlite3_errstr(code));
}

Result<Database> open_database(const std::filesystem::path& path) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) return storage_failure(db.get());
  sqlite3_busy_timeout(db.get(), 5000);
  return db;
}

Result<void> execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return storage_failure(db);
  return {};
}

Result<Statement> Statement::prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    return storage_failure(db);
  return Statement(raw);
}

void Statement::bind(int index, ByteView bytes) {
  // A null pointer would bind NULL, which is another value than no bytes.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC);
}

void Statement::bind(int index, std::int64_t number) { sqlite3_bind_int64(statement_.get(), index, number); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return storage_failure(sqlite3_db_handle(statement_.get()));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

ByteView Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

}  // namespace kith::client::native
