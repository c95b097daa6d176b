#include "wire/content.h"

#include <bit>

#include "base/check.h"
#include "wire/content_generated.h"

namespace kith::wire {
namespace {

namespace table = ::kith::wire::content_fb;

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMaxContentBytes = 64 * 1024;

}  // namespace

std::size_t padme(std::size_t size_bytes) {
  if (size_bytes < 2) return size_bytes;
  const auto exponent = static_cast<unsigned>(std::bit_width(size_bytes)) - 1;
  const auto significant = static_cast<unsigned>(std::bit_width(exponent));
  const std::size_t mask = (std::size_t{1} << (exponent - significant)) - 1;
  return (size_bytes + mask) & ~mask;
}

Bytes encode_padded(const Content& content) {
  flatbuffers::FlatBufferBuilder builder(256);
  flatbuffers::Offset<void> kind;
  table::Kind type = table::Kind::NONE;
  if (content.missed) {
    type = table::Kind::Missed;
    kind = table::CreateMissed(builder, content.missed->after.value, content.missed->before.value).Union();
  } else if (const auto& done = content.again_done) {
    type = table::Kind::AgainDone;
    std::vector<std::uint64_t> unshown;
    for (const Seq seq : done->unshown) unshown.push_back(seq.value);
    kind =
        table::CreateAgainDone(builder, done->after.value, done->before.value, builder.CreateVector(unshown)).Union();
  } else if (const auto& profile = content.profile) {
    type = table::Kind::GroupProfile;
    const auto name = builder.CreateString(profile->name);
    kind = table::CreateGroupProfile(builder, name, builder.CreateString(profile->description)).Union();
  } else if (content.text && content.again_of) {
    type = table::Kind::Again;
    kind = table::CreateAgain(builder, content.again_of->value, builder.CreateString(*content.text)).Union();
  } else if (content.text) {
    type = table::Kind::Text;
    kind = table::CreateText(builder, builder.CreateString(*content.text)).Union();
  }
  builder.Finish(table::CreateContent(builder, 1, static_cast<std::uint64_t>(content.sent_ms), type, kind));
  const std::size_t size = builder.GetSize();
  KITH_CHECK(size <= kMaxContentBytes);
  Bytes out(padme(kLengthBytes + size));
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    out[i] = static_cast<std::uint8_t>(size >> 8 * (kLengthBytes - 1 - i));
  }
  std::memcpy(out.data() + kLengthBytes, builder.GetBufferPointer(), size);
  return out;
}

namespace {

Result<void> check_text(std::string_view text, std::size_t max_bytes, const char* what) {
  if (text.size() > max_bytes) return fail(Errc::too_large, what);
  if (!is_utf8(text)) return fail(Errc::malformed, std::string(what) + " is not UTF-8");
  return {};
}

}  // namespace

Result<Content> decode_padded(ByteView plaintext) {
  if (plaintext.size() > 2 * kMaxContentBytes) return fail(Errc::too_large, "content");
  if (plaintext.size() < kLengthBytes) return fail(Errc::malformed, "content length");
  std::size_t size = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) size = size << 8 | plaintext[i];
  if (size > plaintext.size() - kLengthBytes) return fail(Errc::malformed, "content length");
  for (const std::uint8_t b : plaintext.subspan(kLengthBytes + size)) {
    if (b != 0) return fail(Errc::malformed, "content padding");
  }
  // FlatBuffers reads in place and needs its alignment, which the four bytes of length and the decryption do not
  // promise.
  const Bytes aligned = to_bytes(plaintext.subspan(kLengthBytes, size));
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 8, 64);
  if (!table::VerifyContentBuffer(verifier)) return fail(Errc::malformed, "not a Content");
  const table::Content& c = *table::GetContent(aligned.data());
  Content out{.sent_ms = static_cast<std::int64_t>(c.sent_ms() & ~(std::uint64_t{1} << 63))};
  const auto text_of = [](const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); };
  if (const auto* text = c.kind_as_Text()) out.text = text_of(text->text());
  if (const auto* missed = c.kind_as_Missed()) out.missed = {{missed->after_seq()}, {missed->before_seq()}};
  if (const auto* done = c.kind_as_AgainDone()) {
    out.again_done = AgainDone{{done->after_seq()}, {done->before_seq()}, {}};
    if (done->unshown() != nullptr) {
      for (const std::uint64_t seq : *done->unshown()) out.again_done->unshown.push_back({seq});
    }
  }
  if (const auto* again = c.kind_as_Again()) {
    out.text = text_of(again->text());
    out.again_of = Seq{again->seq()};
  }
  if (const auto* profile = c.kind_as_GroupProfile()) {
    out.profile = GroupProfile{text_of(profile->name()), text_of(profile->description())};
    if (out.profile->name.empty()) return fail(Errc::malformed, "a group without a name");
    KITH_TRY_VOID(check_text(out.profile->name, kMaxGroupNameBytes, "name"));
    KITH_TRY_VOID(check_text(out.profile->description, kMaxDescriptionBytes, "description"));
  }
  if (out.text) KITH_TRY_VOID(check_text(*out.text, kMaxTextBytes, "text"));
  return out;
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[i++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < static_cast<std::size_t>(more)) return false;
    std::uint32_t point = lead & (0x3F >> more);
    for (int n = 0; n < more; ++n) {
      const auto next = static_cast<std::uint8_t>(text[i++]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    static constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (point < kLeast[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  }
  return true;
}

}  // namespace kith::wire
