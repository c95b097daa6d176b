#include "server/adapters/rocksdb/database.h"

#include <array>
#include <mutex>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

namespace kith::server::adapters {
namespace {

constexpr std::string_view kHistoryKey = "history";
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kReservedKey = "reserved";
constexpr std::string_view kFormat = "kith 1";
constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr int kCacheShardBits = 2;

rocksdb::Slice slice_of(std::string_view v) { return {v.data(), v.size()}; }

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t write_buffer_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Counted in the cache of fixed size, so that memory does not grow with what is stored.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  // Filters and indexes in pieces, so that a cache of any size holds those that are in use.
  table.partition_filters = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.pin_top_level_index_and_filter = true;
  table.format_version = 5;
  table.block_size = 16 * 1024;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Ciphertext does not shrink.
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 3;
  // Small write buffers keep their skip lists in the processor's caches; so files at level 0 are small, and more may
  // wait.
  options.level0_file_num_compaction_trigger = 10;
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.1;
  options.level_compaction_dynamic_level_bytes = true;
  return options;
}

// Records are read in order and looked up only where they are known to be, so that filters would not help. (Insertion
// hints for each log, memtable_insert_with_hint_prefix_extractor, would save comparisons; in 7.8 they trip an assertion
// of the skip list.)
rocksdb::ColumnFamilyOptions record_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t write_buffer_bytes) {
  auto options = family_options(cache, write_buffer_bytes);
  auto table = *options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table.filter_policy.reset();
  table.partition_filters = false;
  // Most readers want what was written a moment ago.
  table.prepopulate_block_cache = rocksdb::BlockBasedTableOptions::PrepopulateBlockCache::kFlushOnly;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.memtable_prefix_bloom_size_ratio = 0;
  options.memtable_whole_key_filtering = false;
  return options;
}

rocksdb::DBOptions database_options(const RocksdbOptions& from) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_total_wal_size = 4 * from.write_buffer_bytes;
  options.bytes_per_sync = kMiB;
  // There is one writer: what several would need only costs.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.avoid_unnecessary_blocking_io = true;
  // After a failed write nothing goes on before the store is opened again.
  options.max_bgerror_resume_count = 0;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.keep_log_file_num = 2;
  options.max_log_file_size = kMiB;
  options.info_log_level = rocksdb::WARN_LEVEL;
  if (from.env != nullptr) options.env = from.env;
  return options;
}

}  // namespace

std::expected<std::unique_ptr<Database>, std::string> Database::open(const RocksdbOptions& options, Entropy& entropy) {
  // Few shards: a block that does not fit into its shard would be read again every time.
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits);
  const auto buffer = options.write_buffer_bytes;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family_options(cache, kMiB)},
      {"rows", family_options(cache, buffer / 4)},
      {"logs", record_options(cache, buffer)},
      {"clients", family_options(cache, buffer / 2)},
      {"cursors", family_options(cache, buffer / 8)},
      {"outbox", family_options(cache, buffer / 8)},
      {"archive", family_options(cache, buffer / 4)},
  };
  auto database = std::unique_ptr<Database>(new Database());
  rocksdb::DB* db = nullptr;
  auto* env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  env->CreateDirIfMissing(options.path);
  auto status = rocksdb::DB::Open(database_options(options), options.path, families, &database->handles_, &db);
  if (!status.ok()) return std::unexpected("cannot open the store: " + status.ToString());
  database->db_.reset(db);
  const auto& h = database->handles_;
  database->meta = h[0];
  database->rows = h[1];
  database->logs = h[2];
  database->clients = h[3];
  database->cursors = h[4];
  database->outbox = h[5];
  database->archive = h[6];
  status = database->start(entropy);
  if (!status.ok()) return std::unexpected("cannot read the store: " + status.ToString());
  return database;
}

// The first opening names the history; each one continues behind all change numbers of the one before.
rocksdb::Status Database::start(Entropy& entropy) {
  std::string value;
  auto status = db_->Get({}, meta, slice_of(kFormatKey), &value);
  if (status.IsNotFound()) {
    entropy.fill(history_.value);
    reserved_ = 1;
    rocksdb::WriteBatch batch;
    batch.Put(meta, slice_of(kFormatKey), slice_of(kFormat));
    batch.Put(meta, slice_of(kHistoryKey), adapters::slice_of(history_.view()));
    reserve(batch, reserved_);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return db_->Write(synced, &batch);
  }
  if (!status.ok()) return status;
  if (value != kFormat) return rocksdb::Status::NotSupported("another version of kithd wrote it");
  status = db_->Get({}, meta, slice_of(kHistoryKey), &value);
  if (!status.ok()) return status;
  const auto history = HistoryId::from(as_view(value));
  if (!history) return rocksdb::Status::Corruption("history id");
  history_ = *history;
  status = db_->Get({}, meta, slice_of(kReservedKey), &value);
  if (!status.ok()) return status;
  if (value.size() != sizeof reserved_) return rocksdb::Status::Corruption("reserved numbers");
  reserved_ = load_number(value.data());
  return rocksdb::Status::OK();
}

