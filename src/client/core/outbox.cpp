#include "client/core/outbox.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"
#include "crypto/crypto.h"
#include "wire/content.h"

namespace kith::client {

namespace {

bool is_transient(wire::ErrorCode code) {
  return code == wire::ErrorCode::rate_limited || code == wire::ErrorCode::overloaded ||
         code == wire::ErrorCode::internal;
}
// Pending messages sort behind everything that is in the log.
constexpr std::uint64_t kFirstPendingOrder = std::uint64_t{1} << 52;
constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::int64_t kStrangerPauseMs = 30'000;
constexpr std::uint32_t kMostLies = 3;
// Slots of the connection that appends leave free for reading.
constexpr std::size_t kReservedSlots = 4;

const char* name_of(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::too_large:
      return "too_large";
    case wire::ErrorCode::not_member:
      return "not_member";
    case wire::ErrorCode::not_found:
      return "not_found";
    case wire::ErrorCode::not_allowed:
      return "not_allowed";
    default:
      return "invalid_argument";
  }
}
wire::Content content_of(const OutgoingRecord& record) {
  switch (record.kind) {
    case OutgoingKind::missed:
      return {.sent_ms = record.sent_ms, .missed = wire::Missed{record.after, record.before}};
    case OutgoingKind::again:
      return {.sent_ms = record.sent_ms,
              .text = record.text,
              .again_of = record.after,
              .again_id = record.first_id,
              .reply = record.reply,
              .mentions = record.mentions};
    case OutgoingKind::again_done:
      return {.sent_ms = record.sent_ms, .again_done = wire::AgainDone{record.after, record.before, record.unshown}};
    case OutgoingKind::profile:
    case OutgoingKind::retold:
      return {.sent_ms = record.sent_ms,
              .profile = wire::GroupProfile{record.text, record.description},
              .retold = record.retold};
    case OutgoingKind::text:
      break;
  }
  return {.sent_ms = record.sent_ms, .text = record.text, .reply = record.reply, .mentions = record.mentions};
}
}  // namespace

bool Outbox::restore(ByteView bytes) {
  auto record = mls::decoded<OutgoingRecord>(bytes);
  if (!record) return false;
  items_.push_back({.record = *std::move(record)});
  return true;
}

std::vector<const OutgoingRecord*> Outbox::all() const {
  std::vector<const OutgoingRecord*> records;
  for (const Item& item : items_) records.push_back(&item.record);
  return records;
}

bool Outbox::has(OutgoingKind kind) const {
  return std::ranges::any_of(items_, [&](const Item& item) { return item.record.kind == kind && !item.failed(); });
}

Outbox::Item* Outbox::find(const ClientId& id) {
  const auto at =
      std::ranges::find_if(items_, [&](const Item& item) { return item.record.id == id && !item.given_up; });
  return at == items_.end() ? nullptr : &*at;
}

void Outbox::store(const Item& item) {
  chat_.machine().put(row_key::outgoing(chat_.id(), item.record.order), mls::encoded_secret(item.record));
}

const OutgoingRecord* Outbox::newest() const {
  const auto shown =
      std::find_if(items_.rbegin(), items_.rend(), [](const Item& item) { return item.record.is_shown(); });
  return shown != items_.rend() ? &shown->record : nullptr;
}

const OutgoingRecord& Outbox::add(OutgoingRecord draft) {
  Machine& machine = chat_.machine();
  ChatRecord& chat = chat_.record();
  draft.id = machine.new_client_id();
  draft.order = kFirstPendingOrder + chat.next_pending++;
  if (draft.sent_ms == 0) draft.sent_ms = machine.now().value;
  items_.push_back({.record = std::move(draft)});
  ++chat.pending;
  store(items_.back());
  // Or the next life would give the next one the same order, and with it this one's row.
  chat_.changed_quietly();
  chat_.poke();
  return items_.back().record;
}

