#include "client/core/archive_writer.h"

#include <algorithm>

#include "client/core/archive_content.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::uint32_t kRowsAtOnce = 256;
// A key that is not here may come.
constexpr std::int64_t kKeyPatienceMs = 60'000;
// Of what surrounds a message, a person or a chat in a block.
constexpr std::size_t kSurroundings = 160;

std::size_t size_of(const wire::ArchivedMessage& message) {
  std::size_t size = kSurroundings + message.content.size();
  for (const wire::ArchivedChange& change : message.changes)
    size += kSurroundings + change.text.size() + change.users.size() * UserId::kSize;
  return size;
}

bool has_messages(const wire::ArchiveContent& content) {
  return std::ranges::any_of(content.spans, [](const wire::ArchivedSpan& span) { return !span.messages.empty(); });
}

// Those of them that this draft has of one conversation.
std::vector<ArchivedRange> ranges_in(const wire::ArchiveContent& content, const ConversationId& conversation) {
  std::vector<ArchivedRange> ranges;
  for (const wire::ArchivedSpan& span : content.spans) {
    if (span.conversation == conversation) ranges.push_back({span.history, span.from, span.to});
  }
  return ranges;
}
}  // namespace

void ArchiveWriter::start() {
  for (const ConversationId& id : machine_.chats.all_ids()) {
    const Chat& chat = *machine_.chats.find_shown_or_not(id);
    if (chat.archive.next_to_archive()) messages_.insert(id);
    if (chat.archive.has_settings_to_archive()) settings_.insert(id);
  }
  for (const auto& [user, contact] : machine_.contacts.all()) {
    if (contact.said_ms > contact.archived_ms) people_.insert(user);
  }
  const ArchiveRecord& archive = machine_.archive.record();
  account_ = archive.settings.at_ms > archive.settings_archived_ms;
}

void ArchiveWriter::chat_has_news(const ConversationId& conversation, bool is_message) {
  if (is_message) {
    messages_.insert(conversation);
    if (draft_) draft_->fresh.insert(conversation);
    if (++waiting_ == kManyMessages) due_at_ = 0;
  } else {
    settings_.insert(conversation);
  }
}

void ArchiveWriter::person_has_news(const UserId& user) { people_.insert(user); }

void ArchiveWriter::everything_is_news() {
  drop();
  start();
}

void ArchiveWriter::hurry() {
  if (has_news()) due_at_ = machine_.clock_ms();
}

void ArchiveWriter::drop() {
  draft_.reset();
  ++turn_;
  due_at_ = 0;
}

void ArchiveWriter::disconnected() {
  drop();
  for (const auto& [reply, with_messages] : std::exchange(settling_, {}))
    reply.failed("offline", "There is no connection to the server.");
  appending_ = is_full_ = false;
}

bool ArchiveWriter::has_news() const {
  const bool is_on = machine_.archive.record().settings.is_on;
  return (is_on && !messages_.empty()) || !is_everything_but_messages_written() || is_under_former_key();
}

bool ArchiveWriter::is_under_former_key() const {
  const auto& written = machine_.archive.record().generation;
  return written && *written < machine_.account.record().generation;
}

std::optional<std::int64_t> ArchiveWriter::wake_at() const {
  return due_at_ != 0 && !draft_ && !appending_ ? std::optional(due_at_) : std::nullopt;
}

void ArchiveWriter::settle_for(const Reply& reply, bool with_messages) {
  if (!machine_.connection.is_online()) return reply.failed("offline", "There is no connection to the server.");
  settling_.emplace_back(reply, with_messages);
  hurry();
}

void ArchiveWriter::answer_settled() {
  if (!is_full_ && (draft_ || appending_)) return;
  std::erase_if(settling_, [this](const auto& waiting) {
    const auto& [reply, with_messages] = waiting;
    if (is_full_) {
      reply.failed("archive_full", "The server keeps no more of this account's history.");
    } else if (with_messages ? !has_news() : is_everything_but_messages_written()) {
      reply.done({});
    } else {
      return false;
    }
    return true;
  });
}

void ArchiveWriter::advance() {
  if (!settling_.empty()) answer_settled();
  if (draft_ || appending_ || is_full_) return;
  const ArchiveRecord& archive = machine_.archive.record();
  if (!has_news()) {
    due_at_ = 0;
    machine_.archive.news_since(0);
    if (archive.erased < archive.erase_to) erase();
    return;
  }
  const std::int64_t now = machine_.clock_ms();
  if (due_at_ == 0) due_at_ = now + patience();
  if (now >= due_at_) begin();
}

