#include "client/core/founding.h"

#include <algorithm>
#include <memory>

#include "client/core/chat.h"
#include "client/core/machine.h"
#include "client/core/welcomes.h"
#include "mls/framing.h"
#include "mls/profile.h"

namespace kith::client {

namespace {
constexpr std::int64_t kFirstPauseMs = 1'000;
constexpr std::int64_t kLastPauseMs = 60'000;
// A Welcome follows its commit by another way, and the hint of it may be lost; after so many looks in vain it is not
// coming. Looks count, not time: that a clock was put forward brings nobody's mail.
constexpr std::int64_t kLookForWelcomeMs = 10'000;
constexpr std::uint32_t kMostLooks = 5;
// With so many leaves a device that comes back by itself asks little of the others.
constexpr std::uint32_t kFewLeaves = 16;
constexpr std::uint32_t kMostRefusals = 4;
// Somebody is there, as a rule; if not, this device comes back by itself.
constexpr std::int64_t kReplacementPatienceMs = 30'000;

// A new device says so by its user's list; one that comes back sits there already.
bool comes_by_list(ByteView commit) {
  const auto message = mls::decoded_message<mls::PublicMessage>(commit);
  const auto grounds = message ? keys::Grounds::of(message->content.authenticated_data)
                               : keys::Result<keys::Grounds>(fail(keys::Errc::malformed));
  return grounds && !grounds->lists.empty();
}

bool replaces_a_leaf(ByteView commit) {
  const auto message = mls::decoded_message<mls::PublicMessage>(commit);
  const auto* content = message ? std::get_if<mls::Commit>(&message->content.content) : nullptr;
  return content != nullptr && std::ranges::any_of(content->proposals, [](const mls::ProposalOrRef& item) {
           const auto* proposal = std::get_if<mls::Proposal>(&item);
           return proposal != nullptr && std::holds_alternative<mls::Remove>(*proposal);
         });
}
}  // namespace

bool Founding::has_work() const {
  switch (chat_.record().membership) {
    case Membership::none:
      // A group that is not there yet has its first commit to send.
      return chat_.is_group() || chat_.record().pending > 0;
    case Membership::invited:
    case Membership::lost:
      return true;
    case Membership::member:
    case Membership::out:
      return false;
  }
  return false;
}

void Founding::pause(std::int64_t at_least_ms) {
  busy_ = false;
  const std::int64_t backoff = std::min(kLastPauseMs, kFirstPauseMs << std::min(failures_, 10U));
  ++failures_;
  retry_at_ = chat_.machine().clock_ms() + std::max(at_least_ms, backoff);
  chat_.poke();
}

void Founding::disconnected() {
  busy_ = false;
  look_at_ = 0;
  looks_ = 0;
  shown_.reset();
}

void Founding::advance() {
  const Machine& machine = chat_.machine();
  if (!has_work() || busy_ || chat_.junction.has_work() || !machine.connection.is_online()) return;
  // A server that was restored takes no leaf under keys that it does not know yet.
  if (machine.account.record().is_list_doubtful) return;
  const std::int64_t now = machine.clock_ms();
  if (now < retry_at_) return chat_.wake(retry_at_);
  if (chat_.record().membership == Membership::invited) {
    if (look_at_ == 0) look_at_ = now + kLookForWelcomeMs;
    if (now < look_at_) return chat_.wake(look_at_);
    if (looks_ < kMostLooks) return look_for_welcome();
    chat_.lose("no Welcome came");
  }
  const bool external = chat_.record().membership == Membership::lost;
  if (const PendingRecord* pending = chat_.group.pending();
      pending != nullptr &&
      (pending->external != external || (external && !is_of(machine.connection.history(), *pending))))
    chat_.group.drop_pending();
  if (chat_.group.pending() == nullptr && !external && chat_.is_group()) return chat_.departure.is_out(false);
  if (chat_.group.pending() == nullptr && !external) return ask_packages();
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  if (chat_.group.pending() != nullptr) return transmit();
  if (!broken_leaf_.empty()) return ask_for_replacement();
  if (now < replaced_by_) return chat_.wake(replaced_by_);
  if (!shown_) return ask_group();
  come_into(*std::exchange(shown_, std::nullopt));
  chat_.poke();
}

void Founding::look_for_welcome() {
  Machine& machine = chat_.machine();
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  ++looks_;
  look_at_ = machine.clock_ms() + kLookForWelcomeMs;
  machine.mailbox.read_now();
  look_for_leaf();
  chat_.wake(look_at_);
}

// To whom is not in yet nobody sends one: a device that is new in its account comes in by itself.
void Founding::look_for_leaf() {
  GroupReader::ask(chat_.machine(), chat_.id(), {}, [this](const ShownGroup* shown, const wire::Error*) {
    const Account& account = chat_.machine().account;
    auto group = shown != nullptr ? opened(*shown, chat_.id(), chat_.kind()) : std::unexpected(std::string());
    if (chat_.record().membership != Membership::invited || !group || group->has({account.user(), account.device()}))
      return;
    chat_.come_in(*std::move(group));
  });
}

// ---- creating ----

void Founding::ask_packages() {
  busy_ = true;
  claim_packages(chat_.machine(), chat_.record().peer, [this](const auto& theirs) {
    if (theirs) return ask_own_packages(*theirs);
    busy_ = false;
    chat_.poke();
    if (is_still_to_be_founded()) refused(theirs.error());
  });
}

// A Welcome may have been faster, or all messages may have been given up.
bool Founding::is_still_to_be_founded() const {
  return chat_.record().membership == Membership::none && has_work() && chat_.group.pending() == nullptr;
}

void Founding::ask_own_packages(const std::vector<ClaimedPackage>& theirs) {
  claim_own_packages(chat_.machine(), [this, theirs](const std::optional<OwnPackages>& own) {
    busy_ = false;
    chat_.poke();
    if (is_still_to_be_founded()) build(theirs, own);
  });
}

void Founding::refused(const ClaimFailure& why) {
  if (why.is_transient) return pause(why.retry_after_ms);
  chat_.outbox.fail_all(why.error, why.message);
}

mls::Result<mls::Group> Founding::alone(mls::Extensions extensions) const {
  const Machine& machine = chat_.machine();
  return mls::Group::create(
      crypto::Suite::product(),
      {.group_id = keys::group_id(chat_.id(), 0), .leaf = machine.account.leaf(), .extensions = std::move(extensions)},
      machine.account.leaf_key(), machine.entropy);
}

void Founding::build(const std::vector<ClaimedPackage>& theirs, const std::optional<OwnPackages>& own) {
  Machine& machine = chat_.machine();
  const auto group = alone({mls::profile::required_capabilities()});
  if (!group) return chat_.outbox.fail_all("internal", "The conversation could not be created.");
  PendingRecord record{.external = false, .id = machine.new_client_id(), .epoch = {0}};
  mls::CommitOptions options;
  keys::Grounds grounds;
  if (own) grounds.lists.push_back(own->list);
  options.authenticated_data =
      chat_.authenticated_data(record.id, wire::EntryKind::commit, own ? grounds.encode() : Bytes{});
  options.tree_in_welcome = false;
  record.founding = group->group_info(true);
  const auto add = [&](const UserId& user, const std::vector<ClaimedPackage>& packages) {
    for (const ClaimedPackage& claimed : packages) {
      options.adds.push_back(claimed.package);
      record.welcomed.push_back(welcomed(user, claimed.device, claimed.package));
    }
  };
  add(chat_.record().peer, theirs);
  if (own) add(machine.account.user(), own->packages);
  auto pending = group->commit(options, machine.entropy);
  if (!pending) return chat_.outbox.fail_all("internal", "The conversation could not be created.");
  chat_.group.set_pending(std::move(record), *std::move(pending));
}

bool Founding::found_group(const ClientId& first_commit, const keys::GroupPolicy& policy) {
  const auto group = alone(keys::group_extensions(policy));
  if (!group) return false;
  PendingRecord record{.external = false, .id = first_commit, .epoch = {0}, .founding = group->group_info(true)};
  mls::CommitOptions options;
  options.authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit);
  auto pending = group->commit(options, chat_.machine().entropy);
  if (!pending) return false;
  chat_.group.set_pending(std::move(record), *std::move(pending));
  chat_.poke();
  return true;
}

