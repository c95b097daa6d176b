#include "client/core/chat.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {
// Rows of one group: two records, its tree, its ratchets and the messages that wait. The limits of a tree and the
// user's own writing are the bound.
constexpr std::uint32_t kMaxGroupRows = 1U << 20;
}  // namespace

Chat::Chat(Machine& machine, const ConversationId& id, ChatRecord record)
    : group(machine, id),
      outbox(*this),
      log(*this),
      inbox(*this),
      receipts(*this),
      founding(*this),
      devices(*this),
      commits(*this),
      confirmation(*this),
      missing(*this),
      again(*this),
      machine_(machine),
      id_(id),
      record_(std::move(record)) {}

std::unique_ptr<Chat> Chat::make_new(Machine& machine, const ConversationId& id, const UserId& peer) {
  auto chat = std::make_unique<Chat>(machine, id, ChatRecord{.peer = peer, .last_ms = machine.now().value, .last = {}});
  chat->loading_ = Loading::done;
  return chat;
}

void Chat::changed() {
  show_ = true;
  changed_quietly();
}

void Chat::changed_quietly() {
  store_ = true;
  machine_.chats.touched(id_);
}

void Chat::flush() {
  if (group.get() != nullptr && group.get()->epoch() > record_.newest_epoch) {
    record_.newest_epoch = group.get()->epoch();
    store_ = true;
  }
  group.flush();
  if (store_) machine_.put(row_key::chat(id_), mls::encoded_secret(record_));
  if (show_) machine_.show({{"type", "chat"}, {"chat", json()}});
  store_ = show_ = false;
}

void Chat::poke() { machine_.chats.poke(id_); }
void Chat::wake(std::int64_t at) { machine_.chats.wake(id_, at); }
void Chat::wait_for_slot() { machine_.chats.wait_for_slot(id_); }

bool Chat::has_work() const {
  return record_.pending > 0 || founding.has_work() || log.has_work() || devices.has_work() || commits.has_work() ||
         confirmation.has_work() || missing.has_work() || again.has_work();
}

void Chat::advance() {
  if (loading_ != Loading::done) {
    if (has_work() && machine_.connection.is_greeted()) load();
    if (loading_ != Loading::done) {
      commits.plan();
      missing.plan();
      return receipts.advance();
    }
  }
  founding.advance();
  log.advance();
  if (machine_.connection.is_online() && !log.has_work()) caught_up_ = true;
  if (record_.outlived && record_.membership == Membership::member && !log.has_work())
    lose("its storage is an old copy");
  devices.advance();
  commits.advance();
  confirmation.advance();
  missing.advance();
  again.advance();
  outbox.advance();
  receipts.advance();
}

void Chat::when_loaded(std::function<void()> then) {
  if (loading_ == Loading::done) return then();
  waiting_.push_back(std::move(then));
  load();
}

void Chat::load() {
  if (loading_ != Loading::no) return;
  loading_ = Loading::under_way;
  const Bytes from = row_key::group(id_);
  machine_.load(from, row_key::end_of(from), kMaxGroupRows, false,
                [this](const std::vector<Row>& rows) { loaded(rows); });
}

void Chat::loaded(const std::vector<Row>& rows) {
  loading_ = Loading::done;
  const std::size_t prefix = row_key::group(id_).size();
  GroupState::Rows stored;
  std::uint32_t unsent = 0;
  for (const Row& row : rows) {
    if (row.key.size() <= prefix) continue;
    switch (row.key[prefix]) {
      case 'e':
        stored.epoch = row.value;
        break;
      case 'p':
        stored.pending = row.value;
        break;
      case 't':
        if (const auto node = row_key::node_of(row.key)) stored.nodes.push_back({*node, to_bytes(row.value)});
        break;
      case 'r':
        if (const auto node = row_key::node_of(row.key)) stored.ratchets.push_back({*node, row.value});
        break;
      case 'q':
        if (!outbox.restore(row.value)) machine_.warn("storage", "A message that was to be sent cannot be read.", &id_);
        break;
      default:
        break;
    }
  }
  for (const OutgoingRecord* message : outbox.all()) unsent += message->failure.empty() ? 1 : 0;
  record_.pending = unsent;
  const bool whole = group.restore(stored);
  if (record_.membership == Membership::member && (!whole || group.get() == nullptr)) lose("its group cannot be read");
  for (const auto& then : std::exchange(waiting_, {})) then();
  poke();
}

void Chat::disconnected() {
  caught_up_ = false;
  log.disconnected();
  outbox.disconnected();
  receipts.disconnected();
  founding.disconnected();
  devices.disconnected();
  confirmation.disconnected();
  commits.disconnected();
  missing.disconnected();
}

void Chat::become(Membership membership) {
  if (record_.membership == membership) return;
  record_.membership = membership;
  changed();
  poke();
}

void Chat::lose(const std::string& why) {
  machine_.warn("rejoining", "This device rejoins a conversation: " + why + ".", &id_);
  group.drop();
  become(Membership::lost);
}

void Chat::exists() {
  // While there is something to send, the answer to our own creation says who was first.
  if (record_.membership == Membership::none && record_.pending == 0) become(Membership::invited);
}

void Chat::joined(mls::Group joined_group, Seq at) {
  group.adopt(std::move(joined_group));
  record_.outlived = false;
  become(Membership::member);
  commits.leaf_is_fresh();
  devices.look();
  log.begin_at(at, std::nullopt);
}

