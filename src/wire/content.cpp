#include "wire/content.h"

#include "base/check.h"
#include "base/padme.h"
#include "wire/content_generated.h"

namespace kith::wire {
namespace {

namespace table = ::kith::wire::content_fb;

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMaxContentBytes = 64 * 1024;

flatbuffers::Offset<table::ReplyTo> encode(flatbuffers::FlatBufferBuilder& builder,
                                           const std::optional<ReplyTo>& reply) {
  if (!reply) return 0;
  const auto client_id = builder.CreateVector(reply->client_id.value.data(), ClientId::kSize);
  const auto sender = builder.CreateVector(reply->sender.value.data(), UserId::kSize);
  const auto excerpt = builder.CreateString(reply->excerpt);
  return table::CreateReplyTo(builder, client_id, reply->seq.value, sender, excerpt);
}

auto encode(flatbuffers::FlatBufferBuilder& builder, const std::vector<Mention>& mentions) {
  std::vector<flatbuffers::Offset<table::Mention>> all;
  for (const Mention& mention : mentions) {
    const auto user = builder.CreateVector(mention.user.value.data(), UserId::kSize);
    all.push_back(table::CreateMention(builder, user, mention.start, mention.length));
  }
  using Vector = decltype(builder.CreateVector(all));
  return all.empty() ? Vector() : builder.CreateVector(all);
}

}  // namespace

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
    const auto description = builder.CreateString(profile->description);
    const auto retold = content.retold ? table::CreateRetold(builder, content.retold->at.value, content.retold->source)
                                       : flatbuffers::Offset<table::Retold>();
    kind = table::CreateGroupProfile(builder, name, description, retold).Union();
  } else if (content.text && content.again_of) {
    type = table::Kind::Again;
    const auto text = builder.CreateString(*content.text);
    const auto reply = encode(builder, content.reply);
    const auto mentions = encode(builder, content.mentions);
    const auto first = builder.CreateVector(content.again_id.value.data(), ClientId::kSize);
    kind = table::CreateAgain(builder, content.again_of->value, text, reply, mentions, first).Union();
  } else if (content.text) {
    type = table::Kind::Text;
    const auto text = builder.CreateString(*content.text);
    const auto reply = encode(builder, content.reply);
    kind = table::CreateText(builder, text, reply, encode(builder, content.mentions)).Union();
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

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

template <class Id>
Result<Id> id_of(const flatbuffers::Vector<std::uint8_t>* bytes, const char* what) {
  const auto id = bytes == nullptr ? std::nullopt : Id::from(ByteView(bytes->data(), bytes->size()));
  if (!id) return fail(Errc::malformed, what);
  return *id;
}

// What a text and what is sent again have in common.
template <class Table>
Result<void> decode_text(const Table& from, Content& out) {
  out.text = text_of(from.text());
  KITH_TRY_VOID(check_text(*out.text, kMaxTextBytes, "text"));
  if (const auto* reply = from.reply()) {
    KITH_TRY(const ClientId client_id, id_of<ClientId>(reply->client_id(), "the message that it answers"));
    KITH_TRY(const UserId sender, id_of<UserId>(reply->sender(), "the sender that it answers"));
    out.reply = ReplyTo{client_id, {reply->seq()}, sender, text_of(reply->excerpt())};
    KITH_TRY_VOID(check_text(out.reply->excerpt, kMaxExcerptBytes, "excerpt"));
  }
  if (from.mentions() == nullptr) return {};
  if (from.mentions()->size() > kMaxMentions) return fail(Errc::too_large, "mentions");
  for (const auto* mention : *from.mentions()) {
    KITH_TRY(const UserId user, id_of<UserId>(mention->user(), "who is mentioned"));
    out.mentions.push_back({user, mention->start(), mention->length()});
  }
  return check_mentions(out.mentions, *out.text);
}

}  // namespace

Result<void> check_mentions(const std::vector<Mention>& mentions, std::string_view text) {
  if (mentions.size() > kMaxMentions) return fail(Errc::too_large, "mentions");
  const auto is_between_characters = [&](std::size_t at) {
    return at == text.size() || (static_cast<std::uint8_t>(text[at]) & 0xC0) != 0x80;
  };
  std::size_t end = 0;
  for (const Mention& mention : mentions) {
    const std::size_t start = mention.start;
    if (start < end || start >= text.size() || mention.length == 0 || mention.length > text.size() - start)
      return fail(Errc::malformed, "where a mention stands");
    end = start + mention.length;
    if (!is_between_characters(start) || !is_between_characters(end))
      return fail(Errc::malformed, "a mention within a character");
  }
  return {};
}

std::string_view beginning_of(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

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
  constexpr auto kMaxDepth = 8;
  constexpr auto kMaxTables = kMaxMentions + 8;
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), kMaxDepth, kMaxTables);
  if (!table::VerifyContentBuffer(verifier)) return fail(Errc::malformed, "not a Content");
  const table::Content& c = *table::GetContent(aligned.data());
  Content out{.sent_ms = static_cast<std::int64_t>(c.sent_ms() & ~(std::uint64_t{1} << 63))};
  if (const auto* text = c.kind_as_Text()) KITH_TRY_VOID(decode_text(*text, out));
  if (const auto* missed = c.kind_as_Missed()) out.missed = {{missed->after_seq()}, {missed->before_seq()}};
  if (const auto* done = c.kind_as_AgainDone()) {
    out.again_done = AgainDone{{done->after_seq()}, {done->before_seq()}, {}};
    if (done->unshown() != nullptr) {
      for (const std::uint64_t seq : *done->unshown()) out.again_done->unshown.push_back({seq});
    }
  }
  if (const auto* again = c.kind_as_Again()) {
    KITH_TRY_VOID(decode_text(*again, out));
    out.again_of = Seq{again->seq()};
    KITH_TRY(out.again_id, id_of<ClientId>(again->client_id(), "what it was called first"));
  }
  if (const auto* profile = c.kind_as_GroupProfile()) {
    out.profile = GroupProfile{text_of(profile->name()), text_of(profile->description())};
    if (out.profile->name.empty()) return fail(Errc::malformed, "a group without a name");
    KITH_TRY_VOID(check_text(out.profile->name, kMaxGroupNameBytes, "name"));
    KITH_TRY_VOID(check_text(out.profile->description, kMaxDescriptionBytes, "description"));
    if (const auto* retold = profile->retold()) out.retold = Retold{{retold->at_seq()}, retold->source()};
  }
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