void Founding::transmit() {
  busy_ = true;
  const PendingRecord& record = *chat_.group.pending();
  if (!record.external) return transmit_first(record);
  chat_.machine().connection.request(wire::Commit{.conversation = chat_.id(),
                                                  .client_id = record.id,
                                                  .epoch = record.epoch,
                                                  .payload = record.commit,
                                                  .group_info = record.group_info,
                                                  .welcomes = {}},
                                     [this](const wire::Body& body) { commit_answered(body); });
}

void Founding::transmit_first(const PendingRecord& record) {
  const auto then = [this](const wire::Body& body) { create_answered(body); };
  if (chat_.is_group()) {
    return chat_.machine().connection.request(wire::FoundGroup{.client_id = record.id,
                                                               .payload = record.commit,
                                                               .group_info = record.group_info,
                                                               .founding = record.founding},
                                              then);
  }
  const Welcomes welcomes(record);
  chat_.machine().connection.request(wire::CreateDirect{.peer = chat_.record().peer,
                                                        .client_id = record.id,
                                                        .payload = record.commit,
                                                        .group_info = record.group_info,
                                                        .welcomes = welcomes.all(),
                                                        .founding = record.founding},
                                     then);
}

void Founding::create_answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  if (chat_.record().membership != Membership::none || chat_.group.pending() == nullptr) return;
  if (const auto* appended = std::get_if<wire::Appended>(&body)) return created(*appended);
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr) return chat_.machine().connection.give_up("the server answered a creation with something else");
  switch (error->code) {
    case wire::ErrorCode::conversation_exists:
      if (chat_.is_group()) break;
      chat_.group.drop_pending();
      chat_.become(Membership::invited);
      return chat_.machine().mailbox.read_now();
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      return pause(error->retry_after_ms);
    case wire::ErrorCode::invalid_commit:
      // Devices may have come or gone since they were asked for.
      if (chat_.is_group() || failures_ >= kMostRefusals) break;
      chat_.group.drop_pending();
      return pause(0);
    default:
      // Out of a group that is there after all nobody would bring its founder back.
      if (chat_.is_group() && failures_ < kMostRefusals) return pause(error->retry_after_ms);
      break;
  }
  chat_.group.drop_pending();
  chat_.outbox.fail_all("invalid_commit", "The server did not create this conversation.");
  if (chat_.is_group()) chat_.departure.is_out(false);
}