bool Outbox::retry(const ClientId& id) {
  Item* item = find(id);
  if (item == nullptr || !item->failed()) return false;
  item->record.failure.clear();
  item->record.failure_text.clear();
  unseal(item->record);
  item->state = Item::State::waiting;
  ++chat_.record().pending;
  store(*item);
  chat_.show_outgoing(item->record, false);
  chat_.poke();
  return true;
}

void Outbox::fail(Item& item, const std::string& error, const std::string& message) {
  // Nobody sees it and nobody could try again.
  if (!item.record.is_shown()) return give_up(item);
  item.record.failure = error;
  item.record.failure_text = message;
  unseal(item.record);
  item.state = Item::State::waiting;
  if (chat_.record().pending > 0) --chat_.record().pending;
  store(item);
  chat_.show_outgoing(item.record, false);
  chat_.changed();
}

void Outbox::give_up(Item& item) {
  if (chat_.record().pending > 0) --chat_.record().pending;
  chat_.machine().erase(row_key::outgoing(chat_.id(), item.record.order));
  item.given_up = true;
  chat_.changed_quietly();
  chat_.profile.settled(item.record.id, false);
}

void Outbox::fail_all(const std::string& error, const std::string& message) {
  for (Item& item : items_) {
    if (!item.failed()) fail(item, error, message);
  }
  // Whoever is in again in a moment does not wait for what made these fail.
  pause_until_ = 0;
}

void Outbox::disconnected() {
  for (Item& item : items_) item.state = Item::State::waiting;
}

void Outbox::log_ends_at(Seq head) {
  for (Item& item : items_) {
    if (item.state == Item::State::answered && item.seq > head) item.seq = head;
  }
}

void Outbox::begins_anew() {
  for (Item& item : items_) {
    item.state = Item::State::waiting;
    if (item.given_up || item.record.sealed.empty()) continue;
    unseal(item.record);
    store(item);
  }
}

void Outbox::advance() {
  Machine& machine = chat_.machine();
  if (!chat_.can_send()) return;
  if (machine.clock_ms() < pause_until_) return chat_.wake(pause_until_);
  std::erase_if(items_, [](const Item& item) { return item.given_up; });
  std::size_t open = 0;
  for (Item& item : items_) {
    if (item.failed()) continue;
    if (item.state == Item::State::answered && chat_.record().position >= item.seq) {
      // The log was read up to where the answer said it is, and it is not there.
      item.state = Item::State::waiting;
      if (++item.lies > kMostLies) {
        fail(item, "internal", "The server lost this message.");
        continue;
      }
    }
    if (item.record.kind == OutgoingKind::again_done && open > 0) continue;
    if (++open > kWindow) break;
    if (item.state != Item::State::waiting) continue;
    if (machine.connection.free_slots() <= kReservedSlots) return chat_.wait_for_slot();
    if (item.record.sealed.empty() && !seal(item)) continue;
    transmit(item);
  }
}

bool Outbox::seal(Item& item) {
  Machine& machine = chat_.machine();
  mls::Group* group = chat_.group.get();
  if (!chat_.profile.completes(item.record)) {
    fail(item, "not_allowed", "Only admins can change what this group is called.");
    return false;
  }
  const Bytes aad = chat_.authenticated_data(item.record.id, item.record.entry_kind());
  const Bytes plaintext = wire::encode_padded(content_of(item.record));
  auto sealed = group->protect(aad, plaintext, machine.entropy);
  if (!sealed) {
    fail(item, "internal", "The message could not be encrypted.");
    return false;
  }
  item.record.sealed = *std::move(sealed);
  item.record.epoch = {group->epoch()};
  chat_.group.ratchet_moved();
  chat_.changed_quietly();
  store(item);
  return true;
}

void Outbox::transmit(Item& item) {
  item.state = Item::State::in_flight;
  chat_.machine().connection.request(wire::Append{.conversation = chat_.id(),
                                                  .client_id = item.record.id,
                                                  .epoch = item.record.epoch,
                                                  .payload = item.record.sealed,
                                                  .silent = !item.record.is_shown()},
                                     [this, id = item.record.id](const wire::Body& body) { answered(id, body); });
}

