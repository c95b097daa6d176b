#include "client/core/inbox.h"

#include <algorithm>
#include <tuple>

#include "client/core/archive_content.h"
#include "client/core/chat.h"
#include "client/core/machine.h"
#include "keys/role_rules.h"
#include "wire/content.h"

namespace kith::client {

namespace {
constexpr const char* kOldCopy = "its storage is an old copy";

// What comes in from outside is signed with the key of the leaf that it brings.
bool brings_leaf_of(const LogEntry& entry, ByteView key) {
  const auto message = mls::decoded_message<mls::PublicMessage>(entry.payload);
  const auto* commit = message ? std::get_if<mls::Commit>(&message->content.content) : nullptr;
  return commit != nullptr && commit->path && same_bytes(commit->path->leaf_node.signature_key, key);
}
}  // namespace

bool Inbox::apply(const LogEntry& entry) {
  const Account& account = chat_.machine().account;
  const bool own = entry.facts.sender_user == account.user() && entry.facts.sender_device == account.device();
  switch (entry.kind()) {
    case wire::EntryKind::application:
    case wire::EntryKind::silent:
      return own ? own_message(entry) : message(entry);
    case wire::EntryKind::commit:
      // Whoever cannot apply one rejoins.
      commit(entry);
      return true;
    default:
      return refuse(entry, "its kind is not known");
  }
}

std::string Inbox::why_never_next(const LogEntry& entry) const {
  const mls::Group* group = chat_.group.get();
  if (group == nullptr) return {};
  if (entry.facts.epoch.value != group->epoch()) return "its epoch is another one";
  if (entry.kind() == wire::EntryKind::commit) {
    const auto message = mls::decoded_message<mls::PublicMessage>(entry.payload);
    if (!message || message->content.type() != mls::ContentType::commit) return "it is no commit";
    if (message->content.epoch != group->epoch() || message->content.group_id != group->group_id())
      return "it is of another group";
    return group->public_group().verify(message->authenticated()) ? "" : "nobody in the group signed it";
  }
  if (entry.kind() != wire::EntryKind::application && entry.kind() != wire::EntryKind::silent) return {};
  const auto message = mls::decoded_message<mls::PrivateMessage>(entry.payload);
  if (!message || message->content_type != mls::ContentType::application) return "it is no message";
  return message->epoch == group->epoch() && message->group_id == group->group_id() ? "" : "it is of another group";
}

void Inbox::refuse(Seq seq, const std::string& why) {
  chat_.record().is_doubted = true;
  chat_.changed_quietly();
  chat_.machine().warn("entry_refused", "Entry " + std::to_string(seq.value) + " was refused: " + why + ".",
                       &chat_.id());
}

bool Inbox::own_message(const LogEntry& entry) {
  OutgoingRecord record;
  if (!chat_.outbox.reached(entry, record)) return newer_self(entry);
  ++chat_.record().sent_since_refresh;
  if (record.kind == OutgoingKind::missed) chat_.missing.question_is_out(record.before);
  if (record.kind == OutgoingKind::profile || record.kind == OutgoingKind::retold) {
    chat_.profile.told(entry, {record.text, record.description}, record.retold);
    chat_.profile.settled(record.id, true);
  }
  if (record.is_shown()) {
    keep_message(entry,
                 {.sent_ms = record.sent_ms,
                  .text = std::move(record.text),
                  .reply = std::move(record.reply),
                  .mentions = std::move(record.mentions)},
                 false);
  } else {
    chat_.again.was_not_shown(entry);
  }
  return true;
}

bool Inbox::newer_self(const LogEntry& entry) {
  mls::Group* group = chat_.group.get();
  auto opened = group != nullptr ? group->unprotect_own(entry.payload)
                                 : mls::Result<mls::ApplicationMessage>(fail(mls::Errc::wrong_epoch));
  if (opened) chat_.group.ratchet_moved();
  const std::string why = opened ? wrong_with(entry, opened->sender, opened->authenticated_data)
                                 : std::string("this device did not send it");
  if (!why.empty())
    return refuse(entry, chat_.outbox.was_altered(entry.facts.client_id) ? "it is not what this device sent" : why);
  chat_.record().outlived = true;
  chat_.changed_quietly();
  chat_.machine().account.is_old_copy();
  // Here it may still wait to be sent, encrypted in another epoch.
  chat_.outbox.was_archived(entry.facts.client_id);
  auto content = wire::decode_padded(opened->data);
  if (content && content->profile) chat_.profile.told(entry, *content->profile, content->retold);
  if (content && !content->is_silent() && !is_repeated(entry)) {
    keep_message(entry, *std::move(content), false, opened->data);
  } else {
    chat_.again.was_not_shown(entry);
  }
  return true;
}

bool Inbox::message(const LogEntry& entry) {
  mls::Group* group = chat_.group.get();
  if (group == nullptr) return refuse(entry, "its epoch is another one");
  auto opened = group->unprotect(entry.payload);
  if (!opened) {
    chat_.record().is_doubted = true;
    chat_.machine().warn("entry_unreadable",
                         "Entry " + std::to_string(entry.facts.seq.value) + " cannot be decrypted (" +
                             mls::name(opened.error().code) + ").",
                         &chat_.id());
    return false;
  }
  chat_.group.ratchet_moved();
  if (const std::string why = wrong_with(entry, opened->sender, opened->authenticated_data); !why.empty())
    return refuse(entry, why);
  // It stands where its sender put it, whatever it is worth.
  auto content = wire::decode_padded(opened->data);
  if (!content) {
    refuse(entry, "its content cannot be read");
  } else if (const std::string why = wrong_with_kind(entry, *content); !why.empty()) {
    refuse(entry, why);
  } else {
    return heard(entry, *std::move(content), opened->data);
  }
  return true;
}

bool Inbox::heard(const LogEntry& entry, wire::Content content, ByteView plaintext) {
  if (content.missed) chat_.again.asked(entry, *content.missed);
  if (content.profile) chat_.profile.told(entry, *content.profile, content.retold);
  if (content.again_done) chat_.missing.answered(entry, *content.again_done);
  // Another device of this user read it in the log.
  if (content.again_of && entry.facts.sender_user == chat_.machine().account.user())
    chat_.outbox.was_archived(content.again_id);
  if (content.again_of) {
    const auto place = chat_.missing.takes(entry, *content.again_of);
    const bool is_known = chat_.repeats.find(entry.facts.sender_user, content.again_id).has_value();
    if (!place || is_known) {
      chat_.again.was_not_shown(entry);
      return is_known || chat_.archive.has_place(*content.again_of);
    }
    content.again_of = place;
  }
  if (content.is_unshown()) {
    chat_.again.was_not_shown(entry);
    return true;
  }
  if (is_repeated(entry)) {
    // A server that was restored has forgotten what its author sends once more.
    if (!chat_.machine().sync.was_restored()) refuse(entry, "it is in the log already");
    chat_.again.was_not_shown(entry);
    return true;
  }
  keep_message(entry, std::move(content), true, plaintext);
  return true;
}

bool Inbox::is_repeated(const LogEntry& entry) const {
  const ChatRecord& chat = chat_.record();
  const auto order = chat_.repeats.find(entry.facts.sender_user, entry.facts.client_id);
  return order && *order > chat.order_base && *order <= chat.order_base + chat.position.value;
}

void Inbox::take_from_elsewhere(const MessageRecord& message) {
  ChatRecord& chat = chat_.record();
  const auto order = chat_.repeats.find(message.sender, message.id);
  if (!order || *order == message.order) return;
  chat_.machine().erase(row_key::message(chat_.id(), *order));
  if (chat.last && chat.last->order == *order) chat.last.reset();
}

// What people are told of comes from whom the policy lets speak; the server looks at the kind alone.
std::string Inbox::wrong_with_kind(const LogEntry& entry, const wire::Content& content) const {
  const bool is_silent = entry.kind() == wire::EntryKind::silent;
  if (is_silent != content.is_silent()) return "it is of another kind than it says";
  const auto policy = chat_.group.policy();
  if (!chat_.is_group() || !policy || content.is_silent()) return {};
  return policy->may(policy->may_send, entry.facts.sender_user) ? "" : "its sender may not write here";
}

std::string Inbox::wrong_with(const LogEntry& entry, mls::LeafIndex leaf, ByteView authenticated_data) {
  const auto data = keys::AuthenticatedData::decode(authenticated_data);
  if (!data) return "its authenticated data cannot be read";
  if (data->conversation != chat_.id()) return "it belongs to another conversation";
  if (data->client_id != entry.facts.client_id) return "it was sent under another name";
  if (data->kind != entry.facts.kind) return "it is of another kind";
  const auto sender = chat_.group.who(leaf);
  if (!sender || sender->user != entry.facts.sender_user || sender->device != entry.facts.sender_device) {
    return "somebody else sent it";
  }
  // Positions of another history are not comparable: one that was restored since, which came and went while this device
  // was away, or one that this server showed to the sender only.
  if (const HistoryId& current = chat_.machine().connection.history(); data->history_id != current) {
    const bool may_be_missed = chat_.record().is_history_new;
    if (!may_be_missed && !chat_.machine().sync.was_in(data->history_id)) warn_fork();
    return {};
  }
  if (data->last_seq >= entry.facts.seq) return "it stands before what its sender had seen";
  if (chat_.log.compare(data->last_seq, data->last_hash) == Log::Agreement::forked) warn_fork();
  return {};
}

void Inbox::warn_fork() {
  chat_.record().is_doubted = true;
  if (std::exchange(warned_fork_, true)) return;
  chat_.machine().warn("log_forked", "The server showed this conversation differently to its members.", &chat_.id());
}

void Inbox::keep_message(const LogEntry& entry, wire::Content content, bool is_new, ByteView plaintext) {
  Machine& machine = chat_.machine();
  ChatRecord& chat = chat_.record();
  MessageRecord message{.id = entry.facts.client_id,
                        .seq = entry.facts.seq,
                        .order = chat.order_base + entry.facts.seq.value,
                        .sender = entry.facts.sender_user,
                        .sent_ms = content.sent_ms,
                        .time_ms = static_cast<std::int64_t>(entry.facts.time_ms),
                        .text = std::move(content.text),
                        .is_again = content.again_of.has_value(),
                        .first_seq = content.again_of.value_or(Seq{}),
                        .first_id = content.again_id,
                        .reply = std::move(content.reply),
                        .mentions = std::move(content.mentions)};
  if (!message.text) message.unknown = to_bytes(plaintext);
  const UserId& self = machine.account.user();
  const bool foreign = message.sender != self;
  chat_.keep_members(message.mentions);
  message.mentions_me =
      foreign && ((message.reply && message.reply->sender == self) ||
                  std::ranges::find(message.mentions, self, &wire::Mention::user) != message.mentions.end());
  machine.put(row_key::message(chat_.id(), message.order), mls::encoded_secret(message));
  if (message.is_again) {
    chat.has_again = true;
    if (message.first_seq.value > 0) {
      machine.put(row_key::again(chat_.id(), chat.order_base + message.first_seq.value),
                  mls::encoded_secret(AgainRecord{message.seq}));
    }
  }
  take_from_elsewhere(message);
  chat_.repeats.came(message);
  const bool is_unread = foreign && message.seq > chat.read_elsewhere;
  if (is_unread) ++chat.unread;
  if (is_unread && message.mentions_me) ++chat.unread_mentions;
  if (!message.is_again) chat_.archive.message_came();
  chat_.archive.has_shown();
  chat_.answers.show(message, is_new, is_new && is_unread && chat_.alerts.tells_of(message));
  shorten(message);
  chat.last_ms = std::max(chat.last_ms, message.time_ms);
  // One of its own that this device finds in a gap is not the last.
  if (!chat.last || chat.last->order < message.order) chat.last = std::move(message);
  chat_.changed();
}

void Inbox::commit(const LogEntry& entry) {
  if (const PendingRecord* pending = chat_.group.pending(); pending != nullptr && pending->commit == entry.payload) {
    return own_commit(entry);
  }
  const mls::Group* group = chat_.group.get();
  // Handshakes are PublicMessages here, so that the server can check them.
  const auto message = mls::decoded_message<mls::PublicMessage>(entry.payload);
  if (group == nullptr || !message) {
    refuse(entry, "it is no commit");
    return chat_.lose("an entry is no commit");
  }
  if (const auto allowed = keys::check_proposals(message->content, chat_.kind()); !allowed) {
    refuse(entry, allowed.error().detail);
    return chat_.lose("a commit is not valid here");
  }
  auto staged = group->process(entry.payload);
  if (!staged) {
    const bool is_own = staged.error().code == mls::Errc::own_message &&
                        group->public_group().verify(message->authenticated()).has_value();
    if (is_own) return is_old_copy(entry);
    refuse(entry, std::string("the commit cannot be applied, ") + mls::name(staged.error().code));
    return lose(entry, "a commit cannot be applied");
  }
  if (!staged->next) return removed(entry, group->public_group(), staged->effects);
  if (const auto why = chat_.wrong_with(group->public_group(), staged->next->public_group(), staged->effects);
      !why.empty()) {
    refuse(entry, why);
    return chat_.lose("a commit is not valid here");
  }
  const mls::LeafIndex committer = staged->effects.committer;
  const Bytes authenticated_data = staged->effects.authenticated_data;
  const LogEntry verified = by_committer(entry, staged->next->public_group(), committer);
  const GroupChange change = changed_by(entry, group->public_group(), staged->next->public_group(), staged->effects);
  if (staged->effects.external) chat_.log.chain_begins_here();
  // Who was in before comes back; who comes by a link has missed nothing.
  if (staged->effects.external && !change.came.contains(verified.facts.sender_user)) {
    chat_.again.returned(verified);
    chat_.missing.returned(verified);
  }
  note_who_was_replaced(entry, staged->effects);
  chat_.members.lost_race();
  chat_.group.adopt(*std::move(staged->next));
  chat_.record().followed_epoch = chat_.group.get()->epoch();
  moved(verified, committer, change);
  chat_.devices.followed(authenticated_data);
  chat_.confirmation.applied(committer);
  // All members apply it alike; what the server said around it can only be named.
  if (const auto why = wrong_with(entry, committer, authenticated_data); !why.empty()) {
    chat_.machine().warn("entry_refused", "A commit is not what the server says of it: " + why + ".", &chat_.id());
  }
}

// Its secrets do not fit: by its sender's fault, because what led that one in was wrong, or because it is of a newer
// state of this device.
void Inbox::lose(const LogEntry& entry, const std::string& why) {
  std::vector<LogEntry> entries = chat_.log.read_behind(entry.facts.seq);
  entries.insert(entries.begin(), entry);
  lose(entries, why);
}

// Whoever can take part now may have come by these or since: those are known by the commits that brought them, as far
// as they are read.
void Inbox::lose(const std::vector<LogEntry>& entries, const std::string& why) {
  mls::PublicGroup shown = chat_.group.get()->public_group();
  std::map<UserId, Seq> came;
  std::ignore = follow(shown, entries, came);
  for (const auto& [user, at] : came) chat_.came_and_went({user}, {}, at);
  chat_.lose(why);
  chat_.remember_newcomers(shown, came);
}

// What is public of each holds as of any other commit. What is of an epoch before this one is there where the server
// named a place too early for what this device came in by.
bool Inbox::follow(mls::PublicGroup& shown, const std::vector<LogEntry>& entries, std::map<UserId, Seq>& came) const {
  for (const LogEntry& next : entries) {
    if (next.kind() != wire::EntryKind::commit || next.facts.epoch.value < shown.context().epoch) continue;
    auto staged = in_public(shown, next);
    if (!staged || !chat_.wrong_with(shown, staged->next, staged->effects).empty()) return false;
    const GroupChange change = changed_by(next, shown, staged->next, staged->effects);
    for (const UserId& user : change.came) came[user] = next.facts.seq;
    shown = std::move(staged->next);
  }
  return true;
}

void Inbox::is_old_copy(const LogEntry& entry) {
  chat_.machine().account.is_old_copy();
  lose(entry, kOldCopy);
}

// A device with another leaf in the place of its own has a gap.
void Inbox::note_who_was_replaced(const LogEntry& entry, const mls::CommitEffects& effects) {
  std::set<std::pair<UserId, DeviceId>> gone;
  for (const mls::Member& member : effects.removed) {
    if (const auto who = keys::DeviceCredential::decode(member.credential.identity))
      gone.emplace(who->user, who->device);
  }
  for (const mls::Member& member : effects.added) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (who && gone.contains({who->user, who->device})) chat_.again.replaced(who->user, who->device, entry.facts.seq);
  }
}

