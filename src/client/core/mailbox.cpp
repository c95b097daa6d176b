#include "client/core/mailbox.h"

#include <algorithm>

#include "client/core/machine.h"
#include "keys/handed_generation.h"
#include "keys/leave_note.h"

namespace kith::client {

namespace {
constexpr const char* kMisnamed = "its invitation came under the name of another one";

// What this leave note of this user is of, whatever the server calls it and whatever it is said to be of; null where
// this device is not in it.
Chat* chat_left(Machine& machine, ByteView payload) {
  const auto note = keys::LeaveNote::decode(payload);
  if (!note || note->user != machine.account.user()) return nullptr;
  for (const ConversationId& id : machine.chats.ids()) {
    Chat* chat = machine.chats.find(id);
    if (same_bytes(keys::group_id(id, 0), note->group_id))
      return chat->record().membership == Membership::member ? chat : nullptr;
  }
  return nullptr;
}
}  // namespace

Seq Mailbox::last() const {
  return std::max(waiting_.empty() ? machine_.sync.mailbox() : waiting_.back().seq, gone_up_to_);
}

bool Mailbox::is_read() const {
  return machine_.connection.is_online() && !reading_ && (!wanted_ || waiting_.size() >= kMaxWaiting);
}

void Mailbox::hinted(const wire::MailHint& hint) {
  if (hint.mail.seq <= last()) return;
  if (hint.mail.seq == last().next() && waiting_.size() < kMaxWaiting) {
    keep(hint.mail);
  } else {
    wanted_ = true;
  }
}

void Mailbox::told(Seq head) {
  if (head > last()) wanted_ = true;
}

void Mailbox::read_now() { wanted_ = true; }

// What is being looked at may be looked at to its end, and does not count.
void Mailbox::history_changed() {
  waiting_.resize(working_ ? 1 : 0);
  is_front_former_ = working_;
  was_trimmed_ = false;
  gone_up_to_ = {};
}

void Mailbox::disconnected() {
  reading_ = false;
  wanted_ = false;
  if (std::exchange(trimming_, false)) must_trim_ = true;
  gone_up_to_ = {};
  if (std::exchange(asking_, false)) working_ = false;
}

std::optional<std::int64_t> Mailbox::wake_at() const {
  // Without a connection there is nothing to try; the next one looks by itself.
  const bool waits = retry_at_ != 0 && !waiting_.empty() && machine_.connection.is_greeted();
  return waits ? std::optional(retry_at_) : std::nullopt;
}

void Mailbox::keep(const wire::Mail& mail) {
  waiting_.push_back({.seq = mail.seq,
                      .kind = mail.kind,
                      .conversation = mail.conversation,
                      .conversation_seq = mail.conversation_seq,
                      .sender = mail.sender_user,
                      .payload = to_bytes(mail.payload)});
}

void Mailbox::advance() {
  if (!machine_.connection.is_greeted()) return;
  process();
  if (wanted_ && !reading_ && waiting_.size() < kMaxWaiting && machine_.connection.free_slots() > 0) read();
  if (must_trim_ && !trimming_ && waiting_.empty() && machine_.connection.free_slots() > 0) trim();
}

void Mailbox::read() {
  wanted_ = false;
  reading_ = true;
  const Seq after = last();
  machine_.connection.request(wire::ReadMailbox{.after_seq = after},
                              [this, after](const wire::Body& body) { answered(after, body); });
}

void Mailbox::answered(Seq after, const wire::Body& body) {
  reading_ = false;
  // Who was restored, or talks to a server that was, begins before what was trimmed: that was processed, or is lost.
  if (const auto* error = std::get_if<wire::Error>(&body);
      error != nullptr && error->code == wire::ErrorCode::trimmed && error->first_seq > last().next()) {
    gone_up_to_ = Seq{error->first_seq.value - 1};
    wanted_ = true;
    if (!std::exchange(was_trimmed_, true)) missed_mail();
  }
  const auto* mails = std::get_if<wire::Mails>(&body);
  if (mails == nullptr) return;  // another error: the next sync asks again
  // What is said to be gone reaches beyond the end: then it was a lie, and mail that comes is read.
  if (mails->head_seq < gone_up_to_) gone_up_to_ = {};
  for (const wire::Mail& mail : mails->mails) {
    if (mail.seq <= last()) continue;
    // A server that has trimmed says so; what it merely left out comes when it is asked again.
    if (waiting_.size() >= kMaxWaiting || mail.seq != last().next()) break;
    keep(mail);
  }
  if (mails->head_seq > last() && last() > after) wanted_ = true;
}

// In another life it told of keys of the account, and where this user is in no more.
void Mailbox::missed_mail() {
  machine_.account.is_old_copy();
  machine_.chats.read_groups();
}

void Mailbox::process() {
  if (machine_.clock_ms() < retry_at_) return;
  retry_at_ = 0;
  while (!waiting_.empty() && !working_ && retry_at_ == 0 && !machine_.stopped()) {
    const Item& mail = waiting_.front();
    // It cannot be both.
    if (mail.kind == wire::MailKind::removed && opens(mail) && !is_front_former_ && ++tries_ < kMostTries)
      return read_again();
    const bool is_note = chat_left(machine_, mail.payload) != nullptr;
    const auto keys_of = keys::GenerationMail::decode(mail.payload);
    const bool has_keys = keys_of && machine_.key_packages.knows(keys_of->key_package);
    if (has_keys || (mail.kind == wire::MailKind::generation && !opens(mail) && !is_note)) {
      working_ = true;
      machine_.generations.handed(mail.payload, [this] { done(); });
    } else if (opens(mail) || (mail.kind == wire::MailKind::welcome && !is_note)) {
      working_ = true;
      welcome(mail);
    } else if (mail.kind == wire::MailKind::removed || is_note) {
      working_ = true;
      removed(mail);
    } else if (mail.kind == wire::MailKind::declined) {
      working_ = true;
      machine_.own_requests.declined(mail.conversation);
      done();
    } else {
      done();
    }
  }
}

void Mailbox::done() {
  working_ = false;
  tries_ = 0;
  const Seq seq = waiting_.front().seq;
  waiting_.pop_front();
  if (std::exchange(is_front_former_, false)) {
    wanted_ = true;
    return;
  }
  machine_.sync.mailbox_processed(seq);
  must_trim_ = true;
}

// Once in each life, and again where the connection ended before an answer: what was asked then may never have come.
void Mailbox::trim() {
  const Seq up_to = machine_.sync.mailbox();
  must_trim_ = false;
  if (up_to.value == 0) return;
  trimming_ = true;
  machine_.connection.request(wire::TrimMailbox{.up_to_seq = up_to}, [this](const wire::Body&) { trimming_ = false; });
}

// What was said until then is read first: only then a new Welcome means another beginning. The mail alone is no end:
// either the log has it, or a device of this very user said so, or the server stays with it when it is asked.
void Mailbox::removed(const Item& mail) {
  Chat* left = chat_left(machine_, mail.payload);
  Chat* chat = left != nullptr ? left : machine_.chats.find(mail.conversation);
  if (chat == nullptr || !chat->is_group()) return may_be_of_another();
  chat->when_loaded([this, chat, mail, has_left = left != nullptr || mail.conversation_seq.value == 0] {
    // Whether it is in already is about to be told: then this is all that says that it is not any more.
    if (is_coming_in(*chat) && ++tries_ < kMostTries) return try_later(0);
    if (chat->record().membership != Membership::member)
      return has_left || chat->departure.went_by(mail.conversation_seq) ? done() : may_be_of_another();
    if (!has_left) chat->departure.told();
    if (std::exchange(reading_until_, mail.seq) != mail.seq) {
      tries_ = 0;
      // Also where that place was read already: it may stand behind it.
      chat->log.read_now(has_left ? Seq{} : mail.conversation_seq);
      return try_later(0);
    }
    if ((chat->log.has_work() || chat->log.is_reading()) && ++tries_ < kMostTries) return try_later(0);
    if (has_left && chat->departure.is_ours(mail.payload)) {
      chat->departure.left_elsewhere();
      return done();
    }
    // Where the log ends before, either of the two is a lie; and so is a note that is nobody's.
    const bool is_doubtful = has_left || chat->record().position < mail.conversation_seq;
    if (is_doubtful && !is_front_former_ && ++tries_ < kMostTries) {
      if (!has_left) chat->log.head_is(mail.conversation_seq);
      return read_again();
    }
    // What was shown in the place of the commit may be the lie, or the name.
    may_be_of_another();
  });
}

// It took this user out of no group here. Of the one that it was about, whatever its name, nothing else tells.
void Mailbox::may_be_of_another() {
  machine_.chats.read_groups();
  done();
}

// Nobody else tells of what the server may have made something else of.
void Mailbox::read_again() {
  waiting_.clear();
  wanted_ = true;
  try_later(0);
}

// Of a direct conversation. Where another device of this very user invites, the sender does not tell.
std::optional<UserId> Mailbox::peer_of(const Item& mail, const Chat* chat) const {
  const UserId& self = machine_.account.user();
  if (mail.sender == self)
    return chat != nullptr && !chat->is_group() ? std::optional(chat->record().peer) : std::nullopt;
  const bool is_direct = mail.conversation == keys::direct_conversation(self, mail.sender);
  return is_direct ? std::optional(mail.sender) : std::nullopt;
}

Chat& Mailbox::chat_of(const Item& mail) {
  return peer_ ? machine_.chats.with(*peer_) : machine_.chats.group(mail.conversation);
}

void Mailbox::welcome(const Item& mail) {
  Chat* chat = machine_.chats.find(mail.conversation);
  peer_ = peer_of(mail, chat);
  if (chat != nullptr && chat->is_group() == peer_.has_value()) {
    if (!opens(mail)) {
      machine_.warn("welcome_refused", "An invitation is to a conversation of another kind.");
      return done();
    }
    peer_ = chat->is_group() ? std::nullopt : std::optional(chat->record().peer);
  }
  is_of_its_group_ = false;
  if (chat == nullptr) return find_key();
  chat->when_loaded([this] { find_key(); });
}

// Whatever the server calls it.
bool Mailbox::opens(const Item& mail) const {
  const auto refs = mls::invited(mail.payload);
  return refs && std::ranges::any_of(*refs, [&](const Bytes& ref) { return machine_.key_packages.knows(ref); });
}

bool Mailbox::is_coming_in(const Chat& chat) {
  return chat.group.pending() != nullptr && chat.group.pending()->external;
}

// Whoever is in needs none, and whether a device comes in from outside is about to be decided.
bool Mailbox::is_passed_by(const Chat& chat) {
  if (chat.record().membership == Membership::member) return done(), true;
  if (is_coming_in(chat) && ++tries_ < kMostTries) return try_later(0), true;
  return false;
}

void Mailbox::find_key() {
  const auto refs = mls::invited(waiting_.front().payload);
  if (refs) {
    for (const Bytes& ref : *refs) {
      if (machine_.key_packages.knows(ref)) return open(ref);
    }
  }
  rejoin("its invitation is for a key that this device does not have");
}

void Mailbox::open(const Bytes& ref) {
  const Bytes key = row_key::key_package(ref);
  Bytes end = key;
  end.push_back(0);
  machine_.load(key, end, 1, false, [this, ref](const std::vector<Row>& rows) {
    const auto secrets = rows.empty() ? mls::Result<mls::KeyPackageSecrets>(fail(mls::Errc::not_invited))
                                      : mls::decoded<mls::KeyPackageSecrets>(rows.front().value);
    if (!secrets) return rejoin("the key of its invitation cannot be read");
    ask_tree(*secrets);
  });
}

void Mailbox::ask_tree(mls::KeyPackageSecrets secrets) {
  if (machine_.connection.free_slots() == 0) return try_later(0);
  const Item& mail = waiting_.front();
  const auto info = mls::group_info_in(mail.payload, secrets);
  if (!info) return rejoin(std::string("its invitation cannot be used, ") + mls::name(info.error().code));
  const auto policy = keys::policy_of(info->group_context.extensions);
  if (info->group_context.group_id != keys::group_id(mail.conversation, 0)) {
    const auto named = policy ? policy->conversation() : mail.conversation;
    return info->group_context.group_id == keys::group_id(named, 0) ? is_to(named)
                                                                    : rejoin("its invitation is to another group");
  }
  if (const Chat* chat = machine_.chats.find(mail.conversation); chat != nullptr && is_passed_by(*chat)) return;
  if (mail.is_misnamed) return rejoin(kMisnamed);
  if (info->group_context.epoch == 0) return rejoin("its invitation is to a group of nobody");
  is_of_its_group_ = policy && policy->conversation() == mail.conversation;
  signer_ = info->signer;
  asking_ = true;
  GroupReader::ask(machine_, mail.conversation, Epoch{info->group_context.epoch},
                   [this, secrets = std::move(secrets)](const ShownGroup* shown, const wire::Error* error) {
                     asking_ = false;
                     if (shown != nullptr) return join(secrets, *shown);
                     // The user is out, or in again by another invitation, which may still be on its way.
                     const bool is_over =
                         error->code == wire::ErrorCode::not_member || error->code == wire::ErrorCode::trimmed;
                     if (is_over && !peer_) return was_taken_back();
                     if (error->code == wire::ErrorCode::not_found || error->code == wire::ErrorCode::not_member)
                       return rejoin("the group of its invitation is not there any more");
                     try_later(error->retry_after_ms);
                   });
}

// The server says that it is to another one: neither its place nor the tree that goes with it is known then.
void Mailbox::is_to(const ConversationId& group) {
  waiting_.front().conversation = group;
  waiting_.front().is_misnamed = true;
  peer_.reset();
  is_of_its_group_ = true;
  const auto come_in = [this] { rejoin(kMisnamed); };
  Chat* chat = machine_.chats.find(group);
  chat != nullptr ? chat->when_loaded(come_in) : come_in();
}

// The mail behind it says so, or the server lies: whoever was out before is out by its word alone.
void Mailbox::was_taken_back() {
  if (!is_read()) return try_later(0);
  if (is_overtaken()) return done();
  Chat* chat = machine_.chats.find(waiting_.front().conversation);
  if (chat != nullptr && chat->record().membership == Membership::out) {
    chat->record().is_out_by_word = true;
    chat->changed_quietly();
  }
  done();
}

void Mailbox::try_later(std::int64_t after_ms) {
  working_ = false;
  retry_at_ = machine_.clock_ms() + std::clamp(after_ms, kRetryMs, kMaxRetryMs);
}

void Mailbox::join(const mls::KeyPackageSecrets& secrets, const ShownGroup& shown) {
  const Item& mail = waiting_.front();
  const UserId& self = machine_.account.user();
  if (mail.sender == self && !peer_) peer_ = peer_in(shown, mail.conversation, self);
  const auto kind = peer_ ? keys::GroupKind::direct : keys::GroupKind::group;
  auto group = mls::Group::join(mail.payload, secrets, machine_.account.leaf_key(),
                                {.tree = shown.tree, .max_leaves = keys::max_leaves(kind)});
  if (!group) return rejoin(std::string("its invitation cannot be used, ") + mls::name(group.error().code));
  const Parties parties{.conversation = mail.conversation, .self = self, .peer = peer_};
  if (const auto why = wrong_with_group(group->public_group(), parties); !why.empty()) return rejoin(why);
  // The first commit is the first entry: a place that is off by some would keep this device from comparing the log.
  if ((group->epoch() == 1 && mail.conversation_seq.value != 1) ||
      mail.conversation_seq.value >= ChatArchive::kRoomOfOne)
    return rejoin("its invitation names another place");
  const auto inviter =
      keys::DeviceCredential::decode(group->member(signer_).value_or(mls::Member{}).credential.identity);
  Chat& chat = chat_of(mail);
  if (is_passed_by(chat)) return;
  if (group->epoch() <= chat.record().newest_epoch) return rejoin("its invitation is to a past that it was in");
  if (!chat.knew(group->public_group(), signer_)) return rejoin("nobody who was in it invites this device");
  const bool is_new = chat.record().membership != Membership::lost || chat.joining.is_under_way();
  chat.joined(*std::move(group), mail.conversation_seq);
  // What its user did is in the log or the archive.
  if (is_new && chat.is_group() && inviter && inviter->user != self) {
    chat.show_line(mail.conversation_seq, machine_.now().value, machine_.new_client_id(),
                   {.by = inviter->user, .changes = {{.kind = ChangeKind::added, .users = {self}}}});
    // The line stands for the entry, which this device does not read.
    chat.archive.has_read(mail.conversation_seq);
  }
  machine_.key_packages.used(secrets.ref);
  done();
}

// Whoever was removed since, or invited once more, hears of it by the mail behind: that one decides.
bool Mailbox::is_overtaken() const {
  const Item& mail = waiting_.front();
  const auto of_same = std::ranges::count(waiting_, mail.conversation, &Item::conversation);
  return !peer_ && of_same > 1;
}

void Mailbox::rejoin(const std::string& why) {
  const Item& mail = waiting_.front();
  if (!is_read()) return try_later(0);
  Chat* chat = machine_.chats.find(mail.conversation);
  const bool is_known = chat != nullptr;
  const bool is_member = is_known && chat->record().membership == Membership::member;
  // What nobody can use here may be the word that this user was removed, by another name: the log has that.
  if (is_member) chat->log.read_now({});
  if (is_member || (is_known && is_coming_in(*chat)) || is_overtaken()) return done();
  // A name for a chat that anybody could have given is not kept.
  if (!is_known && !peer_ && !is_of_its_group_) {
    machine_.warn("welcome_refused", "An invitation cannot be used: " + why + ".");
    return done();
  }
  if (!is_known && machine_.chats.never_joined() >= kMaxNeverJoined) {
    machine_.warn("welcome_refused", "Too many invitations that nobody can use.");
  } else {
    chat_of(mail).lose(why);
  }
  done();
}

}  // namespace kith::client
