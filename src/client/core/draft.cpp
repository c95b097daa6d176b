#include "client/core/draft.h"

#include <algorithm>

#include "client/core/text_units.h"

namespace kith::client {

namespace {

std::optional<wire::Mention> mention_in(const Json& json, const std::string& text) {
  const auto user = id_field<UserId>(json, "user");
  const auto start = number_field(json, "start");
  const auto length = number_field(json, "length");
  if (!user || !start || !length) return std::nullopt;
  const auto from = bytes_of(text, static_cast<std::size_t>(*start));
  const auto to = bytes_of(text, static_cast<std::size_t>(*start + *length));
  if (!from || !to) return std::nullopt;
  return wire::Mention{*user, static_cast<std::uint32_t>(*from), static_cast<std::uint32_t>(*to - *from)};
}

// Nothing where they do not stand in the text.
std::optional<std::vector<wire::Mention>> mentions_in(const Json& command, const std::string& text) {
  std::vector<wire::Mention> mentions;
  const Json* all = array_field(command, "mentions");
  if (all == nullptr) return field(command, "mentions") == nullptr ? std::optional(mentions) : std::nullopt;
  if (all->size() > wire::kMaxMentions) return std::nullopt;
  for (const Json& one : *all) {
    const auto mention = mention_in(one, text);
    if (!mention) return std::nullopt;
    mentions.push_back(*mention);
  }
  std::ranges::sort(mentions, {}, &wire::Mention::start);
  return wire::check_mentions(mentions, text) ? std::optional(mentions) : std::nullopt;
}

}  // namespace

std::optional<Draft> draft_in(const Json& command, const Reply& reply) {
  const auto refuse = [&](const char* error, const char* why) {
    reply.failed(error, why);
    return std::nullopt;
  };
  const auto text = text_field(command, "text");
  if (!text || text->empty()) return refuse("invalid_argument", "A text is needed.");
  if (text->size() > wire::kMaxTextBytes) return refuse("too_large", "A text has at most 16 KiB.");
  const auto reply_to = id_field<ClientId>(command, "reply_to");
  if (!reply_to && field(command, "reply_to") != nullptr)
    return refuse("invalid_argument", "What is answered is the id of a message.");
  auto mentions = mentions_in(command, *text);
  if (!mentions)
    return refuse("invalid_argument", "Mentions name users and stand in the text, at most 64, none over another.");
  return Draft{.text = *text, .reply_to = reply_to, .mentions = *std::move(mentions)};
}

}  // namespace kith::client