void Founding::created(const wire::Appended& appended) {
  // A commit that begins a conversation is its first entry.
  if (appended.seq.value != 1) return chat_.machine().connection.give_up("the server began a log in the middle");
  const ClientId id = chat_.group.pending()->id;
  if (!enter(appended)) return chat_.lose("a commit of this device cannot be read back");
  if (!chat_.is_group()) return;
  chat_.devices.founded(chat_.machine().clock_ms());
  chat_.profile.founded(appended, id);
}

// The log has our pending commit, and its chain begins with it. False where it cannot be read back.
bool Founding::enter(const wire::Appended& appended) {
  const PendingRecord record = *chat_.group.pending();
  // Whoever has opened a link into a group that it was in already has missed what was said since.
  const bool by_link = chat_.joining.is_under_way() && !replaces_a_leaf(record.commit);
  const Account& account = chat_.machine().account;
  if (!chat_.group.adopt_pending()) return false;
  chat_.meet_history(Seq{appended.seq.value - 1});
  const keys::EntryFacts facts{.seq = appended.seq,
                               .time_ms = static_cast<std::uint64_t>(appended.time_ms),
                               .sender_user = account.user(),
                               .sender_device = account.device(),
                               .client_id = record.id,
                               .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                               .epoch = record.epoch};
  const Seq read_up_to = chat_.record().position;
  if (record.external) chat_.devices.came_in();
  chat_.entered(appended.seq);
  chat_.archive.has_read(appended.seq);
  chat_.log.begin_at(appended.seq, keys::log_step(facts, record.commit));
  if (by_link) {
    chat_.joining.entered(appended.seq, appended.time_ms, record.id);
  } else if (record.external && !comes_by_list(record.commit)) {
    chat_.joining.is_in();
    chat_.again.was_away(appended.seq);
    chat_.missing.came_back(read_up_to, appended.seq, record.id);
  }
  failures_ = 0;
  return true;
}

// ---- rejoining ----

void Founding::lost() {
  const mls::Group* group = chat_.group.get();
  broken_leaf_.clear();
  shown_.reset();
  replaced_by_ = 0;
  if (group == nullptr) return;
  has_asked_ = false;
  if (const auto leaf = group->member(group->own_leaf()); leaf && may_be_replaced(group->public_group()))
    broken_leaf_ = leaf->encryption_key;
}

