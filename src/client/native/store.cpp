#include "client/native/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "client/native/file.h"
#include "client/native/key_file.h"
#include "client/native/sealed_value.h"
#include "client/native/sqlite.h"

namespace kith::client::native {
namespace {

// secure_delete: a ratchet's state that is gone is overwritten in the file, not merely unlinked from the tree.
constexpr const char* kSetUp = R"(
  PRAGMA journal_mode=WAL;
  PRAGMA synchronous=FULL;
  PRAGMA secure_delete=ON;
  PRAGMA temp_store=MEMORY;
  CREATE TABLE IF NOT EXISTS rows(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
)";

// A sealed row of meta that opens only with the right key file.
constexpr std::string_view kProofName = "proof";

Result<File> take_lock(const std::filesystem::path& directory) {
  File lock(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return fail(Errc::storage, "the lock file can't be made");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(Errc::in_use, "another kith has this profile open");
    return fail(Errc::storage, "the lock can't be taken");
  }
  return lock;
}

Result<void> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) return {};
  std::filesystem::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Errc::storage, "the directory " + directory.string() + " can't be made");
  }
  if (!sync_directory(directory.parent_path())) return fail(Errc::storage, "the directory can't be made durable");
  return {};
}

// A database that has rows and no key file is not a first start: a new key would only hide what happened.
Result<SecretBytes> find_key(const std::filesystem::path& directory, bool first_start, Entropy& entropy) {
  const auto path = directory / "key";
  std::error_code error;
  if (first_start && !std::filesystem::exists(path, error)) return create_key_file(path, entropy);
  return read_key_file(path);
}

}  // namespace

struct Store::State {
  File lock;
  SecretBytes key;
  Entropy* entropy;
  Database db;
  Statement begin, commit, rollback;
  Statement put, erase, get, up, down;

  Result<void> prove_key();
  Result<std::uint64_t> generation();
  Result<void> apply(const Batch& batch);
  template <class Work>
  Result<void> transaction(Work&& work);
  static Result<std::unique_ptr<State>> prepare(File lock, SecretBytes key, Entropy& entropy, Database db);
};

Result<std::unique_ptr<Store::State>> Store::State::prepare(File lock, SecretBytes key, Entropy& entropy, Database db) {
  sqlite3* d = db.get();
  KITH_TRY(auto begin, Statement::prepare(d, "BEGIN IMMEDIATE"));
  KITH_TRY(auto commit, Statement::prepare(d, "COMMIT"));
  KITH_TRY(auto rollback, Statement::prepare(d, "ROLLBACK"));
  KITH_TRY(auto put, Statement::prepare(d, "INSERT INTO rows VALUES(?1,?2) ON CONFLICT(key) DO UPDATE SET value=?2"));
  KITH_TRY(auto erase, Statement::prepare(d, "DELETE FROM rows WHERE key=?1"));
  KITH_TRY(auto get, Statement::prepare(d, "SELECT value FROM rows WHERE key=?1"));
  KITH_TRY(auto up, Statement::prepare(d, "SELECT key,value FROM rows WHERE key>=?1 AND key<?2 ORDER BY key LIMIT ?3"));
  KITH_TRY(auto down,
           Statement::prepare(d, "SELECT key,value FROM rows WHERE key>=?1 AND key<?2 ORDER BY key DESC LIMIT ?3"));
  return std::unique_ptr<State>(new State{std::move(lock), std::move(key), &entropy, std::move(db), std::move(begin),
                                          std::move(commit), std::move(rollback), std::move(put), std::move(erase),
                                          std::move(get), std::move(up), std::move(down)});
}

template <class Work>
Result<void> Store::State::transaction(Work&& work) {
  const auto run = [](Statement& s) {
    auto done = s.step();
    s.reset();
    return done;
  };
  if (auto begun = run(begin); !begun) return std::unexpected(begun.error());
  Result<void> result = work();
  if (result) {
    if (auto done = run(commit); !done) result = std::unexpected(done.error());
  }
  // A COMMIT that failed may have ended the transaction by itself; then there is nothing to roll back.
  if (!result && sqlite3_get_autocommit(db.get()) == 0) static_cast<void>(run(rollback));
  return result;
}

