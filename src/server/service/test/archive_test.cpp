// The archive of an account: what its devices append, read and erase, who hears of it, and what is refused.
#include <gtest/gtest.h>

#include "crypto/crypto.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

using Heard = std::vector<std::string>;
using Request = ArchiveService::ReadRequest;

// What a device knows of the end.
struct End {
  Seq seq;
  domain::Digest chain{};
  void add(ByteView payload) {
    Bytes linked = to_bytes("kith archive chain v1");
    append(linked, chain);
    append(linked, crypto::sha256(payload));
    chain = crypto::sha256(linked);
    seq = seq.next();
  }
};

class Archives : public testing::Test {
 public:
  ArchiveService& archive() { return w_.node->archive; }
  Task<Result<Appended>> append(const Person& by, const End& end, std::uint8_t client, ByteView payload) {
    return archive().append(by.caller(), {client_id(client), end.seq, end.chain, payload});
  }
  // Behind what the phone knows; that it is there now.
  void add(ByteView payload) {
    const auto appended = w_.ok(append(phone_, end_, ++clients_, payload));
    end_.add(payload);
    EXPECT_EQ(appended.seq, end_.seq);
    EXPECT_FALSE(appended.duplicate);
  }
  void add(std::string_view payload) { add(as_view(payload)); }
  // "1 one, 2 erased", and that the answer tells the end.
  std::string read(const Person& by, Request request = {.limit_bytes = 1 << 20}) {
    const auto told = w_.ok(archive().read(by.caller(), request));
    std::string text;
    for (const auto& block : told.blocks) {
      text += (text.empty() ? "" : ", ") + std::to_string(block.seq.value) + " ";
      text += block.erased ? "erased" : as_text(block.payload);
    }
    return text;
  }
  std::string erase(const std::vector<Seq>& seqs) { return w_.error(archive().erase(phone_.caller(), seqs)); }

  World w_;
  Person phone_ = w_.register_person("+4911");
  Person laptop_ = w_.another_device(phone_);
  Person eve_ = w_.register_person("+4922");
  End end_;
  std::uint8_t clients_ = 0;
};

TEST_F(Archives, are_read_by_every_device_of_the_account_from_either_end) {
  EXPECT_EQ(read(laptop_), "");
  for (const char* payload : {"one", "two", "three", "four"}) add(payload);
  EXPECT_EQ(read(phone_), "1 one, 2 two, 3 three, 4 four");
  EXPECT_EQ(read(laptop_, {.limit_bytes = 1 << 20, .newest_first = true}), "4 four, 3 three, 2 two, 1 one");
  EXPECT_EQ(read(laptop_, {.after = {1}, .before = {4}, .limit_bytes = 1 << 20}), "2 two, 3 three");
  EXPECT_EQ(read(laptop_, {.after = {1}, .before = {4}, .limit_bytes = 1 << 20, .newest_first = true}),
            "3 three, 2 two");
  const auto told = w_.ok(archive().read(laptop_.caller(), {.limit_bytes = 1}));
  EXPECT_EQ(told.head.seq, Seq{4});
  EXPECT_EQ(told.head.chain, end_.chain);
  EXPECT_EQ(told.blocks.front().time, w_.scheduler.now());
  EXPECT_EQ(w_.ok(archive().head_of(phone_.user)), Seq{4});
}

TEST_F(Archives, have_no_blocks_outside_their_ends) {
  add("one");
  constexpr Seq kFar{~std::uint64_t{0}};
  for (const bool newest_first : {false, true}) {
    const auto between = [&](Seq after, Seq before) {
      return read(phone_, {.after = after, .before = before, .limit_bytes = 1 << 20, .newest_first = newest_first});
    };
    EXPECT_EQ(between({}, kFar), "1 one");
    EXPECT_EQ(between({1}, {}), "");
    EXPECT_EQ(between(kFar, {}), "");
    EXPECT_EQ(between(kFar, kFar), "");
    EXPECT_EQ(between({}, {1}), "");
    EXPECT_EQ(between({5}, {3}), "");
  }
}