void Founding::was_shown(OpenedGroup shown) {
  shown_ = std::move(shown);
  chat_.poke();
}

bool Founding::may_be_replaced(const mls::PublicGroup& group) const {
  return chat_.is_group() && !has_asked_ && group.tree().size().leaves > kFewLeaves;
}

void Founding::ask_for_replacement() {
  Machine& machine = chat_.machine();
  const Bytes leaf = std::exchange(broken_leaf_, {});
  has_asked_ = true;
  const Bytes package = machine.key_packages.make(false);
  const auto fresh = mls::decoded_message<mls::KeyPackage>(package);
  keys::BrokenMark mark{.group_id = keys::group_id(chat_.id(), 0),
                        .user = machine.account.user(),
                        .device = machine.account.device(),
                        .encryption_key = leaf,
                        .replacement = fresh ? fresh->leaf.encryption_key : Bytes{}};
  mark.sign(machine.account.leaf_key());
  const Bytes bytes = mark.encode();
  busy_ = true;
  machine.connection.request(wire::MarkBroken{.conversation = chat_.id(), .mark = bytes, .key_package = package},
                             [this](const wire::Body& body) { replacement_answered(body); });
}

void Founding::replacement_answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  if (const auto* error = std::get_if<wire::Error>(&body)) {
    if (error->code == wire::ErrorCode::not_member && chat_.record().membership == Membership::lost)
      return chat_.departure.is_out(false);
    return pause(error->retry_after_ms);
  }
  replaced_by_ = chat_.machine().clock_ms() + kReplacementPatienceMs;
}

void Founding::ask_group() {
  busy_ = true;
  const Bytes proof = chat_.joining.is_under_way() ? chat_.joining.proof().encode() : Bytes{};
  const auto then = [this](const ShownGroup* shown, const wire::Error* error) {
    busy_ = false;
    chat_.poke();
    if (chat_.record().membership != Membership::lost) return;
    if (shown != nullptr) {
      const auto group = opened(*shown, chat_.id(), chat_.kind());
      return group ? come_into(*group) : refuse(group.error());
    }
    if (chat_.joining.is_under_way() && !why_not_in(*error).is_transient)
      return chat_.joining.refused(why_not_in(*error));
    const bool is_gone = error->code == wire::ErrorCode::not_found || error->code == wire::ErrorCode::not_member;
    if (is_gone && !chat_.is_in_history()) return chat_.is_forgotten();
    if (chat_.is_group() && error->code == wire::ErrorCode::not_member) return chat_.departure.is_out(false);
    pause(error->retry_after_ms);
  };
  GroupReader::ask(chat_.machine(), chat_.id(), {}, then, proof);
}

// Of a past in which others were in, those who went since could read on. Who signs for it may have come since, and is
// no stranger where the log says so.
void Founding::come_into(OpenedGroup shown) {
  if (chat_.is_group() && shown.group.context().epoch < chat_.record().followed_epoch)
    return refuse("it is of a past that this device was in");
  if (chat_.knew(shown.group, shown.info.signer)) return come_to_known(shown);
  busy_ = true;
  chat_.introductions.follow([this, shown = std::make_shared<OpenedGroup>(std::move(shown))](const wire::Error* error) {
    busy_ = false;
    chat_.poke();
    if (chat_.record().membership != Membership::lost) return;
    if (chat_.knew(shown->group, shown->info.signer)) return come_to_known(*shown);
    if (error != nullptr && why_not_in(*error).is_transient) return pause(error->retry_after_ms);
    refuse("nobody who was in it says so");
  });
}

void Founding::come_to_known(const OpenedGroup& shown) {
  const Account& account = chat_.machine().account;
  const auto seats = keys::seats_of(shown.group).value_or(std::vector<keys::Seat>{});
  const auto is_own = [&](const keys::Seat& seat) { return seat.user == account.user(); };
  const bool has_leaf = shown.has({account.user(), account.device()});
  // Somebody has added this new device meanwhile: the Welcome tells more than coming in anew.
  if (has_leaf && chat_.record().position.value == 0 && !std::exchange(has_awaited_welcome_, true)) {
    replaced_by_ = chat_.machine().clock_ms() + kLookForWelcomeMs;
    return chat_.machine().mailbox.read_now();
  }
  const bool is_new = std::ranges::any_of(seats, is_own) && !has_leaf;
  is_new ? ask_own_list(shown) : join_external(shown, {});
}