std::int64_t ArchiveWriter::patience() {
  const std::int64_t wall = machine_.now().value;
  const std::int64_t since = machine_.archive.record().news_since_ms;
  if (since != 0 && wall - since > kPatienceMs + kSpreadMs) return 0;
  if (since == 0 || since > wall) machine_.archive.news_since(wall);
  if (waiting_ >= kManyMessages) return static_cast<std::int64_t>(machine_.random_below(kSpreadMs / 4));
  return kPatienceMs + static_cast<std::int64_t>(machine_.random_below(kSpreadMs));
}

// ---- gathering ----

void ArchiveWriter::begin() {
  // Who has the key of before tells it to who will come.
  const std::uint32_t present = machine_.account.record().generation;
  const std::uint32_t before = machine_.archive.record().generation.value_or(present);
  const bool is_lost = machine_.archive.is_lost(before);
  const std::uint32_t told = is_lost ? machine_.archive.keys.newest_up_to(before).value_or(before) : before;
  const SecretBytes* former = told != present ? machine_.archive.keys.find(told) : nullptr;
  if (machine_.archive.keys.find(present) == nullptr || (told != present && former == nullptr)) {
    due_at_ = machine_.clock_ms() + kKeyPatienceMs;
    return;
  }
  settle();
  draft_.emplace();
  draft_->generation = present;
  if (former != nullptr) draft_->content.former = wire::FormerKey{told, *former};
  if (machine_.archive.record().settings.is_on) draft_->chats.assign(messages_.begin(), messages_.end());
  add_settings();
  gather();
}

void ArchiveWriter::add_settings() {
  wire::ArchiveContent& content = draft_->content;
  if (account_) content.account = machine_.archive.record().settings;
  const auto has_room = [&] {
    draft_->bytes += 2 * kSurroundings;
    draft_->is_full = draft_->bytes >= kMostBytes;
    return !draft_->is_full;
  };
  for (const ConversationId& id : settings_) {
    const Chat* chat = machine_.chats.find_shown_or_not(id);
    if (chat == nullptr) continue;
    if (!has_room()) return;
    content.chats.push_back(chat->archive.settings());
  }
  for (const UserId& user : people_) {
    const auto person = machine_.contacts.archived(user);
    if (!person) continue;
    draft_->bytes += person->name.size() + person->address.size();
    if (!has_room()) return;
    content.people.push_back(*person);
  }
}

void ArchiveWriter::gather() {
  while (!draft_->chats.empty() && !draft_->is_full) {
    const ConversationId id = draft_->chats.back();
    Chat* chat = machine_.chats.find_shown_or_not(id);
    const auto range =
        chat != nullptr ? chat->archive.next_to_archive(ranges_in(draft_->content, id)) : std::optional<HeldRange>();
    if (!range) {
      draft_->seen.push_back(id);
      draft_->chats.pop_back();
      continue;
    }
    return machine_.load(row_key::message(id, range->base + range->from.value),
                         row_key::message(id, range->base + range->to.value + 1), kRowsAtOnce, false,
                         [this, id, range = *range, turn = turn_](const std::vector<Row>& rows) {
                           if (draft_ && turn == turn_) gathered(id, range, rows);
                         });
  }
  finish();
}

void ArchiveWriter::gathered(const ConversationId& conversation, const HeldRange& range, const std::vector<Row>& rows) {
  const Chat& chat = *machine_.chats.find_shown_or_not(conversation);
  wire::ArchivedSpan span{.conversation = conversation, .history = range.history, .from = range.from, .to = range.to};
  if (chat.is_group()) {
    span.name = chat.record().group->profile.name;
  } else {
    span.peer = chat.record().peer;
  }
  draft_->bytes += 2 * kSurroundings + span.name.size();
  for (const Row& row : rows) {
    const auto message = mls::decoded<MessageRecord>(row.value);
    auto archived_message = message ? archived(*message, range.base) : std::nullopt;
    // What alone would fill a block is in none.
    if (!archived_message || size_of(*archived_message) > kMostBytes / 2) continue;
    draft_->bytes += size_of(*archived_message);
    if (draft_->bytes > kMostBytes) {
      draft_->is_full = true;
      span.to = {archived_message->seq.value - 1};
      break;
    }
    span.messages.push_back(*std::move(archived_message));
  }
  if (!draft_->is_full && rows.size() >= kRowsAtOnce) {
    if (const auto last = mls::decoded<MessageRecord>(rows.back().value)) span.to = {last->order - range.base};
  }
  if (span.to >= span.from) draft_->content.spans.push_back(std::move(span));
  draft_->is_full = draft_->is_full || draft_->bytes > kMostBytes;
  gather();
}

