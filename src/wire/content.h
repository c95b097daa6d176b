// What is inside the encryption (schema/content.fbs), as plain values, with its padding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/frame.h"

namespace kith::wire {

inline constexpr std::size_t kMaxTextBytes = 16 * 1024;
inline constexpr std::size_t kMaxGroupNameBytes = 400;
inline constexpr std::size_t kMaxDescriptionBytes = 4 * 1024;
inline constexpr std::size_t kMaxExcerptBytes = 300;
inline constexpr std::size_t kMaxMentions = 64;

// The message that another one answers. The excerpt is the word of whoever answers.
struct ReplyTo {
  ClientId client_id;
  Seq seq;
  UserId sender;
  std::string excerpt;
  friend bool operator==(const ReplyTo&, const ReplyTo&) = default;
};

// Somebody named in a text; `start` and `length` are bytes of it.
struct Mention {
  UserId user;
  std::uint32_t start = 0;
  std::uint32_t length = 0;
  friend bool operator==(const Mention&, const Mention&) = default;
};

// A gap in the log of a device that came back from outside with the entry `before`.
struct Missed {
  Seq after;
  Seq before;
};

// The end of the answer to such a gap, for what lies between the two; `unshown`: places where nothing was for people.
struct AgainDone {
  Seq after;
  Seq before;
  std::vector<Seq> unshown;
};

// A group was called so before: by the entry at this place (0: not known), and whose word that is to the sender, the
// surest first (client/core/group_record.h).
struct Retold {
  Seq at{};
  std::uint8_t source = 0;
  friend bool operator==(const Retold&, const Retold&) = default;
};

struct GroupProfile {
  std::string name;
  std::string description;
  friend bool operator==(const GroupProfile&, const GroupProfile&) = default;
};

struct Content {
  std::int64_t sent_ms = 0;
  std::optional<std::string> text = {};  // absent, and all below: a kind that this version does not know
  std::optional<Seq> again_of = {};      // the text was sent before, at this place
  ClientId again_id = {};                // and under this name
  std::optional<Missed> missed = {};
  std::optional<AgainDone> again_done = {};
  std::optional<GroupProfile> profile = {};
  std::optional<Retold> retold = {};   // with a profile: it is no change
  std::optional<ReplyTo> reply = {};   // of a text
  std::vector<Mention> mentions = {};  // likewise
  // Said by one client to another: no person is to see it as a message.
  [[nodiscard]] bool is_unshown() const { return missed || again_done || profile; }
  // Nobody is to be told of it: its entry is of the silent kind.
  [[nodiscard]] bool is_silent() const { return is_unshown() || again_of; }
};

// uint32 length (big-endian), the Content, zeros up to the next Padmé size (base/padme.h).
Bytes encode_padded(const Content& content);

// Errors: malformed (length, padding other than zero, buffer, text that is not UTF-8, a group without a name,
// mentions that are not in order, in the text and between characters), too_large.
Result<Content> decode_padded(ByteView plaintext);

// Whether the mentions stand in this text as schema/content.fbs says.
Result<void> check_mentions(const std::vector<Mention>& mentions, std::string_view text);

// The beginning of the text, of at most so many bytes, which ends between characters.
std::string_view beginning_of(std::string_view text, std::size_t max_bytes);

// Whether the text is UTF-8 without surrogates and over-long forms.
bool is_utf8(std::string_view text);

}  // namespace kith::wire