Database::~Database() {
  if (!db_) return;
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

void Database::abandon() {
  // Held somewhere, so that leak checkers know that this is meant.
  static std::mutex mutex;
  static auto* const abandoned = new std::vector<std::pair<rocksdb::DB*, std::vector<rocksdb::ColumnFamilyHandle*>>>();
  const std::lock_guard lock(mutex);
  abandoned->emplace_back(db_.release(), std::move(handles_));
}

void Database::reserve(rocksdb::WriteBatch& batch, std::uint64_t upto) {
  char value[sizeof upto];
  store_number(value, upto);
  batch.Put(meta, slice_of(kReservedKey), {value, sizeof value});
}

bool Database::read_record(const rocksdb::Slice& key, const rocksdb::Slice& value, domain::LogRecord& out) {
  if (key.size() != 16 || value.size() < kRecordHeadBytes) return false;
  out.seq = {load_number(key.data() + 8)};
  out.time = {static_cast<std::int64_t>(load_number(value.data()))};
  std::memcpy(out.client_id.value.data(), value.data() + 16, ClientId::kSize);
  const ByteView body = view_of(value).subspan(kRecordHeadBytes);
  out.body.assign(body.begin(), body.end());
  return true;
}

rocksdb::Status Database::load_log(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name,
                                   LogEntry& out) {
  out = {};
  rocksdb::PinnableSlice value;
  auto status = db_->Get(options, rows, rows_key(partition, kLogRow, name).slice(), &value);
  if (!status.ok()) return status.IsNotFound() ? rocksdb::Status::OK() : status;
  if (value.size() != 32) return rocksdb::Status::Corruption("a log's entry");
  out.number = load_number(value.data());
  out.trimmed = load_number(value.data() + 8);
  out.time = static_cast<std::int64_t>(load_number(value.data() + 16));
  out.change = load_number(value.data() + 24);
  out.head = out.trimmed;
  const std::unique_ptr<rocksdb::Iterator> last(db_->NewIterator(options, logs));
  last->SeekForPrev(logs_key(out.number, ~std::uint64_t{0}).slice());
  if (!last->Valid()) return last->status();
  const auto key = last->key();
  if (load_number(key.data()) != out.number) return last->status();
  if (last->value().size() < kRecordHeadBytes) return rocksdb::Status::Corruption("a log's record");
  out.head = load_number(key.data() + 8);
  out.time = static_cast<std::int64_t>(load_number(last->value().data()));
  out.change = load_number(last->value().data() + 8);
  return last->status();
}

rocksdb::Status Database::row_version(const rocksdb::ReadOptions& options, std::string_view partition,
                                      const domain::RowKey& row, domain::Version& out) {
  out = 0;
  rocksdb::PinnableSlice value;
  auto status = db_->Get(reading(row.kind, options), family_of(row.kind), rows_key(partition, row).slice(), &value);
  if (!status.ok()) return status.IsNotFound() ? rocksdb::Status::OK() : status;
  if (value.size() < sizeof out) return rocksdb::Status::Corruption("a row");
  out = load_number(value.data());
  return status;
}

rocksdb::Status Database::find_client(const rocksdb::ReadOptions& options, std::uint64_t log, const ClientId& client_id,
                                      std::optional<domain::LogRecord>& out) {
  out.reset();
  rocksdb::PinnableSlice value;
  auto status = db_->Get(options, clients, clients_key(log, client_id).slice(), &value);
  if (!status.ok()) return status.IsNotFound() ? rocksdb::Status::OK() : status;
  if (value.size() != 16) return rocksdb::Status::Corruption("a client id");
  domain::LogRecord record{
      {load_number(value.data())}, {static_cast<std::int64_t>(load_number(value.data() + 8))}, client_id, {}};
  const auto key = logs_key(log, record.seq.value);
  status = db_->Get(options, logs, key.slice(), &value);
  // A trimmed record is known by its id, seq and time.
  if (status.ok() && !read_record(key.slice(), value, record)) return rocksdb::Status::Corruption("a log's record");
  if (!status.ok() && !status.IsNotFound()) return status;
  out = std::move(record);
  return rocksdb::Status::OK();
}

PrefixScan::PrefixScan(rocksdb::DB& db, rocksdb::ReadOptions options, rocksdb::ColumnFamilyHandle* family,
                       rocksdb::Slice prefix, rocksdb::Slice first)
    : upper_(prefix.ToString()) {
  // The first key behind all that begin with the prefix.
  while (!upper_.empty() && static_cast<std::uint8_t>(upper_.back()) == 0xff) upper_.pop_back();
  if (!upper_.empty()) upper_.back() = static_cast<char>(static_cast<std::uint8_t>(upper_.back()) + 1);
  upper_slice_ = upper_;
  if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
  iterator_.reset(db.NewIterator(options, family));
  iterator_->Seek(first.empty() ? prefix : first);
}

}  // namespace kith::server::adapters