void Inbox::own_commit(const LogEntry& entry) {
  const mls::Group* group = chat_.group.get();
  const auto effects = group != nullptr ? in_public(group->public_group(), entry) : std::nullopt;
  const GroupChange change =
      effects ? changed_by(entry, group->public_group(), effects->next, effects->effects) : GroupChange{};
  if (!chat_.group.adopt_pending()) return chat_.lose("a commit of this device cannot be read back");
  chat_.commits.leaf_is_fresh();
  chat_.members.committed();
  if (effects) note_who_was_replaced(entry, effects->effects);
  const mls::LeafIndex own = chat_.group.get()->own_leaf();
  moved(by_committer(entry, chat_.group.get()->public_group(), own), own, change);
  chat_.confirmation.applied(own);
}

std::optional<mls::StagedPublicCommit> Inbox::in_public(const mls::PublicGroup& before, const LogEntry& entry) const {
  const auto message = mls::decoded_message<mls::PublicMessage>(entry.payload);
  if (!chat_.is_group() || !message) return std::nullopt;
  const auto verified = before.verify(message->authenticated());
  if (!verified) return std::nullopt;
  auto staged = before.stage(*verified);
  return staged ? std::optional(*std::move(staged)) : std::nullopt;
}

GroupChange Inbox::changed_by(const LogEntry& entry, const mls::PublicGroup& before, const mls::PublicGroup& next,
                              const mls::CommitEffects& effects) const {
  return chat_.is_group() ? change_by(before, &next, effects, entry.facts.time_ms) : GroupChange{};
}

