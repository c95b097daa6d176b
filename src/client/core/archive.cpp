#include "client/core/archive.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::int64_t kMostSkewMs = 86'400'000;

constexpr const char* kTruncated = "The server shows less of this account's history than there was.";
constexpr const char* kForged = "The server shows a history that none of this account's devices wrote.";
constexpr const char* kUnreadable = "A part of this account's history cannot be read, and is left out.";
constexpr const char* kUnvouched =
    "The server was restored since this account's keys were left for the recovery key. Whether it shows all of the "
    "history that there was cannot be told.";

Bytes hash_of(const wire::ArchiveBlock& block) {
  if (block.erased) return to_bytes(block.erased->view());
  return to_bytes(crypto::sha256(block.payload));
}
}  // namespace

bool Archive::restore(ByteView bytes) {
  auto record = mls::decoded<ArchiveRecord>(bytes);
  if (!record) return false;
  record_ = *std::move(record);
  return true;
}

void Archive::store() { machine_.put(row_key::archive(), mls::encoded_secret(record_)); }

void Archive::start() {
  writer.start();
  show();
  if (!machine_.account.exists()) return;
  if (record_.below.seq.value > 0) show_progress({});
}

void Archive::show() const { machine_.show({{"type", "archive"}, {"is_on", record_.settings.is_on}}); }

void Archive::show_progress(const std::vector<ConversationId>& changed) const {
  Json conversations = Json::array();
  for (const ConversationId& id : changed) conversations.push_back(id.text());
  machine_.show({{"type", "history"},
                 {"blocks_done", record_.total.value - record_.below.seq.value},
                 {"blocks_total", record_.total.value},
                 {"conversations", std::move(conversations)}});
}

// ---- a new device ----

void Archive::adopt(const HistoryId& history, const ArchivePlace& end) {
  record_ = {.history = history, .head = end, .below = end, .total = end.seq};
  store();
}

void Archive::meet(const keys::ArchiveEnd& known) {
  record_ = {.is_unmet = true};
  if (known.seq.value > 0) {
    record_.history = known.history;
    record_.promised = {known.seq, known.chain};
  }
  if (!known.key.empty()) keys.keep(known.generation, known.key);
  store();
}

void Archive::goes_on_behind(std::uint32_t generation) {
  record_.former = generation;
  store();
}

keys::ArchiveEnd Archive::end_for(std::uint32_t generation) {
  const ArchivePlace& place = record_.is_unmet ? record_.promised : record_.head;
  keys::ArchiveEnd end{.history = record_.history.value_or(HistoryId{}), .seq = place.seq, .chain = place.chain};
  const auto before = [](std::uint32_t number) { return number > 0 ? std::optional(number - 1) : std::nullopt; };
  auto newest = record_.is_unmet ? before(machine_.account.record().generation) : record_.generation;
  if (newest && *newest >= generation) newest = before(generation);
  const auto known = newest ? keys.newest_up_to(*newest) : std::nullopt;
  if (!known) return end;
  end.generation = *known;
  end.key = *keys.find(*known);
  return end;
}

bool Archive::is_lost(std::uint32_t generation, std::optional<std::uint32_t> former) {
  return former && generation > *former && generation < machine_.account.record().generation &&
         keys.find(generation) == nullptr;
}

void Archive::forget() {
  record_ = {};
  machine_.erase(row_key::archive());
  keys.forget_all();
}

// ---- what the server says ----

void Archive::told(Seq head) {
  server_head_ = std::max(head, server_head_.value_or(Seq{}));
  if (record_.history != machine_.sync.history()) {
    must_look_ = true;
  } else if (head < floor_) {
    differs("archive_truncated", kTruncated);
  }
}