void ArchiveWriter::finish() {
  const wire::ArchiveContent& content = draft_->content;
  const bool is_worth_it =
      has_messages(content) || !content.chats.empty() || !content.people.empty() || content.account || content.former;
  if (!is_worth_it) {
    // Nothing that people are to see: it goes with the next that is.
    for (const ConversationId& id : draft_->seen) {
      if (!draft_->fresh.contains(id)) messages_.erase(id);
    }
    waiting_ = 0;
    return drop();
  }
  if (machine_.connection.free_slots() == 0) {
    drop();
    due_at_ = machine_.clock_ms() + kPatienceMs;
    return;
  }
  append(content);
}

void ArchiveWriter::append(const wire::ArchiveContent& content) {
  const ArchiveRecord& archive = machine_.archive.record();
  const std::uint32_t generation = machine_.account.record().generation;
  // Whether the key of before has to be told was decided for another one.
  if (generation != draft_->generation) {
    drop();
    return hurry();
  }
  const keys::ArchiveBlock block{.before = archive.head.chain, .generation = generation};
  const auto sealed =
      block.seal(machine_.account.user(), archive.head.seq.next(), *machine_.archive.keys.find(generation),
                 wire::encode_archive(content), machine_.entropy);
  // kMostBytes is far below what a block holds.
  KITH_CHECK(sealed.has_value());
  appending_ = true;
  wire::Hash chain{archive.head.chain};
  machine_.connection.request(
      wire::ArchiveAppend{
          .client_id = machine_.new_client_id(), .after_seq = archive.head.seq, .chain = chain, .payload = *sealed},
      [this, payload = *sealed, content, generation](const wire::Body& body) {
        appending_ = false;
        answered(payload, content, generation, body);
      });
}

void ArchiveWriter::answered(const Bytes& payload, const wire::ArchiveContent& content, std::uint32_t generation,
                             const wire::Body& body) {
  const bool is_full = draft_ && draft_->is_full;
  drop();
  if (const auto* done = std::get_if<wire::Appended>(&body)) {
    const Seq head = machine_.archive.record().head.seq;
    if (done->seq > head.next()) return machine_.connection.give_up("the server put a block of the archive elsewhere");
    // Otherwise it was read already.
    if (done->seq > head) machine_.archive.appended(done->seq, payload, content, generation);
    settle();
    machine_.archive.news_since(has_news() ? machine_.now().value : 0);
    // The rest follows at once.
    if (is_full && has_news()) due_at_ = machine_.clock_ms();
    return;
  }
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr) return machine_.connection.give_up("the server answered an append with something else");
  switch (error->code) {
    case wire::ErrorCode::archive_moved:
      return machine_.archive.moved(error->head_seq);
    case wire::ErrorCode::archive_full:
      is_full_ = true;
      return machine_.warn("archive_full", "The server keeps no more of this account's history.");
    default:
      return machine_.archive.pause(error->retry_after_ms);
  }
}

void ArchiveWriter::settle() {
  const ArchiveRecord& archive = machine_.archive.record();
  account_ = archive.settings.at_ms > archive.settings_archived_ms;
  std::erase_if(settings_, [&](const ConversationId& id) {
    const Chat* chat = machine_.chats.find_shown_or_not(id);
    return chat == nullptr || !chat->archive.has_settings_to_archive();
  });
  std::erase_if(people_, [&](const UserId& user) {
    const ContactRecord* contact = machine_.contacts.find(user);
    return contact == nullptr || contact->said_ms <= contact->archived_ms;
  });
  std::erase_if(messages_, [&](const ConversationId& id) {
    const Chat* chat = machine_.chats.find_shown_or_not(id);
    return chat == nullptr || !chat->archive.next_to_archive();
  });
  waiting_ = 0;
}

// ---- erasing ----

void ArchiveWriter::erase() {
  const ArchiveRecord& archive = machine_.archive.record();
  if (machine_.connection.free_slots() == 0) return;
  wire::EraseArchive request;
  Seq seq = archive.erased;
  while (seq < archive.erase_to && request.seqs.size() < kMostErased) request.seqs.push_back(seq = seq.next());
  appending_ = true;
  machine_.connection.request(request, [this, up_to = seq](const wire::Body& body) {
    appending_ = false;
    const auto* error = std::get_if<wire::Error>(&body);
    if (error != nullptr) return machine_.archive.pause(error->retry_after_ms);
    machine_.archive.erased_up_to(up_to);
  });
}

}  // namespace kith::client