TEST_F(Archives, are_read_in_pages_of_so_many_bytes_and_of_at_least_one_block) {
  for (char c = 'a'; c < 'a' + 20; ++c) add(std::string(1000, c));
  const auto numbers = [&](Request request) {
    std::vector<std::uint64_t> out;
    for (const auto& block : w_.ok(archive().read(laptop_.caller(), request)).blocks) out.push_back(block.seq.value);
    return out;
  };
  const std::size_t three = 3 * (1000 + domain::kArchiveBlockBytes);
  using Numbers = std::vector<std::uint64_t>;
  EXPECT_EQ(numbers({.limit_bytes = three}), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers({.limit_bytes = three - 1}), (Numbers{1, 2}));
  EXPECT_EQ(numbers({.limit_bytes = 0}), (Numbers{1}));
  EXPECT_EQ(numbers({.before = {11}, .limit_bytes = three, .newest_first = true}), (Numbers{10, 9, 8}));
  EXPECT_EQ(numbers({.limit_bytes = 1 << 20}).size(), 20U);
  // Erased ones count as well: an answer of many fits a frame.
  ASSERT_EQ(erase({{1}, {2}, {3}, {4}}), "ok");
  EXPECT_EQ(numbers({.limit_bytes = 3 * domain::kArchiveBlockBytes}), (Numbers{1, 2, 3}));
}

TEST_F(Archives, hints_go_to_the_other_devices_of_the_account_and_say_of_a_large_block_only_where_it_is) {
  const auto phone_hears = w_.listen(phone_), laptop_hears = w_.listen(laptop_), eve_hears = w_.listen(eve_);
  add("one");
  add(std::string(ArchiveService::kMaxHintedBytes, 'x'));
  add(std::string(ArchiveService::kMaxHintedBytes + 1, 'x'));
  ASSERT_EQ(erase({{1}}), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*laptop_hears, (Heard{"block 1: one", "block 2: " + std::string(ArchiveService::kMaxHintedBytes, 'x'),
                                  "block 3: ", "block 1: erased"}));
  EXPECT_EQ(*phone_hears, Heard{});
  EXPECT_EQ(*eve_hears, Heard{});
}

TEST_F(Archives, of_two_devices_that_append_at_once_one_is_first_and_the_other_told_where_the_archive_is) {
  add("one");
  w_.engine.delay = [](std::string_view) { return std::chrono::milliseconds(5); };
  std::optional<Result<Appended>> from_phone, from_laptop;
  const auto keep = [](Task<Result<Appended>> task, std::optional<Result<Appended>>& out) -> Task<void> {
    out.emplace(co_await std::move(task));
  };
  TaskScope scope;
  scope.spawn(keep(append(phone_, end_, 20, as_view("phone")), from_phone));
  scope.spawn(keep(append(laptop_, end_, 21, as_view("laptop")), from_laptop));
  w_.scheduler.run_for(std::chrono::seconds(1));
  ASSERT_TRUE(from_phone && from_laptop);
  EXPECT_EQ(told(*from_phone), "ok");
  ASSERT_FALSE(*from_laptop);
  EXPECT_EQ(from_laptop->error().code, Errc::archive_moved);
  EXPECT_EQ(from_laptop->error().head_seq, Seq{2});
  EXPECT_EQ(read(laptop_), "1 one, 2 phone");
  end_.add(as_view("phone"));
  w_.ok(append(laptop_, end_, 22, as_view("laptop")));
  EXPECT_EQ(read(phone_), "1 one, 2 phone, 3 laptop");
}

TEST_F(Archives, an_append_and_an_erasure_at_once_both_happen) {
  add("one");
  add("two");
  w_.engine.delay = [](std::string_view) { return std::chrono::milliseconds(5); };
  TaskScope scope;
  int done = 0;
  scope.spawn([](Task<Result<Appended>> task, int& out) -> Task<void> {
    EXPECT_EQ(told(co_await std::move(task)), "ok");
    ++out;
  }(append(phone_, end_, 20, as_view("three")), done));
  scope.spawn([](Task<Result<void>> task, int& out) -> Task<void> {
    EXPECT_EQ(told(co_await std::move(task)), "ok");
    ++out;
  }(archive().erase(laptop_.caller(), {{1}}), done));
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(done, 2);
  EXPECT_EQ(read(phone_), "1 erased, 2 two, 3 three");
  EXPECT_EQ(w_.ok(archive().read(phone_.caller(), {})).head.size_bytes, 8 + 3 * domain::kArchiveBlockBytes);
}

