#include "keys/archive_block.h"

#include "base/padme.h"
#include "compress/deflate.h"
#include "keys/fields.h"

namespace kith::keys {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kIdBytes + 4 + std::tuple_size_v<ArchiveChain>;
constexpr std::size_t kSizeBytes = 4;

std::unexpected<Failure<Errc>> forged(const char* what) { return fail(Errc::archive_forged, what); }

SecretBytes key_of(ByteView archive_key, ByteView id) {
  const auto suite = crypto::Suite::product();
  Bytes info = to_bytes("kith archive block v1");
  append(info, id);
  return suite.expand(suite.extract({}, archive_key), info, suite.key_size());
}

Bytes authenticated(ByteView head, const UserId& user, Seq seq) {
  mls::Writer w;
  w.raw(head);
  w.raw(user.view());
  w.u64(seq.value);
  return w.bytes();
}

// One key is used once.
Bytes no_nonce() { return Bytes(crypto::Suite::product().nonce_size()); }

}  // namespace

ArchiveChain next_archive_chain(const ArchiveChain& before, ByteView payload_hash) {
  mls::Writer w;
  w.raw(as_view("kith archive chain v1"));
  w.raw(before);
  w.raw(payload_hash);
  return crypto::sha256(w.bytes());
}

Result<Bytes> ArchiveBlock::seal(const UserId& user, Seq seq, ByteView archive_key, ByteView content,
                                 Entropy& entropy) const {
  if (content.size() > kMaxContentBytes) return fail(Errc::too_many, "more than a block holds");
  const SecretBytes deflated = compress::deflate(content);
  SecretBytes plaintext;
  for (int shift = 24; shift >= 0; shift -= 8) plaintext.push_back(static_cast<std::uint8_t>(content.size() >> shift));
  plaintext.insert(plaintext.end(), deflated.begin(), deflated.end());
  const auto suite = crypto::Suite::product();
  plaintext.resize(padme(plaintext.size()));
  if (kHeadBytes + plaintext.size() + suite.tag_size() > kMaxSealedBytes)
    return fail(Errc::too_many, "more than a block holds");
  Bytes id(kIdBytes);
  entropy.fill(id);
  mls::Writer head;
  head.u8(kVersion);
  head.raw(id);
  head.u32(generation);
  head.raw(before);
  Bytes out = head.bytes();
  append(out, suite.seal(key_of(archive_key, id), no_nonce(), authenticated(head.bytes(), user, seq), plaintext));
  return out;
}

Result<ArchiveBlock> ArchiveBlock::read(ByteView sealed) {
  if (sealed.size() < kHeadBytes || sealed.size() > kMaxSealedBytes) return forged("a block of an impossible size");
  mls::Reader r(sealed.first(kHeadBytes));
  if (r.u8() != kVersion) return forged("a block of another version");
  r.raw(kIdBytes);
  ArchiveBlock block;
  block.generation = r.u32();
  read_array(r, block.before);
  return block;
}

Result<SecretBytes> ArchiveBlock::open(const UserId& user, Seq seq, ByteView archive_key, ByteView sealed) {
  KITH_TRY_VOID(read(sealed));
  const ByteView head = sealed.first(kHeadBytes);
  const auto plain = crypto::Suite::product().open(key_of(archive_key, head.subspan(1, kIdBytes)), no_nonce(),
                                                   authenticated(head, user, seq), sealed.subspan(kHeadBytes));
  if (!plain || plain->size() < kSizeBytes) return forged("a block that no device of the account sealed");
  std::size_t size = 0;
  for (std::size_t i = 0; i < kSizeBytes; ++i) size = size << 8 | (*plain)[i];
  if (size > kMaxContentBytes) return forged("a block that says that it holds more than it may");
  auto content = compress::inflate(ByteView(*plain).subspan(kSizeBytes), size);
  if (!content) return forged("a block that does not hold what it says");
  return *std::move(content);
}

}  // namespace kith::keys
