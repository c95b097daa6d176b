// What people's devices say of themselves and of logs: decoding any bytes ends in a value, which is encoded to the very
// same bytes, or an error.
#include "base/check.h"
#include "compress/deflate.h"
#include "keys/archive_block.h"
#include "keys/conversation.h"
#include "keys/grounds.h"
#include "keys/group_policy.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"
#include "keys/safety_number.h"
#include "mls/profile.h"

namespace {

template <class T>
void round_trip(kith::ByteView bytes) {
  if (const auto value = T::decode(bytes)) KITH_CHECK(kith::same_bytes(value->encode(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const kith::ByteView bytes(data, size);
  round_trip<kith::keys::DeviceCredential>(bytes);
  round_trip<kith::keys::DeviceList>(bytes);
  round_trip<kith::keys::GenerationCertificate>(bytes);
  round_trip<kith::keys::AuthenticatedData>(bytes);
  round_trip<kith::keys::LeaveNote>(bytes);
  round_trip<kith::keys::BrokenMark>(bytes);
  round_trip<kith::keys::JoinProof>(bytes);
  round_trip<kith::keys::Grounds>(bytes);
  round_trip<kith::keys::GenerationMail>(bytes);
  const kith::mls::Extension extension{kith::mls::profile::kPolicyExtension, kith::to_bytes(bytes)};
  if (const auto policy = kith::keys::policy_of({extension})) KITH_CHECK(policy->extension() == extension);
  if (const auto lists = kith::keys::decode_followed_lists(bytes))
    KITH_CHECK(kith::same_bytes(kith::keys::encode(*lists), bytes));
  if (const auto key = kith::keys::RecoveryKey::parse(kith::as_text(bytes))) {
    KITH_CHECK(kith::keys::RecoveryKey::parse(key->text())->text() == key->text());
  }
  if (const auto code = kith::keys::SafetyCode::parse(kith::as_text(bytes)))
    KITH_CHECK(*kith::keys::SafetyCode::parse(code->text()) == *code);
  // What nobody sealed does not open; what it would unfold to is bounded (what comes out was asked for).
  KITH_CHECK(!kith::keys::ArchiveBlock::open({}, {1}, kith::Bytes(32), bytes));
  if (const auto raw = kith::compress::inflate(bytes, 4096)) KITH_CHECK(raw->size() == 4096);
  return 0;
}
