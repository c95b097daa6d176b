#include "client/native/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "client/native/key_file.h"
#include "client/native/sealed_value.h"
#include "client/native/sqlite.h"
#include "client/native/test/temporary_directory.h"
#include "crypto/crypto.h"

namespace kith::client::native {
namespace {

SecretBytes number(std::uint64_t n) {
  SecretBytes b(8);
  for (int i = 7; i >= 0; --i, n >>= 8) b[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n);
  return b;
}

Write put(std::string_view key, std::string_view value) { return {to_bytes(key), to_secret(as_view(value))}; }

std::string all_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct StoreTest : testing::Test {
  TemporaryDirectory directory;
  crypto::SystemEntropy entropy;

  std::filesystem::path state() const { return directory.path() / "alice"; }
  Store open() {
    auto store = Store::open(state(), entropy);
    KITH_CHECK(store.has_value());
    return std::move(*store);
  }
  Errc open_error() {
    auto store = Store::open(state(), entropy);
    KITH_CHECK(!store.has_value());
    return store.error().code;
  }
  static std::string keys(Store& store, std::string_view from, std::string_view to, std::uint32_t limit, bool reverse) {
    auto rows = store.load(as_view(from), as_view(to), limit, reverse);
    KITH_CHECK(rows.has_value());
    std::string text;
    for (const auto& row : *rows) text += std::string(as_text(row.key)) + "=" + std::string(as_text(row.value)) + " ";
    return text;
  }
};

TEST_F(StoreTest, rows_are_there_again_after_the_store_was_closed) {
  {
    auto store = open();
    ASSERT_TRUE(store.commit({.generation = 0, .writes = {put("a", "1"), put("b", ""), put("c", "3")}}));
  }
  auto store = open();
  EXPECT_EQ(keys(store, "a", "z", 0, false), "a=1 b= c=3 ");
}

TEST_F(StoreTest, a_range_is_read_from_either_end_in_the_order_of_key_bytes) {
  auto store = open();
  ASSERT_TRUE(store.commit(
      {.generation = 0,
       .writes = {put("m\x01", "1"), put("m\xff", "3"), put("m\x7f", "2"), put("n", "4"), put("l", "0")}}));
  EXPECT_EQ(keys(store, "m", "n", 0, false), "m\x01=1 m\x7f=2 m\xff=3 ");
  EXPECT_EQ(keys(store, "m", "n", 2, false), "m\x01=1 m\x7f=2 ");
  EXPECT_EQ(keys(store, "m", "n", 2, true), "m\xff=3 m\x7f=2 ");
  EXPECT_EQ(keys(store, "n", "m", 0, false), "");
}

TEST_F(StoreTest, a_write_replaces_and_a_deletion_of_nothing_is_fine) {
  auto store = open();
  ASSERT_TRUE(store.commit({.generation = 0, .writes = {put("a", "1"), put("b", "2")}}));
  ASSERT_TRUE(store.commit(
      {.generation = 0, .writes = {put("a", "9"), {to_bytes("b"), std::nullopt}, {to_bytes("x"), std::nullopt}}}));
  EXPECT_EQ(keys(store, "a", "z", 0, false), "a=9 ");
}

TEST_F(StoreTest, only_the_batch_of_the_current_generation_is_written) {
  auto store = open();
  Batch first{.generation = 0, .writes = {{to_bytes(kGenerationKey), number(1)}}};
  ASSERT_TRUE(store.commit(first));
  EXPECT_EQ(store.commit(first).error().code, Errc::taken_over);
  EXPECT_EQ(store.commit({.generation = 2, .writes = {put("a", "1")}}).error().code, Errc::taken_over);
  EXPECT_EQ(keys(store, "a", "b", 0, false), "") << "a refused batch changed something";
  EXPECT_TRUE(store.commit({.generation = 1, .writes = {put("a", "1")}}));
  EXPECT_EQ(keys(store, "a", "b", 0, false), "a=1 ");
}

TEST_F(StoreTest, a_second_opener_is_refused_until_the_first_has_closed) {
  {
    auto first = open();
    EXPECT_EQ(open_error(), Errc::in_use);
    EXPECT_TRUE(first.commit({.generation = 0, .writes = {put("a", "1")}}));
  }
  open();
}

TEST_F(StoreTest, neither_the_database_nor_its_log_contains_a_value_in_plain) {
  const std::string marker = "the-quick-brown-fox-in-plain";
  auto store = open();
  ASSERT_TRUE(store.commit({.generation = 0, .writes = {put("a", marker)}}));
  for (const auto* name : {"state.db", "state.db-wal"}) {
    EXPECT_EQ(all_bytes(state() / name).find(marker), std::string::npos) << name;
  }
  EXPECT_NE(all_bytes(state() / "state.db-wal").size(), 0U) << "the test looks at the wrong file";
}

TEST_F(StoreTest, the_key_file_is_for_its_owner_only_and_is_refused_when_others_may_read_it) {
  {
    open();
  }
  struct stat info{};
  ASSERT_EQ(::stat((state() / "key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(state().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  ASSERT_EQ(::chmod((state() / "key").c_str(), 0644), 0);
  EXPECT_EQ(open_error(), Errc::key_file);
}

TEST_F(StoreTest, a_database_without_its_key_file_is_refused_and_no_new_key_is_made) {
  {
    open();
  }
  std::filesystem::remove(state() / "key");
  EXPECT_EQ(open_error(), Errc::key_file);
  EXPECT_FALSE(std::filesystem::exists(state() / "key"));
}

TEST_F(StoreTest, another_key_file_is_told_from_the_right_one_at_once) {
  {
    open();
  }
  std::filesystem::remove(state() / "key");
  ASSERT_TRUE(create_key_file(state() / "key", entropy));
  EXPECT_EQ(open_error(), Errc::key_file);
}

TEST_F(StoreTest, a_start_that_ended_between_key_and_database_is_completed) {
  std::filesystem::create_directory(state());
  ASSERT_TRUE(create_key_file(state() / "key", entropy));
  open();
}

TEST_F(StoreTest, a_key_file_that_is_cut_short_is_refused) {
  {
    open();
  }
  std::filesystem::resize_file(state() / "key", 31);
  EXPECT_EQ(open_error(), Errc::key_file);
}

TEST_F(StoreTest, what_is_not_a_database_is_called_damaged) {
  {
    open();
  }
  std::ofstream(state() / "state.db", std::ios::trunc) << "this is not a database, whatever its name says, is it?";
  std::filesystem::remove(state() / "state.db-wal");
  EXPECT_EQ(open_error(), Errc::damaged);
}

TEST_F(StoreTest, a_row_that_was_changed_is_empty_and_all_others_are_what_they_were) {
  {
    auto store = open();
    ASSERT_TRUE(store.commit({.generation = 0, .writes = {put("a", "1"), put("c", "2"), put("d", "3")}}));
  }
  const auto damage = [&](const char* sql) {
    const auto database = open_database(state() / "state.db");
    KITH_CHECK(database.has_value() && execute(database->get(), sql).has_value());
  };
  damage("UPDATE rows SET value = x'00' WHERE key = x'63'");
  damage("UPDATE rows SET value = (SELECT value FROM rows WHERE key = x'61') WHERE key = x'64'");
  {
    auto store = open();
    EXPECT_EQ(keys(store, "a", "z", 0, false), "a=1 c= d= ");
    ASSERT_TRUE(store.commit({.generation = 0, .writes = {put("b", "4"), put("c", "2 again")}}));
    EXPECT_EQ(keys(store, "a", "z", 0, false), "a=1 b=4 c=2 again d= ");
    EXPECT_TRUE(store.boot().has_value());
  }
  damage("UPDATE rows SET value = x'00' WHERE key = x'62'");
  const auto boot = open().boot();
  ASSERT_FALSE(boot.has_value()) << "without it there is nothing to begin with";
  EXPECT_EQ(boot.error().code, Errc::damaged);
}

// SIGKILL at a point that the child chooses at random: whatever it had told its parent is there, batches are whole.
TEST_F(StoreTest, what_was_committed_survives_a_kill_and_batches_stay_whole) {
  int report[2];
  ASSERT_EQ(::pipe(report), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = Store::open(state(), entropy);
    for (std::uint8_t i = 0;; ++i) {
      const std::string value(1, static_cast<char>(i));
      if (!store->commit({.generation = 0, .writes = {put("a", value), put("b", value)}})) ::_exit(1);
      if (::write(report[1], &i, 1) != 1) ::_exit(1);
    }
  }
  std::uint8_t last = 0;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(::read(report[0], &last, 1), 1);
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ::close(report[1]);
  for (std::uint8_t more = 0; ::read(report[0], &more, 1) == 1;) last = more;
  ::close(report[0]);
  auto store = open();
  auto rows = store.load(as_view("a"), as_view("c"), 0, false);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->at(0).value, rows->at(1).value);
  EXPECT_LE(static_cast<std::uint8_t>(rows->at(0).value.at(0) - last), 1);
}

TEST(SealedValue, opens_only_under_its_key_its_row_and_unchanged) {
  crypto::SystemEntropy entropy;
  const auto key = crypto::random_secret(entropy, kStoreKeyBytes);
  const auto other = crypto::random_secret(entropy, kStoreKeyBytes);
  const Bytes sealed = seal_value(key, as_view("row"), as_view("value"), entropy);
  ASSERT_TRUE(open_value(key, as_view("row"), sealed));
  EXPECT_EQ(as_text(*open_value(key, as_view("row"), sealed)), "value");
  EXPECT_FALSE(open_value(other, as_view("row"), sealed));
  EXPECT_FALSE(open_value(key, as_view("raw"), sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(open_value(key, as_view("row"), changed)) << i;
    EXPECT_FALSE(open_value(key, as_view("row"), ByteView(sealed).first(i))) << i;
  }
}

TEST(SealedValue, the_same_value_is_sealed_differently_each_time) {
  crypto::SystemEntropy entropy;
  const auto key = crypto::random_secret(entropy, kStoreKeyBytes);
  EXPECT_NE(seal_value(key, as_view("r"), as_view("v"), entropy), seal_value(key, as_view("r"), as_view("v"), entropy));
}

}  // namespace
}  // namespace kith::client::native
