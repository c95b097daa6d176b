#include "client/core/chat.h"

#include <algorithm>
#include <utility>

#include "client/core/machine.h"

namespace kith::client {

namespace {
// Rows of one group: two records, its tree, its ratchets and the messages that wait. The limits of a tree and the
// user's own writing are the bound.
constexpr std::uint32_t kMaxGroupRows = 1U << 20;
// Rows that are looked at for what is left unread.
constexpr std::uint64_t kMostCounted = 100'000;
}  // namespace

Chat::Chat(Machine& machine, const ConversationId& id, ChatRecord record)
    : group(machine, id),
      outbox(*this),
      log(*this),
      junction(*this),
      inbox(*this),
      receipts(*this),
      founding(*this),
      introductions(*this),
      devices(*this),
      requests(*this),
      commits(*this),
      confirmation(*this),
      missing(*this),
      again(*this),
      answers(*this),
      alerts(*this),
      archive(*this),
      members(*this),
      profile(*this),
      departure(*this),
      joining(*this),
      machine_(machine),
      id_(id),
      record_(std::move(record)) {}

std::unique_ptr<Chat> Chat::make_new(Machine& machine, const ConversationId& id, ChatRecord record) {
  record.last_ms = machine.now().value;
  auto chat = std::make_unique<Chat>(machine, id, std::move(record));
  chat->has_nothing_stored();
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

void Chat::note_epoch() {
  if (group.get() == nullptr || group.get()->epoch() <= record_.newest_epoch) return;
  record_.newest_epoch = group.get()->epoch();
  store_ = true;
}

void Chat::flush() {
  note_epoch();
  const bool has_pending = group.pending() != nullptr;
  if (loading_ == Loading::done && has_pending != record_.has_pending) {
    record_.has_pending = has_pending;
    store_ = true;
  }
  group.flush();
  if (store_) machine_.put(row_key::chat(id_), mls::encoded_secret(record_));
  if (show_ && is_shown()) machine_.show({{"type", "chat"}, {"chat", json()}});
  store_ = show_ = false;
}

void Chat::poke() { machine_.chats.poke(id_); }
void Chat::wake(std::int64_t at) { machine_.chats.wake(id_, at); }
void Chat::wait_for_slot() { machine_.chats.wait_for_slot(id_); }

bool Chat::has_work() const {
  return record_.pending > 0 || record_.has_pending || founding.has_work() || log.has_work() || devices.has_work() ||
         commits.has_work() || confirmation.has_work() || missing.has_work() || again.has_work() ||
         members.has_work() || profile.has_work() || departure.has_work() || receipts.is_to_count();
}

void Chat::advance() {
  alerts.advance();
  count_unread();
  if (loading_ != Loading::done) {
    if (has_work() && machine_.connection.is_greeted()) load();
    if (loading_ != Loading::done) {
      commits.plan();
      missing.plan();
      profile.plan();
      return receipts.advance();
    }
  }
  founding.advance();
  junction.advance();
  log.advance();
  if (machine_.connection.is_online() && !log.has_work()) caught_up();
  if (record_.outlived && record_.membership == Membership::member && !log.has_work())
    lose("its storage is an old copy");
  devices.advance();
  members.advance();
  departure.advance();
  commits.advance();
  profile.advance();
  confirmation.advance();
  missing.advance();
  again.advance();
  outbox.advance();
  receipts.advance();
}

void Chat::caught_up() {
  caught_up_ = true;
  const bool is_read = record_.membership == Membership::member;
  if (is_read && std::exchange(record_.is_history_new, false)) changed_quietly();
}

void Chat::when_loaded(std::function<void()> then) {
  if (loading_ == Loading::done) return then();
  waiting_.push_back(std::move(then));
  load();
}

void Chat::load() {
  if (loading_ != Loading::no) return;
  loading_ = Loading::under_way;
  when_named([this] {
    const Bytes from = row_key::group(id_);
    machine_.load(from, row_key::end_of(from), kMaxGroupRows, false,
                  [this](const std::vector<Row>& rows) { loaded(rows); });
  });
}

void Chat::has_only_messages() {
  loading_ = Loading::done;
  when_named([] {});
}

void Chat::when_named(std::function<void()> then) {
  if (naming_ == Loading::done) return then();
  unnamed_.push_back(std::move(then));
  if (std::exchange(naming_, Loading::under_way) != Loading::no) return;
  machine_.load(row_key::message(id_, 0), row_key::message(id_, ~std::uint64_t{0}), Repeats::kKept, true,
                [this](const std::vector<Row>& newest) {
                  repeats.restore(newest);
                  naming_ = Loading::done;
                  for (const auto& named : std::exchange(unnamed_, {})) named();
                });
}

void Chat::loaded(const std::vector<Row>& rows) {
  if (std::exchange(loading_, Loading::done) == Loading::done) {
    for (const auto& then : std::exchange(waiting_, {})) then();
    return;
  }
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
  if (record_.membership == Membership::out) outbox.drop_archived();
  const bool whole = group.restore(stored);
  record_.has_pending = group.pending() != nullptr;
  if (record_.membership == Membership::member && (!whole || group.get() == nullptr)) lose("its group cannot be read");
  for (const auto& then : std::exchange(waiting_, {})) then();
  poke();
}

void Chat::disconnected() {
  caught_up_ = false;
  log.disconnected();
  junction.disconnected();
  outbox.disconnected();
  receipts.disconnected();
  founding.disconnected();
  introductions.begin_anew();
  devices.disconnected();
  confirmation.disconnected();
  commits.disconnected();
  departure.disconnected();
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
  founding.lost();
  introductions.begin_anew();
  note_epoch();
  remember_roster();
  group.drop();
  members.lost_race();
  become(Membership::lost);
}

void Chat::come_in(OpenedGroup shown) {
  become(Membership::lost);
  founding.was_shown(std::move(shown));
}

bool Chat::is_shown() const {
  if (record_.archive.shadow != Shadow::none) return record_.archive.shadow == Shadow::shown;
  const bool is_in_or_begins = record_.membership == Membership::member || record_.membership == Membership::none;
  // Read in the log or in the archive, or written here.
  const bool has_content = record_.position.value > 0 || record_.last || record_.next_pending > 0;
  return !is_group() || is_in_or_begins || has_content ||
         (record_.membership == Membership::lost && !record_.group->joining);
}

void Chat::exists() {
  // While there is something to send, the answer to our own creation says who was first.
  if (record_.membership == Membership::none && record_.pending == 0 && !is_group()) become(Membership::invited);
}

void Chat::joined(mls::Group joined_group, Seq at) {
  meet_history(Seq{std::max<std::uint64_t>(at.value, 1) - 1});
  // The invitation may have lain there since a history of before.
  record_.is_history_new = machine_.sync.was_restored();
  // Somebody else's commit put this device back where it had been.
  const bool comes_back =
      record_.membership == Membership::lost && record_.position.value > 0 && !joining.is_under_way();
  const Seq read_up_to = record_.position;
  group.adopt(std::move(joined_group));
  devices.came_in();
  entered(at);
  log.begin_at(at, std::nullopt);
  joining.is_in();
  if (!comes_back) return;
  again.was_away(at);
  missing.came_back(read_up_to, at, machine_.new_client_id());
}

void Chat::entered(Seq at) {
  introductions.begin_anew();
  if (is_group()) {
    GroupFacts& facts = *record_.group;
    const auto was_in = [&](const UserId& user) {
      return std::ranges::find(facts.roster, user, &KnownRecord::user) != facts.roster.end();
    };
    // What happened meanwhile nobody here knows: whoever was not in then came now. So did who came behind what was read
    // of this log, this device itself among them: in a history before, the places of which mean nothing here.
    if (facts.roster.empty() || facts.floor > record_.position) facts.floor = at;
    std::erase_if(facts.since, [&](const SinceRecord& since) { return !was_in(since.user); });
    for (SinceRecord& since : facts.since) {
      if (since.seq > record_.position) since.seq = at;
    }
    for (const UserId& user : group.users()) {
      if (was_in(user)) continue;
      // Who went behind what was read of this log is in it as before.
      const auto went = std::ranges::find(facts.went, user, &WentRecord::user);
      const bool is_as_before =
          went != facts.went.end() && went->seq > record_.position && went->since <= record_.position;
      facts.since.push_back({user, is_as_before ? went->since : at, is_as_before});
    }
    facts.roster.clear();
    std::erase_if(facts.went, [&](const WentRecord& went) { return went.seq > record_.position; });
    facts.links_went_unseen();
  }
  record_.outlived = false;
  record_.unconfirmed.reset();
  record_.has_left = false;
  become(Membership::member);
  machine_.own_requests.is_in(id_);
  commits.leaf_is_fresh();
  devices.look();
  epoch_moved();
  profile.came_in();
}

void Chat::epoch_moved() {
  const auto policy = group.policy();
  if (!is_group() || !policy) return devices.group_moved();
  GroupFacts& facts = *record_.group;
  facts.members = static_cast<std::uint32_t>(group.users().size());
  facts.role = policy->role_of(machine_.account.user());
  facts.may_send = policy->may_send;
  const auto needs_approval = [](const keys::Invite& invite) { return invite.needs_approval; };
  facts.has_requests =
      policy->may(policy->may_add, machine_.account.user()) && std::ranges::any_of(policy->invites, needs_approval);
  std::erase_if(facts.invites, [&](const InviteRecord& invite) {
    return policy->find_invite(invite.key) == nullptr && !members.wants_invite(invite.key);
  });
  std::erase_if(facts.links, [&](const LinkRecord& link) { return policy->find_invite(link.key) == nullptr; });
  devices.group_moved();
  requests.group_moved();
  members.group_moved();
  receipts.members_changed();
  changed();
  group_changed();
}

void Chat::group_changed() {
  if (is_group()) machine_.show({{"type", "group_changed"}, {"conversation", id_.text()}});
}

Parties Chat::parties() const {
  return {.conversation = id_,
          .self = machine_.account.user(),
          .peer = is_group() ? std::nullopt : std::optional(record_.peer)};
}

std::string Chat::wrong_with(const mls::PublicGroup& other) const { return wrong_with_group(other, parties()); }

std::string Chat::wrong_with(const mls::PublicGroup& before, const mls::PublicGroup& next,
                             const mls::CommitEffects& effects) const {
  return wrong_with_change(before, next, effects, parties());
}

void Chat::saw_head(Seq head) {
  if (head <= record_.head) return;
  record_.head = head;
  changed_quietly();
}

bool Chat::is_in_history() const { return record_.history == machine_.sync.history(); }

void Chat::meet_history(Seq head, bool is_same) {
  if (is_in_history()) return;
  // Where this device reads nothing, nothing tells it where they part.
  const bool is_read = record_.membership != Membership::out && record_.position.value > 0;
  const auto end = is_read ? std::optional(std::min(head, record_.position)) : std::nullopt;
  outbox.begins_anew();
  archive.history_moved(record_.history, end.value_or(Seq{}));
  // What is here stays where it is; what the server's new history appends sorts behind it.
  record_.order_base = archive.base_behind(end);
  record_.history = machine_.sync.history();
  record_.followed_epoch = 0;
  record_.anchored = record_.anchored && is_same;
  record_.is_history_new = machine_.sync.was_restored();
  changed_quietly();
  profile.log_ends_at(head);
  receipts.clamp(head);
  if (head >= record_.position && head >= record_.head) return;
  if (head < record_.position) {
    junction.end_at(head);
    record_.position = head;
    missing.log_ends_at(head);
    again.log_ends_at(head);
  }
  record_.head = head;
  log.ends_at(head);
  unread_changed();
  changed();
}

void Chat::is_forgotten() {
  machine_.warn("not_member", "The server does not know this conversation any more.", &id_);
  if (is_group()) {
    meet_history(record_.position);
    return departure.is_out(false);
  }
  group.drop();
  meet_history({});
  become(Membership::none);
}

bool Chat::can_send() const {
  const ContactRecord* contact = is_group() ? nullptr : machine_.contacts.find(record_.peer);
  // An old copy of this device finds out by reading, or by what a gap held: not before that is a key of its used, or
  // the server told the name of a message.
  return record_.membership == Membership::member && machine_.connection.is_online() && caught_up_ &&
         !log.must_read() && !junction.has_work() && !missing.is_to_be_listed() && !devices.holds_back() &&
         !record_.outlived && !departure.is_leaving() && (contact == nullptr || !contact->identity_changed());
}

bool Chat::may_write() const {
  if (!is_group()) return true;
  return record_.membership != Membership::out &&
         (record_.group->may_send == keys::Who::everyone || record_.group->role != keys::Role::member);
}

std::optional<keys::PublicKey> Chat::identity_of(const UserId& user) const {
  const auto all = group.devices();
  const auto at = std::ranges::find(all, user, &keys::VerifiedDevice::user);
  return at == all.end() ? std::nullopt : std::optional(at->identity_key);
}

void Chat::keep_members(std::vector<wire::Mention>& mentions) const {
  if (mentions.empty()) return;
  std::vector<UserId> users{record_.peer, machine_.account.user()};
  if (is_group() && group.get() != nullptr) {
    users = group.users();
  } else if (is_group()) {
    users.clear();
    for (const KnownRecord& known : record_.group->roster) users.push_back(known.user);
  }
  std::ranges::sort(users);
  std::erase_if(mentions,
                [&](const wire::Mention& mention) { return !std::ranges::binary_search(users, mention.user); });
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
  unread_changed();
}

void Chat::unread_changed() {
  ++unread_changes_;
  record_.is_unread_old = record_.read < record_.position;
  if (!record_.is_unread_old) record_.unread = record_.unread_mentions = 0;
  changed_quietly();
  poke();
}

// In the rows behind what is read, own messages and lines among them.
void Chat::count_unread() {
  if (!record_.is_unread_old || is_counting_) return;
  is_counting_ = true;
  const Seq position = record_.position;
  const std::uint64_t behind = std::min(position.value - record_.read.value, kMostCounted) + MessageRecord::kPlaces;
  const Bytes from = row_key::message(id_, record_.order_base + record_.read.value + 1);
  machine_.load(from, row_key::end_of(row_key::message(id_, record_.order_base + position.value)),
                static_cast<std::uint32_t>(behind), false,
                [this, position, changes = unread_changes_](const std::vector<Row>& rows) {
                  is_counting_ = false;
                  poke();
                  // What came meanwhile is not in these rows.
                  if (unread_changes_ != changes || record_.position != position) return;
                  record_.is_unread_old = false;
                  record_.unread = record_.unread_mentions = 0;
                  for (const Row& row : rows) {
                    const auto message = mls::decoded<MessageRecord>(row.value);
                    if (!message || message->is_line() || message->sender == machine_.account.user()) continue;
                    ++record_.unread;
                    record_.unread_mentions += message->mentions_me ? 1 : 0;
                  }
                  changed();
                });
}

void Chat::receipts_moved() {
  machine_.show({{"type", "receipts"},
                 {"conversation", id_.text()},
                 {"delivered", record_.peer_delivered.value},
                 {"read", record_.peer_read.value}});
}

}  // namespace kith::client
