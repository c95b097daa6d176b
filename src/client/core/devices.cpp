#include "client/core/devices.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/claimed_packages.h"
#include "client/core/machine.h"
#include "client/core/seen_lists.h"

namespace kith::client {

namespace {

constexpr std::int64_t kRetryMs = 1'000;
constexpr std::int64_t kMaxRetryMs = 60'000;
constexpr std::int64_t kStrangerRetryMs = 30'000;
// Leaves that one commit takes away, and as many that it adds: what the user wants has room beside them.
constexpr std::size_t kMostAtOnce = 64;
constexpr std::uint64_t kTurnMs = 20;  // for each leaf
constexpr std::uint64_t kMostTurnsMs = 20'000;

// Of a leaf that may take a broken one's place: the device may have got keys of a newer generation meanwhile.
bool is_of_same_device(const mls::LeafNode& fresh, const mls::Member& leaf) {
  const auto now =
      keys::verify_credential(fresh.credential.identity, fresh.signature_key, crypto::Suite::product().id());
  const auto before = keys::DeviceCredential::decode(leaf.credential.identity);
  return now && before && now->user == before->user && now->device == before->device &&
         now->identity_key == before->identity_key && !now->generation.is_ended_by(before->generation);
}

}  // namespace

// Devices that cannot follow are not a reason to wait.
bool Devices::holds_back() const {
  if (step_ != Step::known || !chat_.record().doubtful.empty()) return true;
  const auto plan = difference();
  return plan && (!plan->grounds.lists.empty() || !plan->grounds.leaving.empty());
}

std::string Devices::owner_of(const UserId& user) const {
  const Machine& machine = chat_.machine();
  return user == machine.account.user() ? "your own" : machine.contacts.title(user) + "'s";
}

// `why` is empty for an old one: that every server shows for a moment.
void Devices::refuse(const UserId& user, const std::string& why) {
  const std::string begin = "The server's list of " + owner_of(user) + " devices does not hold: ";
  if (why.empty()) return suspicions_.add(user, begin + "it is an old one.");
  chat_.machine().warn("device_list_refused", begin + why + ".", &chat_.id());
}

void Devices::give_up(const Name& name) {
  if (const auto followed = lists_.find(name.first); followed != lists_.end())
    newcomers_.cannot_be_added(name.second, followed->second.list);
}

void Devices::failed(const keys::Grounds& grounds) {
  if (const auto tried = difference()) {
    for (const auto& newcomer : tried->adds) {
      const auto known = lists_.find(newcomer.user);
      const bool was_followed =
          known != lists_.end() && std::ranges::any_of(grounds.lists, [&](const auto& followed) {
            return followed.list.user == newcomer.user && age_of(followed.list) == age_of(known->second.list);
          });
      if (was_followed) give_up({newcomer.user, newcomer.device});
    }
  }
  broken_.clear();
  look();
}

void Devices::followed(ByteView authenticated_data) {
  const auto grounds = keys::Grounds::of(authenticated_data);
  if (!grounds) return;
  Machine& machine = chat_.machine();
  auto& doubtful = chat_.record().doubtful;
  for (const keys::FollowedList& followed : grounds->lists) {
    const UserId& user = followed.list.user;
    const auto identity = chat_.identity_of(user);
    if (!identity || !followed.verify(*identity)) continue;  // nothing rests on it
    std::erase(doubtful, user);
    if (!machine.contacts.saw_device_list(followed)) doubt(user);
    chat_.changed_quietly();
  }
}

// A leaf of a generation that is over may be a device that has not moved on yet, or one that somebody who is out
// brought in where this device was not there to check.
void Devices::came_in() {
  const Machine& machine = chat_.machine();
  // What was refused before was refused to who was out.
  retry_at_ = 0;
  for (const mls::Member& member : chat_.group.get()->members()) {
    const auto device = keys::DeviceCredential::decode(member.credential.identity);
    const auto newest = device ? machine.contacts.newest_generation(device->user) : std::nullopt;
    if (newest && *newest != device->generation) doubt(device->user);
  }
}

void Devices::doubt(const UserId& user) {
  auto& doubtful = chat_.record().doubtful;
  if (std::ranges::find(doubtful, user) == doubtful.end()) doubtful.push_back(user);
  chat_.changed_quietly();
  look();
}

void Devices::settle_suspicions() {
  for (const UserId& user : chat_.record().doubtful) {
    if (lists_.contains(user))
      suspicions_.add(user, "The devices here are not those on the newest list of " + owner_of(user) + " devices.");
  }
  const auto again = suspicions_.settle();
  if (!again) return;
  if (look_when_due_at_ == 0 || *again < look_when_due_at_) look_when_due_at_ = *again;
  chat_.wake(look_when_due_at_);
}

void Devices::look() {
  wanted_ = true;
  if (step_ == Step::known) step_ = Step::unknown;
  chat_.poke();
}

void Devices::hinted() {
  const mls::Group* group = chat_.group.get();
  Machine& machine = chat_.machine();
  if (group != nullptr && chat_.record().pending == 0) {
    const std::uint64_t leaves = group->public_group().tree().size().leaves;
    const auto turn = static_cast<std::int64_t>(machine.random_below(std::min(kTurnMs * leaves, kMostTurnsMs)));
    retry_at_ = std::max(retry_at_, machine.clock_ms() + turn);
  }
  look();
}

// Whose leaves are all on the newest list, or who has none.
void Devices::end_doubts() {
  const auto now = seats();
  std::erase_if(chat_.record().doubtful, [&](const UserId& user) {
    const auto known = lists_.find(user);
    return std::ranges::all_of(now, [&](const keys::Seat& seat) {
      return seat.user != user || (known != lists_.end() && is_listed(known->second.list, seat));
    });
  });
}

void Devices::group_moved() {
  end_doubts();
  const auto now = seats();
  std::erase_if(lists_, [&](const auto& item) {
    const keys::DeviceList& list = item.second.list;
    const auto agrees = [&](const keys::Seat& s) { return s.user != list.user || is_listed(list, s); };
    const auto sits = [&](const auto& device) { return is_seated(now, {list.user, device.device}); };
    return std::ranges::all_of(now, agrees) && std::ranges::all_of(list.devices, sits);
  });
  std::erase_if(leaving_,
                [&](const auto& item) { return std::ranges::find(now, item.first, &keys::Seat::user) == now.end(); });
  std::erase_if(broken_, [&](const auto& item) {
    return std::ranges::none_of(now, [&](const keys::Seat& seat) {
      const auto leaf = chat_.group.get()->public_group().member(seat.leaf);
      return Name(seat.user, seat.device) == item.first && leaf->encryption_key == item.second.first.encryption_key;
    });
  });
  newcomers_.drop_who_came(now);
}

// Under the very key of its leaf.
bool Devices::is_listed(const keys::DeviceList& list, const keys::Seat& seat) const {
  const auto* device = list.find(seat.device);
  const auto leaf = chat_.group.get()->public_group().member(seat.leaf);
  return device != nullptr && leaf && leaf->signature_key == device->leaf_signature_key;
}

std::vector<keys::Seat> Devices::seats() const {
  const mls::Group* group = chat_.group.get();
  auto seats = group != nullptr ? keys::seats_of(group->public_group()) : keys::Result<std::vector<keys::Seat>>();
  return seats ? *std::move(seats) : std::vector<keys::Seat>{};
}

void Devices::await_newcomers() {
  look_when_due_at_ = newcomers_.await(lists_, seats()).value_or(0);
  if (look_when_due_at_ != 0) chat_.wake(look_when_due_at_);
}

std::optional<CommitPlan> Devices::difference() const {
  if (lists_.empty() && leaving_.empty() && broken_.empty()) return std::nullopt;
  CommitPlan plan;
  const mls::Group* group = chat_.group.get();
  const auto all = seats();
  std::set<UserId> stay;
  for (const keys::Seat& seat : all) {
    const auto followed = lists_.find(seat.user);
    // Whoever revoked this very device does not need its help.
    const bool is_delisted = followed != lists_.end() && followed->second.list.find(seat.device) == nullptr &&
                             seat.leaf != group->own_leaf();
    if (is_delisted && plan.removes.size() < kMostAtOnce) {
      plan.removes.push_back(seat.leaf);
    } else {
      stay.insert(seat.user);
    }
  }
  for (const Name& name : newcomers_.missing(lists_, all)) {
    const auto* package = newcomers_.package(name);
    if (package == nullptr || plan.adds.size() >= kMostAtOnce) continue;
    plan.adds.push_back({name.first, name.second, *package});
    stay.insert(name.first);
  }
  spare_who_is_to_stay(plan, stay);
  if (!plan.removes.empty() || !plan.adds.empty()) {
    for (const auto& [user, followed] : lists_) plan.grounds.lists.push_back(followed);
  }
  std::set<UserId> gone;
  for (const keys::Seat& seat : all) {
    if (!stay.contains(seat.user)) gone.insert(seat.user);
  }
  take_away_who_left(plan, gone);
  forget_roles(plan, gone);
  replace_broken(plan);
  return plan.removes.empty() && plan.adds.empty() ? std::nullopt : std::optional(std::move(plan));
}

void Devices::replace_broken(CommitPlan& plan) const {
  for (const keys::Seat& seat : seats()) {
    const auto broken = broken_.find({seat.user, seat.device});
    if (broken == broken_.end() || plan.grounds.broken.size() == keys::Grounds::kMaxBroken ||
        plan.removes.size() >= kMostAtOnce || plan.adds.size() >= kMostAtOnce ||
        std::ranges::find(plan.removes, seat.leaf) != plan.removes.end())
      continue;
    plan.removes.push_back(seat.leaf);
    plan.adds.push_back({seat.user, seat.device, broken->second.second});
    plan.grounds.broken.push_back(broken->second.first);
  }
}

// Who cannot be taken away, or has a device that may still come, keeps the last leaves until another one is there.
void Devices::spare_who_is_to_stay(CommitPlan& plan, std::set<UserId>& stay) const {
  const auto policy = chat_.group.policy();
  const auto now = seats();
  for (const auto& [user, followed] : lists_) {
    const auto comes = [&](const keys::ListedDevice& device) {
      return newcomers_.may_come(followed.list, device.device);
    };
    const bool is_to_stay =
        !chat_.is_group() || (policy && policy->owner == user) || std::ranges::any_of(followed.list.devices, comes);
    if (!is_to_stay || !stay.insert(user).second) continue;
    std::erase_if(plan.removes, [&](mls::LeafIndex leaf) {
      const auto seat = std::ranges::find(now, leaf, &keys::Seat::leaf);
      return seat != now.end() && seat->user == user;
    });
  }
}

// Each with all leaves, and no more than one commit can name.
void Devices::take_away_who_left(CommitPlan& plan, std::set<UserId>& gone) const {
  for (const auto& [user, note] : leaving_) {
    if (plan.removes.size() >= kMostAtOnce) return;
    for (const keys::Seat& seat : seats()) {
      if (seat.user == user && std::ranges::find(plan.removes, seat.leaf) == plan.removes.end())
        plan.removes.push_back(seat.leaf);
    }
    plan.grounds.leaving.push_back(note);
    gone.insert(user);
  }
}

// Whoever takes somebody away takes the role away as well.
void Devices::forget_roles(CommitPlan& plan, const std::set<UserId>& gone) const {
  const auto policy = chat_.group.policy();
  if (!policy || gone.empty()) return;
  keys::GroupPolicy next = *policy;
  for (const UserId& user : gone) next.forget(user);
  if (next != *policy) plan.policy = std::move(next);
}

bool Devices::has_work() const {
  if (chat_.record().membership != Membership::member || step_ != Step::unknown) return false;
  // Who asks to come in is to be known before anything is sent as well.
  return wanted_ || chat_.record().pending > 0 || (chat_.is_group() && chat_.record().group->has_requests);
}

void Devices::advance() {
  const Machine& machine = chat_.machine();
  if (look_when_due_at_ != 0 && machine.clock_ms() >= look_when_due_at_) {
    look_when_due_at_ = 0;
    look();
  } else if (look_when_due_at_ != 0) {
    chat_.wake(look_when_due_at_);
  }
  if (!has_work() || !machine.connection.is_online()) return;
  if (machine.clock_ms() < retry_at_) return chat_.wake(retry_at_);
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  step_ = Step::asking;
  wanted_ = false;
  chat_.machine().connection.request(wire::GetChanges{.conversation = chat_.id()},
                                     [this](const wire::Body& body) { answered(body); });
}

void Devices::disconnected() {
  // What is under way over HTTP goes on by itself.
  if (step_ != Step::claiming) step_ = Step::unknown;
}

void Devices::try_later(std::int64_t after_ms) {
  step_ = Step::unknown;
  wanted_ = true;
  retry_at_ = chat_.machine().clock_ms() + std::clamp(after_ms, kRetryMs, kMaxRetryMs);
}

void Devices::answered(const wire::Body& body) {
  chat_.poke();
  if (const auto* error = std::get_if<wire::Error>(&body)) {
    if (!chat_.is_group() || error->code != wire::ErrorCode::not_member) return try_later(error->retry_after_ms);
    // The log says it, if it is so, though nothing else may; if it is not, the server is not asked all the time.
    chat_.log.read_now({});
    return try_later(kStrangerRetryMs);
  }
  // The group was lost meanwhile.
  if (chat_.group.get() == nullptr) return disconnected();
  const auto* changes = std::get_if<wire::Changes>(&body);
  auto grounds = changes != nullptr ? keys::Grounds::decode(changes->grounds)
                                    : keys::Result<keys::Grounds>(fail(keys::Errc::malformed));
  if (!grounds) return chat_.machine().connection.give_up("the server answered for changes with something else");
  lists_.clear();
  leaving_.clear();
  broken_.clear();
  suspicions_.begin();
  const auto now = seats();
  for (auto& note : grounds->leaving) take(std::move(note));
  for (std::size_t i = 0; i < std::min(grounds->broken.size(), changes->packages.size()); ++i)
    take(std::move(grounds->broken[i]), changes->packages[i]);
  for (auto& followed : grounds->lists) {
    if (!leaving_.contains(followed.list.user)) take(std::move(followed), now);
  }
  end_doubts();
  chat_.requests.told(grounds->joins);
  asked_.clear();
  await_newcomers();
  claim_next();
}

void Devices::take(keys::FollowedList followed, const std::vector<keys::Seat>& seats) {
  Machine& machine = chat_.machine();
  const auto seat = std::ranges::find(seats, followed.list.user, &keys::Seat::user);
  if (seat == seats.end()) return;
  const auto who = chat_.group.who(seat->leaf);
  const auto verified = followed.verify(who->identity_key);
  const bool is_new =
      verified && !followed.certificate.is_ended_by(who->generation) && machine.contacts.saw_device_list(followed);
  if (!is_new) {
    return refuse(followed.list.user, verified ? "" : verified.error().detail);
  }
  const UserId user = followed.list.user;
  lists_.insert_or_assign(user, std::move(followed));
}

// Only what the commit that takes its user away will be accepted with.
void Devices::take(keys::LeaveNote note) {
  const Machine& machine = chat_.machine();
  const mls::PublicGroup& group = chat_.group.get()->public_group();
  const auto policy = chat_.group.policy();
  const auto signed_it = [&](const keys::Seat& seat) {
    const auto leaf = group.member(seat.leaf);
    return seat.user == note.user && seat.device == note.device && leaf &&
           leaf->encryption_key == note.encryption_key && note.verify(leaf->signature_key);
  };
  const bool holds = policy && note.user != policy->owner && note.user != machine.account.user() &&
                     same_bytes(note.group_id, group.context().group_id) && std::ranges::any_of(seats(), signed_it);
  if (holds) leaving_.insert_or_assign(note.user, std::move(note));
}

void Devices::take(keys::BrokenMark mark, ByteView key_package) {
  const Account& account = chat_.machine().account;
  const mls::PublicGroup& group = chat_.group.get()->public_group();
  const auto now_s = static_cast<std::uint64_t>(chat_.machine().now().value / 1000);
  const auto package = mls::VerifiedKeyPackage::verify_message(key_package, crypto::Suite::product(), now_s);
  if (!package || !same_bytes(mark.group_id, group.context().group_id) || mark.device == account.device()) return;
  const mls::LeafNode& fresh = package->get().leaf;
  for (const keys::Seat& seat : seats()) {
    const auto leaf = seat.user == mark.user && seat.device == mark.device ? group.member(seat.leaf) : std::nullopt;
    if (!leaf || leaf->encryption_key != mark.encryption_key || !mark.verify(leaf->signature_key) ||
        fresh.encryption_key != mark.replacement || fresh.signature_key != leaf->signature_key ||
        !is_of_same_device(fresh, *leaf))
      continue;
    broken_.insert_or_assign({mark.user, mark.device}, std::pair(mark, *package));
  }
}

// Where the leaves agree with the newest list all the same (the keys alone have changed since), and where the server
// helps somebody, it names no list: the user's own is asked for. It ends the doubt, or says who has to go.
bool Devices::ask_of_doubtful() {
  for (const UserId& user : chat_.record().doubtful) {
    if (lists_.contains(user) || !chat_.identity_of(user) || !asked_.insert(user).second) continue;
    step_ = Step::claiming;
    chat_.machine().session.call("GET", "/v1/users/" + user.text() + "/devices", {},
                                 [this, of = user](const HttpAnswer& answer) { told(of, answer); });
    return true;
  }
  return false;
}

void Devices::told(const UserId& user, const HttpAnswer& answer) {
  chat_.poke();
  if (!answer.ok() && answer.is_transient()) return try_later(answer.retry_after_ms());
  const auto identity = chat_.group.get() != nullptr ? chat_.identity_of(user) : std::nullopt;
  if (answer.ok() && identity) {
    Machine& machine = chat_.machine();
    auto followed = verified_list(user, *identity, answer.body);
    if (followed && machine.contacts.saw_device_list(*followed)) {
      lists_.insert_or_assign(user, *std::move(followed));
      group_moved();
      await_newcomers();
      chat_.changed_quietly();
    } else {
      refuse(user, followed ? "" : followed.error());
    }
  }
  claim_next();
}

// One user after the other; what cannot be had is left out.
void Devices::claim_next() {
  if (ask_of_doubtful()) return;
  settle_suspicions();
  step_ = wanted_ ? Step::unknown : Step::known;
  for (const Name& name : newcomers_.missing(lists_, seats())) {
    if (newcomers_.package(name) != nullptr) continue;
    step_ = Step::claiming;
    const UserId of = name.first;
    chat_.machine().session.call("POST", "/v1/users/" + of.text() + "/key_packages/claim", Json::object(),
                                 [this, of](const HttpAnswer& answer) { claimed(of, answer); });
    return;
  }
}

void Devices::claimed(const UserId& user, const HttpAnswer& answer) {
  chat_.poke();
  const Machine& machine = chat_.machine();
  if (!answer.ok() && answer.is_transient()) return try_later(answer.retry_after_ms());
  const auto followed = lists_.find(user);
  if (followed != lists_.end() && answer.ok()) {
    const auto now_s = static_cast<std::uint64_t>(machine.now().value / 1000);
    const auto identity = followed->second.list.user == user ? chat_.identity_of(user) : std::nullopt;
    const auto claims =
        verified_claim(user, identity ? ByteView(*identity) : ByteView{}, followed->second.list, answer.body, now_s);
    if (claims) {
      for (const ClaimedPackage& claim : *claims) newcomers_.can_be_added({user, claim.device}, claim.package);
    }
  }
  for (const Name& name : newcomers_.missing(lists_, seats())) {
    if (name.first == user && newcomers_.package(name) == nullptr) give_up(name);
  }
  claim_next();
}

}  // namespace kith::client
