#include "client/core/archive_content.h"

#include <algorithm>

#include "wire/content.h"

namespace kith::client {

namespace {

// Of a message in the list of chats; the whole text is in the chat.
constexpr std::size_t kPreviewBytes = 512;

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(ChangeKind::created) &&
         kind <= static_cast<std::uint8_t>(ChangeKind::invite_revoked);
}

}  // namespace

void shorten(MessageRecord& message) {
  message.unknown.clear();
  message.reply.reset();
  if (!message.text) return;
  message.text = std::string(wire::beginning_of(*message.text, kPreviewBytes));
  std::erase_if(message.mentions,
                [&](const wire::Mention& mention) { return mention.start + mention.length > message.text->size(); });
}

std::optional<wire::ArchivedMessage> archived(const MessageRecord& message, std::uint64_t base) {
  if (message.place > 0 || message.lost) return std::nullopt;
  wire::ArchivedMessage out{.client_id = message.id,
                            .seq = {message.order - base},
                            .sender = message.sender,
                            .sent_ms = message.sent_ms,
                            .time_ms = message.time_ms};
  if (message.line) {
    out.sender = message.line->by;
    for (const ChangeRecord& change : message.line->changes)
      out.changes.push_back({static_cast<std::uint8_t>(change.kind), change.users, change.value, change.text});
    return out;
  }
  if (message.is_again) {
    out.first_seq = message.first_seq;
    out.first_id = message.first_id;
  }
  out.content = message.text ? wire::encode_padded({.sent_ms = message.sent_ms,
                                                    .text = message.text,
                                                    .reply = message.reply,
                                                    .mentions = message.mentions})
                             : message.unknown;
  return out;
}

std::optional<MessageRecord> recalled(const wire::ArchivedMessage& message, std::uint64_t base, const UserId& self) {
  MessageRecord out{.id = message.first_id.value_or(message.client_id),
                    .seq = message.first_seq.value > 0 ? message.first_seq : message.seq,
                    .sender = message.sender,
                    .sent_ms = message.sent_ms,
                    .time_ms = message.time_ms};
  out.order = base + out.seq.value;
  if (message.content.empty()) {
    LineRecord line{.by = message.sender};
    for (const wire::ArchivedChange& change : message.changes) {
      if (is_known(change.kind))
        line.changes.push_back({static_cast<ChangeKind>(change.kind), change.users, change.value, change.text});
    }
    if (line.changes.empty()) return std::nullopt;
    out.line = std::move(line);
    return out;
  }
  auto content = wire::decode_padded(message.content);
  if (content && content->is_unshown()) return std::nullopt;
  if (!content || !content->text) {
    out.unknown = message.content;
    return out;
  }
  out.text = std::move(content->text);
  out.reply = std::move(content->reply);
  out.mentions = std::move(content->mentions);
  const bool names_me = std::ranges::find(out.mentions, self, &wire::Mention::user) != out.mentions.end();
  out.mentions_me = out.sender != self && (names_me || (out.reply && out.reply->sender == self));
  return out;
}

}  // namespace kith::client