void Archive::hinted(const wire::ArchiveBlock& block) {
  if (block.seq <= record_.head.seq) return;
  server_head_ = std::max(block.seq, server_head_.value_or(Seq{}));
  const bool is_next = block.seq == record_.head.seq.next() && !block.payload.empty();
  if (busy_ || stuck_ || must_look_ || record_.is_unmet || !is_next || !machine_.connection.is_online()) return;
  if (machine_.chats.meets_history()) return;
  // Whether it is what it says, the archive tells where this does not follow.
  const auto read = keys::ArchiveBlock::read(block.payload);
  if (!read || read->before != record_.head.chain) return;
  take_forwards({block}, {.to = record_.head, .generation = record_.generation});
}

void Archive::moved(Seq head) {
  server_head_ = std::max(head, server_head_.value_or(Seq{}));
  // Where it has not, whether it is the same archive.
  if (head <= record_.head.seq) pause(0);
  must_look_ = true;
}

void Archive::pause(std::uint32_t retry_after_ms) {
  pause_until_ = machine_.clock_ms() + std::clamp<std::int64_t>(retry_after_ms, kRetryMs, kMaxRetryMs);
}

void Archive::disconnected() {
  server_head_.reset();
  run_.clear();
  busy_ = recollection.is_busy();
  stuck_ = must_look_ = false;
  awaits_ = 0;
  awaits_former_.reset();
  pause_until_ = 0;
  writer.disconnected();
}

bool Archive::is_read() const {
  return server_head_ && *server_head_ <= record_.head.seq && record_.below.seq.value == 0 && !record_.is_unmet &&
         !must_look_ && !busy_ && !stuck_ && awaits_ == 0;
}

std::optional<std::int64_t> Archive::wake_at() const {
  if (!machine_.connection.is_online() || stuck_) return std::nullopt;
  if (pause_until_ > machine_.clock_ms()) return pause_until_;
  return is_read() ? writer.wake_at() : std::nullopt;
}

void Archive::advance() {
  if (!machine_.connection.is_online() || !machine_.account.exists() || !server_head_) return;
  machine_.chats.show_shadows();
  if (awaits_ <= machine_.account.record().generation) awaits_ = 0;
  if (awaits_former_ && keys.find(*awaits_former_) != nullptr) awaits_former_.reset();
  if (busy_ || stuck_ || awaits_ != 0 || machine_.clock_ms() < pause_until_) return;
  if (is_read()) return writer.advance();
  // What blocks have of the present history has no place in a chat before.
  if (machine_.chats.meets_history()) return;
  if (machine_.connection.free_slots() == 0) return pause(0);
  if (record_.is_unmet || must_look_ || *server_head_ > record_.head.seq) return read_forwards();
  if (!awaits_former_) read_backwards();
}

bool Archive::is_refused(const wire::Body& body) {
  busy_ = false;
  const auto* error = std::get_if<wire::Error>(&body);
  if (error != nullptr) {
    pause(error->retry_after_ms);
  } else if (!std::holds_alternative<wire::ArchiveBlocks>(body)) {
    machine_.connection.give_up("the server answered for the archive with something else");
  }
  return !std::holds_alternative<wire::ArchiveBlocks>(body);
}

// A server that was restored may have another archive, which is read from its end; what it lacks is written again.
void Archive::differs(const char* code, const char* message) {
  if (record_.history && record_.history != machine_.sync.history()) return begin_anew();
  if (!std::exchange(stuck_, true)) machine_.warn(code, message);
  writer.drop();
}

void Archive::begin_anew() {
  record_.history = machine_.sync.history();
  record_.is_unmet = true;
  record_.head = record_.below = {};
  record_.total = {};
  record_.promised = {};
  record_.generation.reset();
  record_.below_generation.reset();
  record_.former.reset();
  record_.settings_archived_ms = 0;
  record_.erase_to = record_.erased = {};
  floor_ = {};
  run_.clear();
  must_look_ = false;
  for (const ConversationId& id : machine_.chats.all_ids())
    machine_.chats.find_shown_or_not(id)->archive.forget_archived();
  machine_.contacts.forget_archived();
  writer.everything_is_news();
  store();
}

