// The fixture of the Store's contract: one adapter, and how tests speak to it. Each file of tests makes its suites run
// over kStoreAdapters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "server/domain/conversation.h"
#include "tests/contract/store_under_test.h"

namespace kith::test {

struct StoreAdapter {
  const char* name;
  MakeStore make;
};
inline const StoreAdapter kStoreAdapters[] = {
    {"memory", make_memory_store},
    {"calm", make_calm_store},
    {"rocksdb", make_rocksdb_store},
    {"small_rocksdb", make_small_rocksdb_store},
};
inline std::string name_of_adapter(const testing::TestParamInfo<StoreAdapter>& info) { return info.param.name; }

template <class Id>
Id id(std::uint64_t n) {
  Id value;
  for (std::size_t i = 0; i < 8; ++i) value.value[Id::kSize - 1 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return value;
}

inline server::domain::SharedBytes body(std::string_view text) { return std::make_shared<const Bytes>(to_bytes(text)); }

using Texts = std::vector<std::string>;

class StoreContract : public testing::TestWithParam<StoreAdapter> {
 public:
  StoreContract() : under_test_(GetParam().make()) {}

  server::domain::Store& store() { return under_test_->store(); }
  template <class T>
  T run(Task<T> task) {
    return under_test_->scheduler.run(std::move(task));
  }
  // Both times pass: that of the scheduler, and that of threads.
  void run_until(const std::function<bool()>& is_done) {
    while (!is_done()) {
      under_test_->scheduler.run_for(std::chrono::seconds(1));
      if (!is_done()) KITH_CHECK(under_test_->scheduler.wait());
    }
  }
  template <class T>
  T ok(Task<server::domain::Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) ADD_FAILURE() << result.error().detail;
    return std::move(*result);
  }
  void done(Task<server::domain::Result<void>> task) { EXPECT_TRUE(run(std::move(task))); }

  server::domain::CommitOutcome commit(server::domain::Transaction t) { return ok(store().commit(std::move(t))); }
  server::domain::Committed committed(server::domain::Transaction t) {
    auto outcome = commit(std::move(t));
    EXPECT_TRUE(std::holds_alternative<server::domain::Committed>(outcome));
    return std::get<server::domain::Committed>(std::move(outcome));
  }
  Seq append(const server::domain::Partition& p, std::uint64_t client, std::string_view text,
             server::domain::LogName log = {}) {
    return committed({.partition = p, .appends = {{std::move(log), id<ClientId>(client), body(text)}}}).seqs.front();
  }
  server::domain::Version put(const server::domain::Partition& p, const server::domain::RowKey& key,
                              std::string_view text) {
    committed({.partition = p, .writes = {{key, to_bytes(text)}}});
    return ok(store().row(p, key))->version;
  }
  Texts texts(const server::domain::Partition& p, server::domain::LogName log = {}, Seq after = {}) {
    Texts out;
    for (const auto& record : ok(store().read(p, std::move(log), after, 1 << 20)).records)
      out.emplace_back(as_text(record.body));
    return out;
  }
  std::string value(const server::domain::Partition& p, const server::domain::RowKey& key) {
    return text_of(ok(store().row(p, key)));
  }
  static std::string text_of(const std::optional<server::domain::Row>& row) {
    return row ? std::string(as_text(row->value)) : "absent";
  }

  const server::domain::Partition chat_ = server::domain::partition_of(id<ConversationId>(1));
  const server::domain::Partition account_ = server::domain::account_partition(id<UserId>(7));
  const server::domain::RowKey group_{server::domain::RowKind::group, {}};
  std::unique_ptr<StoreUnderTest> under_test_;
};

}  // namespace kith::test