TEST_F(Archives, a_block_whose_answer_was_lost_is_answered_as_the_first_time_and_told_again) {
  add("one");
  const auto time = w_.scheduler.now();
  w_.engine.fail_after = [](std::string_view operation) { return operation == "commit"; };
  EXPECT_EQ(w_.error(append(phone_, end_, 9, as_view("two"))), "internal");
  w_.engine.fail_after = nullptr;
  const auto laptop_hears = w_.listen(laptop_);
  w_.scheduler.run_for(std::chrono::seconds(3));
  const auto before = w_.dump();
  const auto again = w_.ok(append(phone_, end_, 9, as_view("two")));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, Seq{2});
  EXPECT_EQ(again.time, time);
  w_.scheduler.run_ready();
  EXPECT_EQ(*laptop_hears, Heard{"block 2: two"});
  EXPECT_EQ(w_.error(append(phone_, end_, 9, as_view("other"))), "client_id_reused");
  EXPECT_EQ(w_.dump(), before);
  end_.add(as_view("two"));
  add("three");
  EXPECT_EQ(w_.error(append(phone_, end_, 9, as_view("two"))), "ok") << "at the end it is a new block";
  EXPECT_EQ(w_.error(append(phone_, {}, 9, as_view("three"))), "client_id_reused");
  EXPECT_EQ(w_.error(append(phone_, {}, 10, as_view("two"))), "archive_moved");
}

TEST_F(Archives, a_store_that_fails_at_any_step_changes_nothing_and_the_next_try_does) {
  add("one");
  add("two");
  const auto fails_at_each_step = [&](const std::function<std::string()>& attempt) {
    const auto before = w_.dump();
    for (int step = 0;; ++step) {
      int operations = 0;
      w_.engine.fail_before = [&](std::string_view) { return operations++ == step; };
      const std::string outcome = attempt();
      w_.engine.fail_before = nullptr;
      if (outcome == "ok") return step;
      EXPECT_EQ(outcome, "internal");
      EXPECT_EQ(w_.dump(), before);
    }
  };
  EXPECT_EQ(fails_at_each_step([&] { return w_.error(append(phone_, end_, 9, as_view("three"))); }), 3);
  EXPECT_EQ(fails_at_each_step([&] { return w_.error(append(phone_, end_, 9, as_view("three"))); }), 2) << "again";
  EXPECT_EQ(fails_at_each_step([&] { return erase({{1}, {2}}); }), 3);
  EXPECT_EQ(fails_at_each_step([&] { return w_.error(archive().read(phone_.caller(), {})); }), 2);
  EXPECT_EQ(read(phone_), "1 erased, 2 erased, 3 three");
}

TEST_F(Archives, what_is_refused_changes_nothing) {
  add("one");
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(append(phone_, end_, 9, {})), "invalid_argument");
  const Bytes large(domain::kMaxArchivePayloadBytes + 1, 1);
  EXPECT_EQ(w_.error(append(phone_, end_, 9, large)), "too_large");
  End other = end_;
  other.chain[0] ^= 1;
  EXPECT_EQ(w_.error(append(phone_, other, 9, as_view("two"))), "archive_moved");
  EXPECT_EQ(w_.error(append(phone_, {Seq{2}, end_.chain}, 9, as_view("two"))), "archive_moved");
  EXPECT_EQ(w_.error(append(phone_, {}, 9, as_view("two"))), "archive_moved");
  EXPECT_EQ(w_.error(append(phone_, {}, 1, as_view("two"))), "client_id_reused");
  EXPECT_EQ(w_.error(append(eve_, end_, 1, as_view("one"))), "archive_moved") << "of an archive that is empty";
  EXPECT_EQ(erase({}), "invalid_argument");
  EXPECT_EQ(erase(std::vector<Seq>(1025, Seq{1})), "invalid_argument");
  EXPECT_EQ(erase({{1}, {2}}), "not_found");
  EXPECT_EQ(erase({{0}}), "not_found");
  EXPECT_EQ(w_.error(archive().erase(eve_.caller(), {{1}})), "not_found");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Archives, a_block_is_under_the_accounts_present_generation_and_no_other) {
  add("one");
  w_.ok(w_.node->accounts.change_devices(
      phone_.caller(),
      w_.begin_generation(2, {&phone_}, World::generation_of(phone_, 1), World::certificate_of(phone_, 1))));
  w_.relayed();
  const auto before = w_.dump();
  const auto under = [&](std::uint32_t generation) {
    return w_.error(
        archive().append(phone_.caller(), {client_id(9), end_.seq, end_.chain, as_view("two"), generation}));
  };
  EXPECT_EQ(under(0), "stale_generation");
  EXPECT_EQ(under(2), "stale_generation");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(under(1), "ok");
}