void Chat::saw_head(Seq head) {
  if (head <= record_.head) return;
  record_.head = head;
  changed_quietly();
}

void Chat::clamp(Seq head) {
  if (head >= record_.position && head >= record_.head) return;
  if (head < record_.position) {
    // What is here stays where it is; what the server's new history appends sorts behind it.
    record_.order_base += record_.position.value - head.value;
    record_.position = head;
    record_.anchored = false;
    record_.gaps.clear();
    record_.returns.clear();
  }
  record_.head = head;
  for (Seq* s :
       {&record_.read, &record_.told_delivered, &record_.told_read, &record_.peer_delivered, &record_.peer_read}) {
    *s = std::min(*s, head);
  }
  changed();
}

bool Chat::can_send() const {
  const ContactRecord* contact = machine_.contacts.find(record_.peer);
  // An old copy of this device finds out by reading: not before that is a key of its used.
  return record_.membership == Membership::member && machine_.connection.is_online() && caught_up_ &&
         !log.must_read() && !devices.holds_back() && !record_.outlived &&
         (contact == nullptr || !contact->identity_changed);
}

std::optional<keys::PublicKey> Chat::identity_of(const UserId& user) const {
  const auto all = group.devices();
  const auto at = std::ranges::find(all, user, &keys::VerifiedDevice::user);
  return at == all.end() ? std::nullopt : std::optional(at->identity_key);
}

Bytes Chat::authenticated_data(const ClientId& client_id, wire::EntryKind kind, Bytes extra) const {
  keys::AuthenticatedData data{.conversation = id_,
                               .history_id = machine_.connection.history(),
                               .client_id = client_id,
                               .kind = static_cast<std::uint8_t>(kind),
                               .last_seq = {},
                               .extra = std::move(extra)};
  if (record_.anchored) {
    data.last_seq = record_.position;
    data.last_hash = record_.hash;
  }
  return data.encode();
}

void Chat::mark_read(Seq seq) {
  seq = std::min(seq, record_.position);
  if (seq <= record_.read) return;
  receipts.read_up_to(seq);
  if (seq == record_.position) {
    record_.unread = 0;
    return;
  }
  // What is left unread is counted in the rows behind it.
  const Bytes from = row_key::message(id_, record_.order_base + seq.value + 1);
  machine_.load(from, row_key::end_of(row_key::message(id_, record_.order_base + record_.position.value)),
                record_.unread + 1, false, [this, seq](const std::vector<Row>& rows) {
                  if (record_.read != seq) return;
                  std::uint32_t unread = 0;
                  for (const Row& row : rows) {
                    const auto message = mls::decoded<MessageRecord>(row.value);
                    if (message && message->sender != machine_.account.user()) ++unread;
                  }
                  record_.unread = unread;
                  changed();
                });
}

void Chat::receipts_moved() {
  machine_.show({{"type", "receipts"},
                 {"conversation", id_.text()},
                 {"delivered", record_.peer_delivered.value},
                 {"read", record_.peer_read.value}});
}

Json Chat::json() const {
  Json chat = {{"conversation", id_.text()},
               {"kind", "direct"},
               {"user", record_.peer.text()},
               {"title", machine_.contacts.title(record_.peer)},
               {"last_ms", record_.last_ms},
               {"head_seq", record_.position.value},
               {"read_seq", record_.read.value},
               {"unread", record_.unread},
               {"peer_delivered", record_.peer_delivered.value},
               {"peer_read", record_.peer_read.value}};
  if (const OutgoingRecord* newest = outbox.newest()) {
    chat["last_message"] = json(*newest);
  } else if (record_.last) {
    chat["last_message"] = json(*record_.last);
  }
  return chat;
}

Json Chat::json(const MessageRecord& message) const {
  const bool mine = message.sender == machine_.account.user() && !message.lost;
  const char* state = !mine                                   ? "received"
                      : message.seq <= record_.peer_read      ? "read"
                      : message.seq <= record_.peer_delivered ? "delivered"
                                                              : "sent";
  Json json = {{"conversation", id_.text()}, {"id", message.id.text()},         {"seq", message.seq.value},
               {"order", message.order},     {"sender", message.sender.text()}, {"mine", mine},
               {"sent_ms", message.sent_ms}, {"time_ms", message.time_ms},      {"state", state}};
  if (message.lost) {
    json["notice"] = {{"kind", "messages_lost"}};
    if (message.lost->count > 0) {
      json["notice"]["count"] = message.lost->count;
      json["notice"]["from_ms"] = message.lost->from_ms;
      json["notice"]["to_ms"] = message.lost->to_ms;
    }
  } else if (message.text) {
    json["text"] = *message.text;
  } else {
    json["unsupported"] = true;
  }
  return json;
}

Json Chat::json(const OutgoingRecord& message) const {
  Json json = {{"conversation", id_.text()},
               {"id", message.id.text()},
               {"order", message.order},
               {"sender", machine_.account.user().text()},
               {"mine", true},
               {"sent_ms", message.sent_ms},
               {"state", message.failure.empty() ? "pending" : "failed"},
               {"text", message.text}};
  if (!message.failure.empty()) json["failure"] = {{"error", message.failure}, {"message", message.failure_text}};
  return json;
}

void Chat::show_outgoing(const OutgoingRecord& message, bool is_new) {
  if (!message.is_shown()) return;
  machine_.show({{"type", "message"}, {"message", json(message)}, {"is_new", is_new}});
}

}  // namespace kith::client