void Outbox::answered(const ClientId& id, const wire::Body& body) {
  chat_.poke();
  Item* item = find(id);
  if (item == nullptr || item->state != Item::State::in_flight) return;  // the log was faster
  item->state = Item::State::waiting;
  if (const auto* error = std::get_if<wire::Error>(&body)) return refused(*item, *error);
  const auto* appended = std::get_if<wire::Appended>(&body);
  if (appended == nullptr)
    return chat_.machine().connection.give_up("the server answered an append with something else");
  const Seq place = appended->seq;
  const Account& account = chat_.machine().account;
  if (place <= chat_.record().position && !was_away_at(*item, place)) {
    // Before this device came back it had it from another one of the account.
    if (chat_.repeats.find(account.user(), id)) return was_archived(id);
    return look_at(*item, place);
  }
  item->state = Item::State::answered;
  item->seq = place;
  LogEntry entry{{.seq = place,
                  .time_ms = static_cast<std::uint64_t>(appended->time_ms),
                  .sender_user = account.user(),
                  .sender_device = account.device(),
                  .client_id = id,
                  .kind = static_cast<std::uint8_t>(item->record.entry_kind()),
                  .epoch = item->record.epoch},
                 item->record.sealed};
  place <= chat_.record().position ? put_back(entry) : chat_.log.acked(std::move(entry));
}

bool Outbox::was_away_at(const Item& item, Seq place) const {
  const mls::Group* group = chat_.group.get();
  return group != nullptr && item.record.epoch.value < group->epoch() && chat_.missing.was_away_at(place) &&
         !chat_.archive.has_place(place);
}

// Where the log does not bring it any more.
void Outbox::put_back(const LogEntry& entry) {
  if (chat_.inbox.apply(entry)) chat_.archive.has_read(entry.facts.seq);
}

// In which bytes it left nobody here can tell: the server is believed, as with an answer that speaks of a gap. It was
// told no name of a message since this device came back.
void Outbox::is_in_gap(const LogEntry& entry) {
  const Account& account = chat_.machine().account;
  Item* item = find(entry.facts.client_id);
  if (item == nullptr || entry.facts.sender_user != account.user() || entry.facts.sender_device != account.device() ||
      entry.kind() != item->record.entry_kind() || !was_away_at(*item, entry.facts.seq))
    return;
  item->record.former.push_back(to_bytes(crypto::sha256(entry.payload)));
  put_back(entry);
}

void Outbox::look_at(Item& item, Seq place) {
  item.state = Item::State::in_flight;
  chat_.machine().connection.request(
      wire::Read{.conversation = chat_.id(), .after_seq = Seq{place.value - std::min<std::uint64_t>(place.value, 1)}},
      [this, id = item.record.id, place](const wire::Body& body) { looked_at(id, place, body); });
}

void Outbox::looked_at(const ClientId& id, Seq place, const wire::Body& body) {
  chat_.poke();
  Item* item = find(id);
  if (item == nullptr || item->state != Item::State::in_flight) return;
  item->state = Item::State::waiting;
  const auto* shown = std::get_if<wire::Entries>(&body);
  if (shown != nullptr && !shown->entries.empty()) {
    const LogEntry entry = LogEntry::from(shown->entries.front());
    const Account& account = chat_.machine().account;
    const bool is_it = entry.facts.seq == place && entry.facts.client_id == id &&
                       entry.facts.sender_user == account.user() && entry.facts.sender_device == account.device() &&
                       entry.kind() == item->record.entry_kind() && has_left_as(item->record, entry.payload);
    if (is_it && chat_.archive.has_place(place)) return was_archived(id);
    if (is_it && place <= chat_.record().position) return put_back(entry);
  }
  if (const auto* error = std::get_if<wire::Error>(&body); error != nullptr && is_transient(error->code))
    return pause(*error);
  if (++item->lies > kMostLies) return fail(*item, "internal", "The server lost this message.");
  pause_until_ = chat_.machine().clock_ms() + kRetryMs;
}