std::optional<wire::ArchiveContent> Archive::opened(const wire::ArchiveBlock& block, std::uint32_t generation) {
  const SecretBytes* key = keys.find(generation);
  if (key == nullptr) return std::nullopt;
  const auto plain = keys::ArchiveBlock::open(machine_.account.user(), block.seq, *key, block.payload);
  auto content = plain ? wire::decode_archive(*plain) : fail(wire::Errc::malformed);
  const bool is_one = content && (!content->former || content->former->generation < generation);
  return is_one ? std::optional(*std::move(content)) : std::nullopt;
}

// Who turned the archive off may not have come to erase what was before.
void Archive::Page::take(Seq seq, std::optional<wire::ArchiveContent> content) {
  has_junk = has_junk || !content;
  if (!content) return;
  if (content->account && !content->account->is_on) erase_to = std::max(erase_to, Seq{seq.value - 1});
  contents.push_back(*std::move(content));
}

void Archive::taken(const Page& page) {
  if (page.erase_to > record_.erase_to) was_turned_off(page.erase_to);
  if (page.has_junk) machine_.warn("archive_unreadable", kUnreadable);
}

// ---- forwards ----

void Archive::read_forwards() {
  busy_ = true;
  const wire::ReadArchive request = record_.is_unmet
                                        ? wire::ReadArchive{.after_seq = {}, .limit_bytes = 1, .newest_first = true}
                                        : wire::ReadArchive{.after_seq = record_.head.seq, .limit_bytes = kPageBytes};
  machine_.connection.request(request, [this, floor = record_.head.seq](const wire::Body& body) {
    if (is_refused(body)) return;
    record_.is_unmet ? met(body) : forwards(floor, body);
  });
}

// The end of an archive that nothing is known of: what is behind it vouches for the rest.
void Archive::met(const wire::Body& body) {
  const auto& answer = std::get<wire::ArchiveBlocks>(body);
  // What was promised was so before the server was restored.
  if (record_.history && record_.history != machine_.sync.history()) {
    machine_.warn("archive_unvouched", kUnvouched);
    return begin_anew();
  }
  if (answer.head_seq < record_.promised.seq) return differs("archive_truncated", kTruncated);
  record_.history = machine_.sync.history();
  record_.is_unmet = false;
  record_.head = {answer.head_seq, answer.chain.value};
  record_.below = record_.head;
  record_.total = record_.head.seq;
  if (!answer.blocks.empty() && !answer.blocks.front().payload.empty()) {
    const auto newest = keys::ArchiveBlock::read(answer.blocks.front().payload);
    if (newest) record_.generation = newest->generation;
  }
  must_look_ = false;
  server_head_ = std::max(answer.head_seq, server_head_.value_or(Seq{}));
  store();
  if (record_.total.value > 0) show_progress({});
}

void Archive::forwards(Seq floor, const wire::Body& body) {
  const auto& answer = std::get<wire::ArchiveBlocks>(body);
  if (floor != record_.head.seq) return;  // a hint was faster
  if (answer.head_seq < floor) return differs("archive_truncated", kTruncated);
  const keys::ArchiveChain chain = answer.chain.value;
  server_head_ = std::max(answer.head_seq, record_.head.seq);
  if (answer.head_seq == floor) {
    if (chain != record_.head.chain) return differs("archive_forged", kForged);
    must_look_ = false;
    if (record_.history == machine_.sync.history()) return;
    record_.history = machine_.sync.history();
    return store();
  }
  if (answer.blocks.empty()) return machine_.connection.give_up("the server withholds blocks of the archive");
  must_look_ = false;
  const std::vector<wire::ArchiveBlock> blocks = answer.blocks;
  Page page{.to = record_.head, .generation = record_.generation};
  keys::ArchiveChain end = record_.head.chain;
  for (const wire::ArchiveBlock& block : blocks) end = keys::next_archive_chain(end, hash_of(block));
  if (blocks.back().seq == answer.head_seq && end != chain) return differs("archive_forged", kForged);
  take_forwards(blocks, std::move(page));
}

