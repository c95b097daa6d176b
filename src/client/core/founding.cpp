#include "client/core/founding.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/claimed_packages.h"
#include "client/core/machine.h"
#include "mls/framing.h"
#include "mls/profile.h"

namespace kith::client {

namespace {
constexpr std::int64_t kFirstPauseMs = 1'000;
constexpr std::int64_t kLastPauseMs = 60'000;
// A Welcome follows its commit at once, by another way; after this long, it is not coming.
constexpr std::int64_t kWelcomePatienceMs = 10'000;
}  // namespace

bool Founding::has_work() const {
  switch (chat_.record().membership) {
    case Membership::none:
      return chat_.record().pending > 0;
    case Membership::invited:
    case Membership::lost:
      return true;
    case Membership::member:
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
  invited_at_ = 0;
}

void Founding::advance() {
  const Machine& machine = chat_.machine();
  if (!has_work() || busy_ || !machine.connection.is_online()) return;
  const std::int64_t now = machine.clock_ms();
  if (now < retry_at_) return chat_.wake(retry_at_);
  if (chat_.record().membership == Membership::invited) {
    if (invited_at_ == 0) invited_at_ = now;
    if (now < invited_at_ + kWelcomePatienceMs) return chat_.wake(invited_at_ + kWelcomePatienceMs);
    chat_.lose("no Welcome came");
  }
  const bool external = chat_.record().membership == Membership::lost;
  if (const PendingRecord* pending = chat_.group.pending(); pending != nullptr && pending->external != external)
    chat_.group.drop_pending();
  if (chat_.group.pending() == nullptr && !external) return ask_devices();
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  if (chat_.group.pending() != nullptr) return transmit();
  ask_group();
}

// ---- creating ----

void Founding::ask_devices() {
  busy_ = true;
  const UserId peer = chat_.record().peer;
  chat_.machine().contacts.with_contact(peer, [this, peer](const ContactRecord* contact, const HttpAnswer& why_not) {
    if (contact == nullptr) return failed(why_not);
    const std::string path = "/v1/users/" + peer.text() + "/devices";
    chat_.machine().session.call("GET", path, {}, [this](const HttpAnswer& answer) {
      if (!answer.ok()) return failed(answer);
      claim(answer.body);
    });
  });
}

void Founding::claim(const Json& directory) {
  const std::string path = "/v1/users/" + chat_.record().peer.text() + "/key_packages/claim";
  chat_.machine().session.call("POST", path, Json::object(), [this, directory](const HttpAnswer& answer) {
    if (!answer.ok()) return failed(answer);
    build(directory, answer.body);
  });
}

void Founding::failed(const HttpAnswer& answer) {
  if (answer.is_transient()) return pause(answer.retry_after_ms());
  busy_ = false;
  const bool no_device = answer.error() == "no_key_package";
  chat_.outbox.fail_all(no_device ? "no_device" : answer.error(), answer.message());
}

void Founding::build(const Json& directory, const Json& claimed) {
  Machine& machine = chat_.machine();
  busy_ = false;
  chat_.poke();
  // A Welcome may have been faster, or all messages may have been given up.
  if (chat_.record().membership != Membership::none || !has_work()) return;
  const UserId peer = chat_.record().peer;
  const ContactRecord* contact = machine.contacts.find(peer);
  if (contact == nullptr || contact->identity_changed) {
    return chat_.outbox.fail_all("identity_changed", "This person's identity is another one than before.");
  }
  const auto list = verified_list(peer, contact->identity_key, directory);
  const auto packages = list ? verified_claim(peer, contact->identity_key, *list, claimed,
                                              static_cast<std::uint64_t>(machine.now().value / 1000))
                             : std::unexpected(list.error());
  if (!packages) {
    machine.warn("forged_certificate", "The server's keys for a contact do not hold: " + packages.error() + ".",
                 &chat_.id());
    return chat_.outbox.fail_all("forged_certificate", "The keys that the server gave do not belong to this person.");
  }
  if (packages->empty()) return chat_.outbox.fail_all("no_device", "This person has no device that could read this.");

  const crypto::Suite suite = crypto::Suite::product();
  auto group = mls::Group::create(suite,
                                  {.group_id = keys::group_id(chat_.id(), 0),
                                   .leaf = machine.account.leaf(),
                                   .extensions = {mls::profile::required_capabilities()}},
                                  machine.account.leaf_key(), machine.entropy);
  if (!group) return chat_.outbox.fail_all("internal", "The conversation could not be created.");
  PendingRecord record{.external = false, .id = machine.new_client_id(), .epoch = {0}};
  mls::CommitOptions options;
  options.authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit);
  options.tree_in_welcome = false;
  record.founding = group->group_info(true);
  for (const ClaimedPackage& claimed_package : *packages) {
    options.adds.push_back(claimed_package.package);
    record.welcomed.emplace_back(peer, claimed_package.device);
  }
  auto pending = group->commit(options, machine.entropy);
  if (!pending) return chat_.outbox.fail_all("internal", "The conversation could not be created.");
  chat_.group.set_pending(std::move(record), *std::move(pending));
}

void Founding::transmit() {
  busy_ = true;
  const PendingRecord& record = *chat_.group.pending();
  if (record.external) {
    return chat_.machine().connection.request(wire::Commit{.conversation = chat_.id(),
                                                           .client_id = record.id,
                                                           .epoch = record.epoch,
                                                           .payload = record.commit,
                                                           .group_info = record.group_info,
                                                           .welcomes = {}},
                                              [this](const wire::Body& body) { commit_answered(body); });
  }
  wire::CreateDirect create{.peer = chat_.record().peer,
                            .client_id = record.id,
                            .payload = record.commit,
                            .group_info = record.group_info,
                            .welcomes = {},
                            .founding = record.founding};
  for (const auto& [user, device] : record.welcomed) create.welcomes.push_back({user, device, record.welcome});
  chat_.machine().connection.request(std::move(create), [this](const wire::Body& body) { create_answered(body); });
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
      chat_.group.drop_pending();
      chat_.become(Membership::invited);
      return chat_.machine().mailbox.read_now();
    case wire::ErrorCode::rate_limited:
    case wire::ErrorCode::overloaded:
    case wire::ErrorCode::internal:
      return pause(error->retry_after_ms);
    default:
      chat_.group.drop_pending();
      return chat_.outbox.fail_all("invalid_commit", "The server did not create this conversation.");
  }
}