TEST_F(Archives, erased_blocks_keep_their_hash_and_are_erased_again_without_a_change) {
  for (const char* payload : {"one", "secret words", "three"}) add(payload);
  ASSERT_EQ(erase({{2}}), "ok");
  EXPECT_EQ(read(laptop_), "1 one, 2 erased, 3 three");
  EXPECT_EQ(w_.dump().find(to_hex(as_view("secret words"))), std::string::npos);
  const auto told = w_.ok(archive().read(laptop_.caller(), {.after = {1}, .limit_bytes = 1}));
  EXPECT_EQ(told.blocks.at(0).erased, crypto::sha256(as_view("secret words")));
  EXPECT_EQ(told.head.chain, end_.chain);
  EXPECT_EQ(told.head.size_bytes, 8 + 3 * domain::kArchiveBlockBytes);
  const auto before = w_.dump();
  const auto laptop_hears = w_.listen(laptop_);
  EXPECT_EQ(erase({{2}, {2}}), "ok");
  EXPECT_EQ(w_.dump(), before);
  w_.scheduler.run_ready();
  EXPECT_EQ(*laptop_hears, Heard{"block 2: erased"}) << "whoever repeats itself may have been unheard";
  // Many at once, among them such as are erased.
  for (int i = 0; i < 40; ++i) add("more");
  std::vector<Seq> all;
  for (std::uint64_t seq = 43; seq > 0; --seq) all.push_back({seq});
  EXPECT_EQ(erase(all), "ok");
  EXPECT_EQ(w_.ok(archive().read(laptop_.caller(), {})).head.size_bytes, 43 * domain::kArchiveBlockBytes);
}

TEST_F(Archives, are_full_at_their_limit_and_have_room_again_for_what_was_erased) {
  w_.limits.archive_mebibytes = 1;
  w_.restart();
  const Bytes large(domain::kMaxArchivePayloadBytes, 7);
  for (int i = 0; i < 15; ++i) add(large);
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(append(phone_, end_, 99, large)), "archive_full");
  EXPECT_EQ(w_.dump(), before);
  w_.ok(append(eve_, {}, 1, large));
  ASSERT_EQ(erase({{3}}), "ok");
  add(large);
  EXPECT_EQ(w_.error(append(phone_, end_, 99, large)), "archive_full");
  w_.limits.archive_mebibytes = 0;
  w_.restart();
  EXPECT_EQ(w_.error(append(phone_, end_, 99, as_view("x"))), "archive_full") << "nothing is archived";
  EXPECT_EQ(w_.ok(archive().read(laptop_.caller(), {})).head.seq, Seq{16});
}

TEST_F(Archives, another_account_has_nothing_of_it_and_its_own) {
  add("one");
  EXPECT_EQ(read(eve_), "");
  EXPECT_EQ(w_.ok(archive().head_of(eve_.user)), Seq{});
  w_.ok(append(eve_, {}, 1, as_view("eve's")));
  EXPECT_EQ(read(eve_), "1 eve's");
  EXPECT_EQ(read(phone_), "1 one");
}

TEST_F(Archives, are_there_after_a_restart) {
  add("one");
  add("two");
  ASSERT_EQ(erase({{1}}), "ok");
  w_.restart();
  EXPECT_EQ(read(laptop_), "1 erased, 2 two");
  add("three");
  EXPECT_EQ(read(laptop_), "1 erased, 2 two, 3 three");
}

TEST_F(Archives, are_appended_to_at_a_rate_of_the_account_and_who_is_over_it_waits) {
  w_.limits.archive_appends_per_second = 1;
  w_.restart();
  const auto start = w_.scheduler.now();
  for (int i = 0; i < 10; ++i) add("x");
  EXPECT_EQ(w_.scheduler.now(), start);
  add("x");
  EXPECT_EQ(w_.scheduler.now(), start + std::chrono::seconds(1));
  w_.ok(append(eve_, {}, 1, as_view("x")));
  EXPECT_EQ(w_.scheduler.now(), start + std::chrono::seconds(1));
  // Nobody waits longer than five seconds.
  TaskScope scope;
  for (int i = 0; i < 5; ++i) {
    scope.spawn([](Task<Result<Appended>> task) -> Task<void> {
      (void)co_await std::move(task);
    }(append(laptop_, end_, 50, as_view("y"))));
  }
  EXPECT_EQ(w_.error(append(phone_, end_, 51, as_view("y"))), "rate_limited");
}

}  // namespace
}  // namespace kith::server::service::test