bool Archive::follow(Page& page, const wire::ArchiveBlock& block) {
  if (block.seq != page.to.seq.next() || (block.payload.empty() && !block.erased)) return false;
  if (!block.erased) {
    const auto head = keys::ArchiveBlock::read(block.payload);
    if (!head || head->before != page.to.chain || (page.generation && head->generation < *page.generation))
      return false;
    const bool has_key = keys.find(head->generation) != nullptr;
    if (!has_key && head->generation > machine_.account.record().generation) {
      awaits_ = head->generation;
      page.is_unreadable = true;
      return true;
    }
    page.generation = head->generation;
    page.has_gaps = page.has_gaps || !has_key;
    if (has_key) page.take(block.seq, opened(block, head->generation));
  }
  page.to = {block.seq, keys::next_archive_chain(page.to.chain, hash_of(block))};
  return true;
}

void Archive::take_forwards(const std::vector<wire::ArchiveBlock>& blocks, Page page) {
  for (const wire::ArchiveBlock& block : blocks) {
    if (page.is_unreadable) break;
    if (!follow(page, block)) return differs("archive_forged", kForged);
  }
  if (page.to == record_.head) return;
  busy_ = true;
  writer.drop();
  // The connection may be another one when the store has answered, and the server restored.
  const auto history = machine_.sync.history();
  std::vector<wire::ArchiveContent> contents = std::move(page.contents);
  recollection.take(std::move(contents), [this, page = std::move(page), history](const auto& changed) {
    busy_ = false;
    taken(page);
    record_.head = page.to;
    record_.generation = page.generation;
    record_.history = history;
    // A device that missed a generation reads like a new one.
    if (page.has_gaps) {
      record_.below = page.to;
      record_.total = page.to.seq;
      record_.below_generation.reset();
    }
    store();
    if (!changed.empty()) show_progress(changed);
  });
}

// ---- backwards ----

void Archive::read_backwards() {
  busy_ = true;
  const Seq before{record_.below.seq.value + 1 - run_.size()};
  machine_.connection.request(
      wire::ReadArchive{.after_seq = {}, .before_seq = before, .limit_bytes = kPageBytes, .newest_first = true},
      [this](const wire::Body& body) {
        if (!is_refused(body)) backwards(body);
      });
}

std::optional<keys::ArchiveChain> Archive::chain_behind(ArchivePlace place) const {
  bool is_as_promised = true;
  const auto look = [&] {
    if (place.seq == record_.promised.seq && place != record_.promised) is_as_promised = false;
  };
  look();
  for (auto erased = run_.rbegin(); erased != run_.rend(); ++erased) {
    place = {place.seq.next(), keys::next_archive_chain(place.chain, erased->view())};
    look();
  }
  return is_as_promised ? std::optional(place.chain) : std::nullopt;
}

// Blocks that were erased say nothing of the chain before them: whatever stands before them all does.
bool Archive::go_back(Page& page, const wire::ArchiveBlock& block) {
  if (block.seq.value + run_.size() != page.to.seq.value || (block.payload.empty() && !block.erased)) return false;
  keys::ArchiveChain before = keys::kEmptyArchive;
  if (block.erased) {
    run_.push_back(*block.erased);
    if (block.seq.value > 1) return true;
  } else {
    const auto head = keys::ArchiveBlock::read(block.payload);
    if (!head || (block.seq.value == 1 && head->before != keys::kEmptyArchive)) return false;
    before = head->before;
  }
  const ArchivePlace behind =
      block.erased ? ArchivePlace{} : ArchivePlace{block.seq, keys::next_archive_chain(before, hash_of(block))};
  if (chain_behind(behind) != page.to.chain) return false;
  run_.clear();
  if (block.erased) return page.to = {}, true;
  const std::uint32_t generation = keys::ArchiveBlock::read(block.payload)->generation;
  if (page.oldest && generation > *page.oldest) return false;
  const bool is_lost = this->is_lost(generation, page.former);
  if (!is_lost && keys.find(generation) == nullptr) {
    page.to = behind;  // without what was erased behind it
    awaits_former_ = generation;
    page.is_unreadable = true;
    return true;
  }
  page.to = {{block.seq.value - 1}, before};
  page.oldest = generation;
  if (!page.generation) page.generation = generation;
  if (is_lost) return true;
  auto content = opened(block, generation);
  // What is behind it may need the key.
  if (content && content->former) {
    keys.keep(content->former->generation, content->former->archive_key);
    page.former = content->former->generation;
  }
  page.take(block.seq, std::move(content));
  return true;
}