void Founding::created(const wire::Appended& appended) {
  // A commit that begins a conversation is its first entry.
  if (appended.seq.value != 1) return chat_.machine().connection.give_up("the server began a log in the middle");
  if (!enter(appended)) chat_.lose("a commit of this device cannot be read back");
}

// The log has our pending commit, and its chain begins with it. False where it cannot be read back.
bool Founding::enter(const wire::Appended& appended) {
  const PendingRecord record = *chat_.group.pending();
  const Account& account = chat_.machine().account;
  if (!chat_.group.adopt_pending()) return false;
  const keys::EntryFacts facts{.seq = appended.seq,
                               .time_ms = static_cast<std::uint64_t>(appended.time_ms),
                               .sender_user = account.user(),
                               .sender_device = account.device(),
                               .client_id = record.id,
                               .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                               .epoch = record.epoch};
  const Seq read_up_to = chat_.record().position;
  chat_.record().outlived = false;
  chat_.become(Membership::member);
  chat_.commits.leaf_is_fresh();
  chat_.devices.look();
  chat_.log.begin_at(appended.seq, keys::next_log_hash(keys::kEmptyLog, facts, record.commit));
  if (record.external) {
    chat_.again.was_away(appended.seq);
    chat_.missing.came_back(read_up_to, appended.seq, record.id);
  }
  failures_ = 0;
  return true;
}

// ---- rejoining ----

void Founding::ask_group() {
  busy_ = true;
  GroupReader::ask(chat_.machine(), chat_.id(), {}, [this](const ShownGroup* shown, const wire::Error* error) {
    busy_ = false;
    chat_.poke();
    if (chat_.record().membership != Membership::lost) return;
    if (shown != nullptr) return join_external(*shown);
    pause(error->retry_after_ms);
  });
}

void Founding::join_external(const ShownGroup& shown) {
  Machine& machine = chat_.machine();
  const auto refuse = [&](const std::string& why) {
    machine.warn("group_refused", "The group that the server shows cannot be joined: " + why + ".", &chat_.id());
    pause(kLastPauseMs);
  };
  const auto info = mls::decoded_message<mls::GroupInfo>(shown.group_info);
  if (!info) return refuse("it cannot be read");
  const auto group = mls::PublicGroup::open(*info, shown.tree, keys::kMaxDirectLeaves);
  if (!group) return refuse(mls::name(group.error().code));
  if (group->context().group_id != keys::group_id(chat_.id(), 0)) return refuse("it is another group");
  const UserId self = machine.account.user();

  PendingRecord record{.external = true, .id = machine.new_client_id(), .epoch = {group->epoch()}};
  mls::ExternalJoinOptions options{.leaf = machine.account.leaf(),
                                   .remove = {},
                                   .authenticated_data = chat_.authenticated_data(record.id, wire::EntryKind::commit)};
  for (const mls::Member& member : group->members()) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (who && who->user == self && who->device == machine.account.device()) options.remove = member.leaf;
  }
  auto pending = mls::Group::join_external(*group, *info, options, machine.account.leaf_key(), machine.entropy);
  if (!pending) return refuse(mls::name(pending.error().code));
  // Now with our own leaf in it: nobody else's may hang on another identity under our name.
  if (const auto why = wrong_with_direct(pending->next.public_group(), self, chat_.record().peer); !why.empty())
    return refuse(why);
  chat_.group.set_pending(std::move(record), *std::move(pending));
}

void Founding::commit_answered(const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  const PendingRecord* pending = chat_.group.pending();
  if (chat_.record().membership != Membership::lost || pending == nullptr || !pending->external) return;
  if (const auto* appended = std::get_if<wire::Appended>(&body)) {
    if (enter(*appended)) return;
    chat_.group.drop_pending();
    return pause(0);
  }
  const auto* error = std::get_if<wire::Error>(&body);
  if (error == nullptr) return chat_.machine().connection.give_up("the server answered a commit with something else");
  const bool keep = error->code == wire::ErrorCode::rate_limited || error->code == wire::ErrorCode::overloaded ||
                    error->code == wire::ErrorCode::internal;
  // Somebody else's commit was first, or this one was not wanted: it is made again on what the server shows then.
  if (!keep) chat_.group.drop_pending();
  pause(error->retry_after_ms);
}

}  // namespace kith::client
