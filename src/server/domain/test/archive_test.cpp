#include "server/domain/archive.h"

#include <array>

#include <gtest/gtest.h>

#include "crypto/crypto.h"

namespace kith::server::domain {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 20;
constexpr std::array<std::uint8_t, 3> kOne{'o', 'n', 'e'};

ClientId client(std::uint8_t n) {
  ClientId id;
  id.value.fill(n);
  return id;
}
NewArchiveBlock behind(const ArchiveHead& head, ByteView payload, std::uint8_t client_id = 1) {
  return {client(client_id), head.seq, head.chain, payload};
}
// Of a refusal; "ok" where there is none.
template <class T>
std::string_view error(const Result<T>& result) {
  return result ? "ok" : name_of(result.error().code);
}

TEST(Archive, chain_goes_over_the_hashes_of_all_payloads) {
  const auto one = append_block({}, behind({}, kOne), kLimit);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->seq, Seq{1});
  EXPECT_EQ(to_hex(one->chain), "6d1ee076fe4000083d16f8ce7ba67966bec2e434f028b538a3a0dc9488b52edc");
  const auto two = append_block(*one, behind(*one, as_view("two")), kLimit);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->seq, Seq{2});
  EXPECT_EQ(to_hex(two->chain), "74a7605e5e05852553400108e5014bd17ee2f3732192cc010869b616d21a6e06");
  EXPECT_EQ(two->size_bytes, 6 + 2 * kArchiveBlockBytes);
}

TEST(Archive, who_does_not_know_its_end_is_told_where_it_is) {
  const auto head = *append_block({}, behind({}, kOne), kLimit);
  ArchiveHead other = head;
  other.chain[31] ^= 1;
  for (const auto& known : {ArchiveHead{}, other, ArchiveHead{Seq{2}, head.chain, 0}, ArchiveHead{{}, head.chain, 0}}) {
    const auto refused = append_block(head, behind(known, kOne), kLimit);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::archive_moved);
    EXPECT_EQ(refused.error().head_seq, Seq{1});
  }
}

TEST(Archive, is_full_when_payloads_and_what_blocks_count_beside_them_reach_the_limit) {
  EXPECT_EQ(error(append_block({}, behind({}, kOne), 3 + kArchiveBlockBytes)), "ok");
  EXPECT_EQ(error(append_block({}, behind({}, kOne), 2 + kArchiveBlockBytes)), "archive_full");
  EXPECT_EQ(error(append_block({}, behind({}, kOne), 0)), "archive_full");
}

TEST(Archive, block_holds_something_and_at_most_64_kibibytes) {
  EXPECT_EQ(error(check_payload(behind({}, {}))), "invalid_argument");
  EXPECT_EQ(error(check_payload(behind({}, Bytes(kMaxArchivePayloadBytes)))), "ok");
  EXPECT_EQ(error(check_payload(behind({}, Bytes(kMaxArchivePayloadBytes + 1)))), "too_large");
}

TEST(Archive, last_block_is_known_again_by_its_client_id_and_its_payload_also_when_that_is_erased) {
  ArchiveHead head = *append_block({}, behind({}, kOne), kLimit);
  ArchiveBlock last{head.seq, {5}, client(1), to_bytes(kOne), {}};
  for (int erased = 0; erased < 2; ++erased) {
    EXPECT_EQ(is_repeated(last, behind({}, kOne)), true);
    EXPECT_EQ(is_repeated(last, behind({}, kOne, 2)), false);
    EXPECT_EQ(error(is_repeated(last, behind({}, as_view("two")))), "client_id_reused");
    erase_block(head, last);
  }
}

TEST(Archive, erasing_a_block_leaves_its_hash_and_what_it_counts_beside_its_payload) {
  ArchiveHead head = *append_block({}, behind({}, kOne), kLimit);
  const ArchiveHead before = head;
  ArchiveBlock block{head.seq, {5}, client(1), to_bytes(kOne), {}};
  EXPECT_TRUE(erase_block(head, block));
  EXPECT_EQ(block, (ArchiveBlock{head.seq, {5}, client(1), {}, crypto::sha256(kOne)}));
  EXPECT_EQ(head, (ArchiveHead{before.seq, before.chain, kArchiveBlockBytes}));
  EXPECT_FALSE(erase_block(head, block)) << "again";
  EXPECT_EQ(head.size_bytes, kArchiveBlockBytes);
  EXPECT_EQ(block.erased, crypto::sha256(kOne));
}

TEST(Archive, only_blocks_that_are_there_are_erased_each_once) {
  const ArchiveHead head{Seq{3}, {}, 0};
  EXPECT_EQ(blocks_to_erase(head, {{3}, {1}, {3}}), (std::vector<Seq>{{1}, {3}}));
  EXPECT_EQ(error(blocks_to_erase(head, {})), "invalid_argument");
  EXPECT_EQ(error(blocks_to_erase(head, std::vector<Seq>(kMaxErasedAtOnce, Seq{1}))), "ok");
  EXPECT_EQ(error(blocks_to_erase(head, std::vector<Seq>(kMaxErasedAtOnce + 1, Seq{1}))), "invalid_argument");
  EXPECT_EQ(error(blocks_to_erase(head, {{0}, {1}})), "not_found");
  EXPECT_EQ(error(blocks_to_erase(head, {{1}, {4}})), "not_found");
  EXPECT_EQ(error(blocks_to_erase({}, {{1}})), "not_found");
}

}  // namespace
}  // namespace kith::server::domain