void Archive::backwards(const wire::Body& body) {
  const auto& answer = std::get<wire::ArchiveBlocks>(body);
  if (answer.head_seq < record_.head.seq) return differs("archive_truncated", kTruncated);
  if (answer.blocks.empty()) return machine_.connection.give_up("the server withholds blocks of the archive");
  Page page{.to = record_.below, .oldest = record_.below_generation, .former = record_.former};
  for (const wire::ArchiveBlock& block : answer.blocks) {
    if (page.is_unreadable) break;
    if (page.to.seq.value == 0 || !go_back(page, block)) return differs("archive_forged", kForged);
  }
  if (page.to == record_.below) return;  // all of it erased; on to what is before
  busy_ = true;
  std::vector<wire::ArchiveContent> contents = std::move(page.contents);
  recollection.take(std::move(contents), [this, page = std::move(page)](const auto& changed) {
    busy_ = false;
    taken(page);
    record_.below = page.to;
    record_.below_generation = page.oldest;
    record_.former = page.former;
    if (!record_.generation) record_.generation = page.generation;
    store();
    show_progress(changed);
    if (page.to.seq.value == 0) writer.everything_is_news();
  });
}

// ---- for its parts ----

void Archive::appended(Seq seq, ByteView payload, const wire::ArchiveContent& content, std::uint32_t generation) {
  record_.head = {seq, keys::next_archive_chain(record_.head.chain, crypto::sha256(payload))};
  record_.generation = generation;
  record_.former.reset();  // the block tells it
  record_.history = machine_.sync.history();
  server_head_ = std::max(seq, server_head_.value_or(Seq{}));
  recollection.take({content}, [](const auto&) {});
  if (content.account && !content.account->is_on) was_turned_off({seq.value - 1});
  store();
}

void Archive::was_turned_off(Seq up_to) {
  record_.erase_to = up_to;
  for (const ConversationId& id : machine_.chats.all_ids())
    machine_.chats.find_shown_or_not(id)->archive.forget_archived();
  machine_.contacts.forget_archived();
  writer.everything_is_news();
  writer.hurry();
}

void Archive::erased_up_to(Seq seq) {
  record_.erased = seq;
  store();
}

bool Archive::is_of_the_future(std::int64_t at_ms) const { return at_ms > machine_.now().value + kMostSkewMs; }

void Archive::recall(const wire::ArchivedAccount& settings) {
  if (is_of_the_future(settings.at_ms)) return;
  if (settings.at_ms > record_.settings.at_ms) {
    const bool was_on = std::exchange(record_.settings, settings).is_on;
    if (was_on != settings.is_on) {
      show();
      writer.everything_is_news();
    }
  }
  if (settings.at_ms == record_.settings.at_ms) record_.settings_archived_ms = settings.at_ms;
}

void Archive::news_since(std::int64_t wall_ms) {
  if (std::exchange(record_.news_since_ms, wall_ms) != wall_ms) store();
}

void Archive::set_on(bool is_on) {
  if (record_.settings.is_on == is_on) return;
  record_.settings = {std::max(machine_.now().value, record_.settings.at_ms + 1), is_on};
  store();
  show();
  writer.everything_is_news();
  writer.hurry();
}

}  // namespace kith::client
