// A block of an archive opens for the account's devices in its own place, and nowhere else.
#include "keys/archive_block.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compress/deflate.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

constexpr UserId kUser{{7}};

struct Blocks : testing::Test {
  test::SeededEntropy entropy{1};
  AccountGeneration generation = AccountGeneration::generate(3, entropy);
  const ArchiveBlock head{.before = {1, 2, 3}, .generation = 3};
  Bytes content = to_bytes("Hello Ben. Hello Ben. Hello Ben. Hello Ben.");
  Bytes seal() { return head.seal(kUser, {5}, generation.archive_key(), content, entropy).value(); }
};

bool is_forged(const Result<SecretBytes>& result) { return !result && result.error().code == Errc::archive_forged; }

TEST_F(Blocks, open_to_what_was_sealed_and_say_what_was_before_them) {
  const Bytes sealed = seal();
  const auto read = ArchiveBlock::read(sealed);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->before, head.before);
  EXPECT_EQ(read->generation, 3U);
  const auto opened = ArchiveBlock::open(kUser, {5}, generation.archive_key(), sealed);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same_bytes(*opened, content));
  EXPECT_EQ(std::ranges::search(sealed, as_view("Ben")).begin(), sealed.end());
  EXPECT_NE(sealed, seal()) << "a block id of its own each time";
}

TEST_F(Blocks, open_for_no_other_account_place_or_key_and_not_when_a_bit_is_another) {
  const Bytes sealed = seal();
  const SecretBytes& key = generation.archive_key();
  EXPECT_TRUE(is_forged(ArchiveBlock::open({{8}}, {5}, key, sealed)));
  EXPECT_TRUE(is_forged(ArchiveBlock::open(kUser, {6}, key, sealed)));
  EXPECT_TRUE(is_forged(ArchiveBlock::open(kUser, {5}, AccountGeneration::generate(3, entropy).archive_key(), sealed)));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_TRUE(is_forged(ArchiveBlock::open(kUser, {5}, key, changed))) << i;
    EXPECT_TRUE(is_forged(ArchiveBlock::open(kUser, {5}, key, ByteView(sealed).first(i)))) << i;
  }
}

TEST_F(Blocks, of_contents_of_similar_size_look_the_same) {
  entropy.fill(content);
  const std::size_t size = seal().size();
  content.pop_back();
  EXPECT_EQ(seal().size(), size);
}

TEST_F(Blocks, hold_a_mebibyte_of_text_and_no_more_than_64_kib_sealed) {
  content.assign(ArchiveBlock::kMaxContentBytes, 'x');
  const auto opened = ArchiveBlock::open(kUser, {5}, generation.archive_key(), seal());
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same_bytes(*opened, content));
  const auto refused = [&] {
    const auto sealed = head.seal(kUser, {5}, generation.archive_key(), content, entropy);
    return !sealed && sealed.error().code == Errc::too_many;
  };
  content.push_back('x');
  EXPECT_TRUE(refused());
  content.resize(ArchiveBlock::kMaxSealedBytes);
  entropy.fill(content);
  EXPECT_TRUE(refused());
}

// Whoever has the key could; nothing more than a block may hold comes out of it.
TEST_F(Blocks, that_say_more_or_less_than_they_hold_are_refused) {
  const auto with_size = [&](std::size_t said, ByteView raw) {
    const auto suite = crypto::Suite::product();
    const Bytes sealed = seal();
    const ByteView plain_head = ByteView(sealed).first(53);
    Bytes info = to_bytes("kith archive block v1");
    append(info, plain_head.subspan(1, 16));
    const SecretBytes key = suite.expand(suite.extract({}, generation.archive_key()), info, 32);
    Bytes aad = to_bytes(plain_head);
    append(aad, kUser.view());
    append(aad, Bytes{0, 0, 0, 0, 0, 0, 0, 5});
    Bytes plain;
    for (int shift = 24; shift >= 0; shift -= 8) plain.push_back(static_cast<std::uint8_t>(said >> shift));
    append(plain, compress::deflate(raw));
    Bytes out = to_bytes(plain_head);
    append(out, suite.seal(key, Bytes(12), aad, plain));
    return ArchiveBlock::open(kUser, {5}, generation.archive_key(), out);
  };
  EXPECT_TRUE(with_size(content.size(), content));
  EXPECT_TRUE(is_forged(with_size(content.size() - 1, content)));
  EXPECT_TRUE(is_forged(with_size(content.size() + 1, content)));
  const Bytes bomb(ArchiveBlock::kMaxContentBytes + 1);
  EXPECT_TRUE(is_forged(with_size(bomb.size(), bomb)));
}

TEST(ArchiveChain, is_the_hash_that_the_protocol_names) {
  const Bytes hash(32, 9);
  const ArchiveChain first = next_archive_chain(kEmptyArchive, hash);
  Bytes preimage = to_bytes("kith archive chain v1");
  append(preimage, kEmptyArchive);
  append(preimage, hash);
  EXPECT_EQ(first, crypto::sha256(preimage));
  EXPECT_NE(next_archive_chain(first, hash), first);
}

TEST_F(Blocks, sealed_by_an_earlier_version_open) {
  const auto sealed = from_hex(
      "018114eebc121385fc9030707dfbea6f6f000000030102030000000000000000000000000000000000000000000000000000000000bc1783"
      "613f5d82816f2f76eea431b563329d80d77588b627f626be1396532f6c331454f0");
  const auto opened = ArchiveBlock::open(kUser, {5}, Bytes(32, 4), *sealed);
  ASSERT_TRUE(opened) << to_hex(head.seal(kUser, {5}, Bytes(32, 4), content, entropy).value());
  EXPECT_TRUE(same_bytes(*opened, content));
}

}  // namespace
}  // namespace kith::keys