void Founding::ask_own_list(const OpenedGroup& shown) {
  Machine& machine = chat_.machine();
  if (machine.connection.free_slots() == 0) return pause(0);
  busy_ = true;
  machine.connection.request(wire::GetChanges{.conversation = chat_.id()}, [this, shown](const wire::Body& body) {
    busy_ = false;
    chat_.poke();
    if (chat_.record().membership != Membership::lost) return;
    auto list = own_list_in(chat_.machine().account, body);
    // The conversation hears of a list a little after the account has it.
    if (!list) return pause(0);
    keys::Grounds grounds;
    grounds.lists.push_back(*std::move(list));
    join_external(shown, std::move(grounds));
  });
}

void Founding::refuse(const std::string& why) {
  const std::string message = "The group that the server shows cannot be joined: " + why + ".";
  if (chat_.joining.is_under_way()) return chat_.joining.refused({"group_refused", message});
  chat_.machine().warn("group_refused", message, &chat_.id());
  pause(kLastPauseMs);
}

void Founding::join_external(const OpenedGroup& shown, keys::Grounds grounds) {
  Machine& machine = chat_.machine();
  const auto& [info, group] = shown;
  const UserId self = machine.account.user();
  if (chat_.joining.is_under_way()) {
    // Whom somebody took along is in, whatever became of the link.
    const auto seats = keys::seats_of(group).value_or(std::vector<keys::Seat>{});
    const bool is_in = std::ranges::find(seats, self, &keys::Seat::user) != seats.end();
    if (const auto why = is_in ? "" : chat_.joining.wrong_with(group); !why.empty()) return refuse(why);
    grounds.joins.push_back(chat_.joining.proof());
  }

  PendingRecord record{.external = true, .id = machine.new_client_id(), .epoch = {group.epoch()}};
  mls::ExternalJoinOptions options{
      .leaf = machine.account.leaf(),
      .remove = {},
      .authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit, grounds.encode())};
  for (const mls::Member& member : group.members()) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (!who || who->user != self || who->device != machine.account.device()) continue;
    // Nobody takes it back under keys of before those that it had in another life.
    if (machine.account.credential().generation.is_ended_by(who->generation))
      return machine.account.is_old_copy(), pause(0);
    options.remove = member.leaf;
    // Where nothing of the group could be read, the server says which leaf that is; for another one the mark is
    // nothing.
    if (may_be_replaced(group)) broken_leaf_ = member.encryption_key;
  }
  if (!broken_leaf_.empty()) return chat_.poke();
  auto pending = mls::Group::join_external(group, info, options, machine.account.leaf_key(), machine.entropy);
  if (!pending) return refuse(mls::name(pending.error().code));
  // Now with our own leaf in it: nobody else's may hang on another identity under our name.
  if (const auto why = chat_.wrong_with(pending->next.public_group()); !why.empty()) return refuse(why);
  chat_.group.set_pending(std::move(record), *std::move(pending));
}

void Founding::commit_answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  const PendingRecord* pending = chat_.group.pending();
  if (chat_.record().membership != Membership::lost || pending == nullptr || !pending->external) return;
  if (const auto* appended = std::get_if<wire::Appended>(&body)) {
    if (appended->seq.value == 0 || appended->seq.value >= ChatArchive::kRoomOfOne)
      return chat_.machine().connection.give_up("the server names a place that no log has");
    if (enter(*appended)) return;
    chat_.group.drop_pending();
    return pause(0);
  }
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr) return chat_.machine().connection.give_up("the server answered a commit with something else");
  const bool keep = error->code == wire::ErrorCode::rate_limited || error->code == wire::ErrorCode::overloaded ||
                    error->code == wire::ErrorCode::internal;
  // Where another device of this user is in already, no link is what this one comes by.
  const bool by_link = chat_.joining.is_under_way() && !comes_by_list(pending->commit);
  // Somebody else's commit was first, or this one was not wanted: it is made again on what the server shows then.
  if (!keep) chat_.group.drop_pending();
  if (by_link && !keep) {
    retry_at_ = chat_.machine().clock_ms() + chat_.joining.refused(*error);
    return;
  }
  if (chat_.is_group() && error->code == wire::ErrorCode::not_member) return chat_.departure.is_out(false);
  pause(error->retry_after_ms);
}

}  // namespace kith::client