Result<std::uint64_t> Store::State::generation() {
  const ByteView row_key = as_view(kGenerationKey);
  get.bind(1, row_key);
  const auto read = [&]() -> Result<std::uint64_t> {
    KITH_TRY(const bool there, get.step());
    if (!there) return 0;
    KITH_TRY(const auto value, open_value(key, row_key, get.bytes(0)));
    if (value.size() != 8) return fail(Errc::damaged, "the generation row has another size");
    std::uint64_t number = 0;
    for (const std::uint8_t byte : value) number = (number << 8) | byte;
    return number;
  };
  auto number = read();
  get.reset();
  return number;
}

Result<void> Store::State::apply(const Batch& batch) {
  KITH_TRY(const auto current, generation());
  if (current != batch.generation) return fail(Errc::taken_over, "another kith took this profile over");
  for (const auto& write : batch.writes) {
    Statement& statement = write.value ? put : erase;
    Bytes sealed;
    statement.bind(1, ByteView(write.key));
    if (write.value) {
      sealed = seal_value(key, write.key, *write.value, *entropy);
      statement.bind(2, ByteView(sealed));
    }
    auto done = statement.step();
    statement.reset();
    if (!done) return std::unexpected(done.error());
  }
  return {};
}

Result<void> Store::State::prove_key() {
  KITH_TRY(auto select, Statement::prepare(db.get(), "SELECT value FROM meta WHERE name='proof'"));
  KITH_TRY(const bool there, select.step());
  if (there) {
    if (!open_value(key, as_view(kProofName), select.bytes(0))) {
      return fail(Errc::key_file, "the key file is not the one of this database");
    }
    return {};
  }
  KITH_TRY(auto insert, Statement::prepare(db.get(), "INSERT INTO meta VALUES('proof',?1)"));
  const Bytes sealed = seal_value(key, as_view(kProofName), {}, *entropy);
  insert.bind(1, sealed);
  KITH_TRY_VOID(insert.step());
  return {};
}

Result<Store> Store::open(const std::filesystem::path& directory, Entropy& entropy) {
  KITH_TRY_VOID(make_directory(directory));
  KITH_TRY(auto lock, take_lock(directory));
  const auto path = directory / "state.db";
  std::error_code error;
  const bool first_start = !std::filesystem::exists(path, error);
  KITH_TRY(auto key, find_key(directory, first_start, entropy));
  KITH_TRY(auto db, open_database(path));
  KITH_TRY_VOID(execute(db.get(), kSetUp));
  KITH_TRY(auto state, State::prepare(std::move(lock), std::move(key), entropy, std::move(db)));
  KITH_TRY_VOID(state->prove_key());
  return Store(std::move(state));
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<void> Store::commit(const Batch& batch) {
  if (batch.empty()) return {};
  return state_->transaction([&] { return state_->apply(batch); });
}

Result<std::vector<Row>> Store::boot() { return read(as_view(kBootFrom), as_view(kBootTo), 0, false, open_value); }

Result<std::vector<Row>> Store::load(ByteView from, ByteView to, std::uint32_t limit, bool reverse) {
  return read(from, to, limit, reverse, [](ByteView store_key, ByteView row_key, ByteView sealed) {
    return Result<SecretBytes>(open_value(store_key, row_key, sealed).value_or(SecretBytes{}));
  });
}

Result<std::vector<Row>> Store::read(ByteView from, ByteView to, std::uint32_t limit, bool reverse, Open open) {
  Statement& statement = reverse ? state_->down : state_->up;
  statement.bind(1, from);
  statement.bind(2, to);
  statement.bind(3, limit == 0 ? std::int64_t{-1} : std::int64_t{limit});
  const auto all = [&]() -> Result<std::vector<Row>> {
    std::vector<Row> rows;
    for (;;) {
      KITH_TRY(const bool there, statement.step());
      if (!there) return rows;
      const ByteView key = statement.bytes(0);
      KITH_TRY(const auto value, open(state_->key, key, statement.bytes(1)));
      rows.push_back({.key = to_bytes(key), .value = value});
    }
  };
  auto rows = all();
  statement.reset();
  return rows;
}

}  // namespace kith::client::native