// What the server says of its sender is not taken for it: the leaf is.
LogEntry Inbox::by_committer(const LogEntry& entry, const mls::PublicGroup& next, mls::LeafIndex committer) {
  LogEntry verified = entry;
  const auto member = next.member(committer);
  const auto who = member ? keys::DeviceCredential::decode(member->credential.identity) : fail(keys::Errc::malformed);
  if (who) {
    verified.facts.sender_user = who->user;
    verified.facts.sender_device = who->device;
  }
  return verified;
}

// The group is in the epoch that this commit led to.
void Inbox::moved(const LogEntry& entry, mls::LeafIndex committer, const GroupChange& change) {
  chat_.show_line(entry.facts.seq, static_cast<std::int64_t>(entry.facts.time_ms), entry.facts.client_id,
                  {.by = entry.facts.sender_user, .changes = change.changes});
  chat_.came_and_went(change.came, change.gone, entry.facts.seq);
  if (chat_.is_group()) chat_.record().group->note_links(change.made, entry.facts.sender_user, change.used);
  if (change.brought_devices) chat_.profile.newcomers(committer);
  chat_.epoch_moved();
}

// Nobody is removed from a direct conversation for good, and from a group only by whom its roles let.
void Inbox::removed(const LogEntry& entry, const mls::PublicGroup& before, const mls::CommitEffects& effects) {
  const auto policy = chat_.group.policy();
  const auto by = chat_.group.who(effects.committer);
  const Account& account = chat_.machine().account;
  const auto is_ours = [&](const mls::Member& member) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    return who && who->user == account.user() && who->device == account.device();
  };
  // Another leaf of this very device, from outside or for a mark, is not an end.
  if (effects.external && brings_leaf_of(entry, account.leaf_key().public_key)) return is_old_copy(entry);
  const bool is_replaced = effects.external || std::ranges::any_of(effects.added, is_ours);
  if (!chat_.is_group() || !policy || !by || is_replaced) return lose(entry, "this device was removed");
  const GroupChange change = change_by(before, nullptr, effects, entry.facts.time_ms);
  if (!change.gone.contains(account.user())) return chat_.lose("this device was removed");
  const UserId& self = chat_.machine().account.user();
  const auto grounds = keys::Grounds::of(effects.authenticated_data);
  const bool has_left = grounds && keys::note_of(self, *grounds, before.context().group_id, effects) != nullptr;
  if (!has_left && (policy->role_of(by->user) == keys::Role::member || policy->owner == self)) {
    refuse(entry, "its sender may not remove anybody");
    return chat_.lose("a commit is not valid here");
  }
  chat_.show_line(entry.facts.seq, static_cast<std::int64_t>(entry.facts.time_ms), entry.facts.client_id,
                  {.by = by->user, .changes = change.changes});
  chat_.departure.is_out(true);
}

}  // namespace kith::client