void Outbox::pause(const wire::Error& error) {
  pause_until_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error.retry_after_ms, kRetryMs, kMaxRetryMs);
}

void Outbox::refused(Item& item, const wire::Error& error) {
  switch (error.code) {
    case wire::ErrorCode::stale_epoch:
      // It is not in the log, and these bytes never will be, if that is true.
      unseal(item.record);
      store(item);
      return chat_.log.read_commit(error.head_seq, item.record.epoch);
    case wire::ErrorCode::client_id_reused:
      // What left before may be in the log.
      if (++item.lies > kMostLies) return fail(item, "client_id_reused", "The server did not take this message.");
      pause_until_ = chat_.machine().clock_ms() + kRetryMs;
      return chat_.log.read_now({});
    case wire::ErrorCode::commit_first:
      pause_until_ = chat_.machine().clock_ms() + kRetryMs;
      return chat_.devices.look();
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      return pause(error);
    case wire::ErrorCode::not_member:
      if (chat_.is_group()) {
        // It may be in the log all the same, which says so, or that this device is not in the group any more.
        pause_until_ = chat_.machine().clock_ms() + kStrangerPauseMs;
        return chat_.log.read_now({});
      }
      return fail(item, "not_member", "You are not in this conversation any more.");
    case wire::ErrorCode::not_allowed:
      return fail(item, "not_allowed", "Only admins can send messages here.");
    default:
      if (!item.record.is_shown() && ++item.lies <= kMostLies) {
        pause_until_ = chat_.machine().clock_ms() + kRetryMs;
        return;
      }
      return fail(item, name_of(error.code), "The server did not take this message.");
  }
}

void Outbox::unseal(OutgoingRecord& record) {
  if (record.sealed.empty()) return;
  record.former.push_back(to_bytes(crypto::sha256(record.sealed)));
  // A server that lies may have taken the first, and none of those behind it.
  if (record.former.size() > kMaxFormer) record.former.erase(record.former.begin() + 1);
  record.sealed.clear();
}

bool Outbox::has_left_as(const OutgoingRecord& record, ByteView payload) {
  if (!record.sealed.empty() && same_bytes(record.sealed, payload)) return true;
  if (record.former.empty()) return false;
  return std::ranges::find(record.former, to_bytes(crypto::sha256(payload))) != record.former.end();
}

void Outbox::was_archived(const ClientId& id) {
  const auto at = std::ranges::find_if(items_, [&](const Item& item) { return item.record.id == id; });
  if (at == items_.end()) return;
  if (!at->failed() && chat_.record().pending > 0) --chat_.record().pending;
  chat_.machine().erase(row_key::outgoing(chat_.id(), at->record.order));
  items_.erase(at);
  chat_.profile.settled(id, true);
  chat_.changed();
}

void Outbox::drop_archived() {
  std::vector<ClientId> out;
  for (const Item& item : items_) {
    const auto order = chat_.repeats.find(chat_.machine().account.user(), item.record.id);
    if (order && chat_.archive.is_past(*order) && !item.given_up) out.push_back(item.record.id);
  }
  for (const ClientId& id : out) was_archived(id);
}

bool Outbox::was_altered(const ClientId& id) {
  const auto at = std::ranges::find_if(items_, [&](const Item& item) { return item.record.id == id; });
  if (at == items_.end() || (at->record.sealed.empty() && at->record.former.empty())) return false;
  if (!at->failed()) fail(*at, "client_id_reused", "The server has other bytes under this message's name.");
  return true;
}

bool Outbox::reached(const LogEntry& entry, OutgoingRecord& message) {
  const auto at =
      std::ranges::find_if(items_, [&](const Item& item) { return item.record.id == entry.facts.client_id; });
  if (at == items_.end() || !has_left_as(at->record, entry.payload)) return false;
  if (!at->failed() && chat_.record().pending > 0) --chat_.record().pending;
  message = std::move(at->record);
  chat_.machine().erase(row_key::outgoing(chat_.id(), message.order));
  items_.erase(at);
  return true;
}

}  // namespace kith::client
