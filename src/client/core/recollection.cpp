#include "client/core/recollection.h"

#include <map>
#include <set>

#include "client/core/machine.h"

namespace kith::client {

namespace {
// Rows of one chat that are looked at: those of a long one, where the server was restored.
constexpr std::uint32_t kMostRows = 1U << 20;
}  // namespace

// A direct conversation is of the two whom its id is made of.
Chat* Recollection::chat_of(const ConversationId& conversation, const std::optional<UserId>& peer) {
  if (peer && conversation != keys::direct_conversation(machine_.account.user(), *peer)) return nullptr;
  Chat& chat = machine_.chats.recollect(conversation, peer);
  return chat.is_group() == peer.has_value() ? nullptr : &chat;
}

const std::vector<Row>& Recollection::Page::rows(std::size_t span) const {
  static const std::vector<Row> none;
  return rows_of[span] ? loaded[*rows_of[span]] : none;
}

void Recollection::take(std::vector<wire::ArchiveContent> contents, const Then& then) {
  auto page = std::make_shared<Page>(Page{.contents = std::move(contents)});
  std::map<ChatArchive::KeyRange, std::size_t> wanted;
  std::map<ConversationId, Chat*> grow;
  for (const wire::ArchiveContent& content : page->contents) {
    for (const wire::ArchivedSpan& span : content.spans) {
      Chat* chat = chat_of(span.conversation, span.peer);
      if (chat != nullptr && chat->archive.has_news(span)) grow.emplace(span.conversation, chat);
      const auto range = chat != nullptr ? chat->archive.rows_needed(span) : std::nullopt;
      page->rows_of.push_back(range ? std::optional(wanted.try_emplace(*range, wanted.size()).first->second)
                                    : std::nullopt);
    }
  }
  page->loaded.resize(wanted.size());
  page->awaited += wanted.size() + grow.size();
  ++waiting_;
  const auto one_less = [this, page, then] {
    if (--page->awaited > 0) return;
    --waiting_;
    apply(*page, then);
  };
  for (const auto& [range, at] : wanted) {
    machine_.load(range.first, range.second, kMostRows, false, [page, one_less, at](std::vector<Row> rows) {
      page->loaded[at] = std::move(rows);
      one_less();
    });
  }
  for (const auto& [conversation, chat] : grow) chat->when_named(one_less);
  one_less();
}

void Recollection::apply(const Page& page, const Then& then) {
  std::set<ConversationId> changed;
  std::size_t place = 0;
  for (const wire::ArchiveContent& content : page.contents) {
    if (content.former) machine_.archive.keys.keep(content.former->generation, content.former->archive_key);
    if (content.account) machine_.archive.recall(*content.account);
    for (const wire::ArchivedPerson& person : content.people) machine_.contacts.recall(person);
    for (const wire::ArchivedSpan& span : content.spans) {
      const std::vector<Row>& rows = page.rows(place++);
      Chat* chat = chat_of(span.conversation, span.peer);
      if (chat == nullptr) continue;
      chat->archive.learn(span);
      if (chat->archive.take(span, rows)) changed.insert(span.conversation);
    }
    for (const wire::ArchivedChat& settings : content.chats) {
      if (Chat* chat = chat_of(settings.conversation, settings.peer)) chat->archive.recall(settings);
    }
  }
  then({changed.begin(), changed.end()});
}

}  // namespace kith::client
