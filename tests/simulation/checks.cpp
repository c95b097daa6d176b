#include "tests/simulation/checks.h"

#include <algorithm>

namespace kith::sim {

using server::domain::EntryKind;

namespace {
constexpr std::int64_t kQuietMs = 60'000;
constexpr std::int64_t kOnTheWayMs = 60'000;  // what a server that was restored had said before
// Why a message may not be sent.
constexpr std::string_view kFairFailures[] = {"not_member", "not_allowed", "no_device", "identity_changed",
                                              "not_found"};
}  // namespace

void Checks::all() {
  world_.look([this] { look(); });
  if (world_.time.stands_still()) return world_.fail("time stands still");
  nothing_is_left_over();
}

void Checks::look() {
  shown_.clear();
  for (Device* device : world_.people.devices()) {
    if (is_in_good_standing(*device)) shown_[device] = shown_at(*device);
  }
  for (auto& [device, chats] : shown_) {
    for (auto& [conversation, shown] : chats) {
      is_complete(*device, conversation, shown);
      if (is_shut_out(*device, conversation, shown)) continue;
      nothing_hangs(*device, conversation, shown);
      membership_is_right(*device, conversation, shown);
    }
  }
  members_agree();
  reads_agree();
  acked_is_there();
  nobody_was_overheard();
  nobody_was_warned();
}

bool Checks::is_in_good_standing(const Device& device) const {
  return device.was_ready && !device.is_removed && !device.client.is_retired() && device.client.is_ready();
}

std::map<std::string, Checks::Shown> Checks::shown_at(Device& device) {
  std::map<std::string, Shown> all;
  const Json list = world_.ask(device.client, {{"type", "list_chats"}});
  if (list.is_null() || list["type"] != "done") {
    fail(device, "does not list its chats: " + list.dump());
    return all;
  }
  for (const Json& chat : list["chats"]) {
    const std::string conversation = chat["conversation"];
    Shown& shown = all[conversation];
    shown.chat = chat;
    for (const Json& row : world_.messages_of(device, conversation)) {
      if (row.contains("text") || row.contains("unsupported")) {
        if (row.contains("seq")) {
          shown.messages.emplace_back(row["seq"].get<std::uint64_t>(), row.value("text", row["id"].get<std::string>()));
        } else {
          shown.waiting.push_back(row);
        }
      } else if (row["notice"]["kind"] == "group") {
        const Json left = {{{"what", "left"}, {"users", {device.person.user()}}}};
        (row["notice"]["changes"] == left ? shown.left : shown.lines).insert(row["seq"].get<std::uint64_t>());
      } else if (row["notice"]["kind"] == "messages_lost") {
        shown.misses_something = true;
      }
    }
  }
  return all;
}

// Whoever has left is out from there on, though its leaf stays until a commit takes it away; and an invitation that was
// taken back before it was read, and followed by another one, brings nobody in.
bool Checks::is_away(const LoggedConversation& conversation, const UserId& user, const LoggedEntry& entry,
                     const Shown& shown) const {
  if (conversation.kind == keys::GroupKind::direct) return false;
  bool is_gone = conversation.had_left(user, entry.seq);
  for (const LoggedEntry& earlier : conversation.log) {
    if (earlier.seq > entry.seq) break;
    if (shown.left.contains(earlier.seq.value)) is_gone = true;
    if (earlier.seq == entry.seq || earlier.kind != EntryKind::commit) continue;
    const bool was_in = conversation.users_in(earlier.epoch).contains(user);
    if (!was_in && conversation.users_in(earlier.epoch.next()).contains(user)) {
      is_gone = !shown.lines.contains(earlier.seq.value);
    }
    if (was_in && earlier.sender.user == user && shown.lines.contains(earlier.seq.value)) is_gone = false;
  }
  return is_gone;
}

// What this device was in for, and what came before it and another one of the account was shown, by the archive; but
// where devices were lost, which may have been the only ones to read and write it. What was said between the user's
// leaving and the server's hearing of it nobody of the account has. What an old copy had said itself nobody sends again
// to it: others cannot vouch for that. What a device lost comes again only from who has it still, and was in all along:
// whoever was out meanwhile did not see it come back, and nobody is told again what was said before it came.
bool Checks::is_needed(Device& device, const std::string& conversation, const LoggedConversation& logged,
                       const LoggedEntry& entry) const {
  const auto user = *UserId::from_text(device.person.user());
  const auto has_forgotten = [&](const Device& copy) {
    return copy.id() == entry.sender.device.text() && copy.forgotten.contains(entry.client_id.text());
  };
  const std::string text = world_.text_of(entry.client_id.text());
  // The device that said it, while both are in and it has it still; or another one of the account, by the archive.
  const auto has_it_still = [&](const auto& one) {
    const auto& [other, chats] = one;
    if (other->id() == entry.sender.device.text()) {
      return !has_forgotten(*other) && logged.has_stayed(user, entry.epoch) &&
             logged.has_stayed(entry.sender.user, entry.epoch) &&
             logged.has_device_in(logged.last_epoch(), entry.sender);
    }
    const auto chat = chats.find(conversation);
    const auto shows_it = [&](const auto& message) { return message.second == text; };
    return other != &device && &other->person == &device.person && chat != chats.end() &&
           std::ranges::any_of(chat->second.messages, shows_it);
  };
  const auto may_have_lost_it = [&](const Device& other) { return other.is_copy || world_.restores > 0; };
  const auto had_it = [&](const auto& one) {
    const auto& [other, chats] = one;
    const auto chat = chats.find(conversation);
    return &other->person == &device.person && chat != chats.end() && !other->missed.contains(conversation) &&
           !has_forgotten(*other) && (!may_have_lost_it(*other) || std::ranges::any_of(shown_, has_it_still)) &&
           logged.has_device_in(entry.epoch, {user, *DeviceId::from_text(other->id())}) &&
           !is_away(logged, user, entry, chat->second);
  };
  // One that was invited, and had not come in when another one left, says nothing of that.
  const auto had_left = [&](const auto& one) {
    const auto chat = one.second.find(conversation);
    return &one.first->person == &device.person && chat != one.second.end() && !chat->second.left.empty() &&
           is_away(logged, user, entry, chat->second);
  };
  if (std::ranges::any_of(shown_, had_left)) return false;
  const bool was_in = logged.has_device_in(entry.epoch, {user, *DeviceId::from_text(device.id())});
  if (was_in) return had_it(*shown_.find(&device));
  return !device.person.has_lost_devices() && std::ranges::any_of(shown_, had_it);
}

void Checks::is_complete(Device& device, const std::string& conversation, const Shown& shown) {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const auto user = *UserId::from_text(device.person.user());
  const std::string place = conversation.substr(0, 6);
  if (logged == nullptr) {
    if (world_.restores == 0 && !shown.messages.empty())
      fail(device, "shows a conversation that is not there: " + place);
    return;
  }
  // What the log says, of the times when the user was in, by texts: what was lost may come again under another name.
  std::map<std::string, std::uint64_t> in_log;
  std::set<std::string> expected;
  std::set<std::string> needed;
  for (const LoggedEntry& entry : logged->log) {
    if (entry.kind != EntryKind::application) continue;
    const std::string text = world_.text_of(entry.client_id.text());
    in_log[text] = entry.seq.value;
    if (logged->users_in(entry.epoch).contains(user) && !is_away(*logged, user, entry, shown)) {
      expected.insert(text);
      if (is_needed(device, conversation, *logged, entry)) needed.insert(text);
    }
  }
  std::set<std::string> seen;
  std::uint64_t last = 0;
  for (const auto& [seq, text] : shown.messages) {
    if (!seen.insert(text).second) fail(device, "shows a message twice in " + place + ": " + text);
    // What had been shown before stays where it is, though it comes again behind others.
    if (world_.restores > 0) continue;
    if (!in_log.contains(text) || seq == 0 || seq > logged->log.size()) {
      fail(device, "shows what is not in the log of " + place + ": " + text);
      continue;
    }
    // What somebody sent again has a name that no author's program showed.
    const LoggedEntry& entry = logged->log[seq - 1];
    const std::string name = entry.client_id.text();
    const std::string here = world_.text_of(name);
    if (seq <= last || (here != name && here != text)) {
      fail(device, "shows messages in another order in " + place + ": " + text);
    }
    last = seq;
    if (!expected.contains(text) && !logged->users_in(entry.epoch).contains(user)) {
      fail(device, "shows what was said while it was not in " + place + ": " + std::to_string(seq));
    }
  }
  if (device.missed.contains(conversation)) return;
  for (const std::string& text : needed) {
    if (!seen.contains(text))
      fail(device, "misses entry " + std::to_string(in_log[text]) + " of " + place + ": " + text);
  }
  if (shown.misses_something && !device.is_copy && world_.restores == 0)
    fail(device, "says that messages were lost in " + place);
}

// What came since was trimmed, and of those whom it knew nobody is left to say that this is the group that it was in:
// it waits for one of them rather than to follow a server to strangers.
bool Checks::is_shut_out(const Device& device, const std::string& conversation, const Shown& shown) const {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  if (logged == nullptr || logged->kind == keys::GroupKind::direct || !device.missed.contains(conversation) ||
      shown.chat["membership"] != "joining")
    return false;
  const auto user = *UserId::from_text(device.person.user());
  const Seq read{shown.chat["head_seq"].get<std::uint64_t>()};
  if (read.value == 0 || read.value > logged->log.size() || !logged->acquaintances(user, read).empty()) return false;
  return std::ranges::none_of(device.person.devices, [&](const auto& other) {
    const auto id = DeviceId::from_text(other->id());
    return other.get() != &device && id && logged->has_device_in(logged->last_epoch(), {user, *id});
  });
}

void Checks::nothing_hangs(Device& device, const std::string& conversation, const Shown& shown) {
  const std::string place = conversation.substr(0, 6);
  for (const Json& row : shown.waiting) {
    if (row["state"] != "failed") {
      fail(device, "has a message that waits in " + place + ": " + row.dump());
      continue;
    }
    const bool is_fair =
        std::ranges::find(kFairFailures, row["failure"]["error"].get<std::string>()) != std::end(kFairFailures);
    if (!is_fair) fail(device, "could not send in " + place + ": " + row["failure"].dump());
  }
}

void Checks::membership_is_right(Device& device, const std::string& conversation, const Shown& shown) {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const std::string membership = shown.chat["membership"];
  const auto user = *UserId::from_text(device.person.user());
  const bool is_in = logged != nullptr && logged->is_member(user);
  if (logged == nullptr && shown.messages.empty()) return;
  if (is_in != (membership == "member")) {
    fail(device, "says '" + membership + "' of " + conversation.substr(0, 6) + ", and is " + (is_in ? "in" : "out"));
  }
  if (is_in && shown.chat["head_seq"] != logged->log.size()) {
    fail(device, "is at " + shown.chat["head_seq"].dump() + " of " + std::to_string(logged->log.size()) + " in " +
                     conversation.substr(0, 6));
  }
}

// Who is in, by which roles, under which name.
void Checks::members_agree() {
  std::map<std::string, std::pair<Device*, Json>> first;
  for (auto& [device, chats] : shown_) {
    const auto user = *UserId::from_text(device->person.user());
    for (const auto& [id, conversation] : world_.truth.conversations()) {
      if (!conversation.is_member(user)) continue;
      const auto chat = chats.find(id.text());
      if (chat == chats.end()) {
        if (world_.restores == 0) fail(*device, "is in " + id.text().substr(0, 6) + " and does not know it");
        continue;
      }
      if (conversation.kind == keys::GroupKind::direct || is_shut_out(*device, id.text(), chat->second)) continue;
      const Json answer = world_.ask(device->client, {{"type", "group_info"}, {"conversation", id.text()}});
      if (answer.is_null() || answer["type"] != "done") {
        fail(*device, "cannot tell of its group: " + answer.dump());
        continue;
      }
      const Json& info = answer["group"];
      Json members = Json::object();
      for (const Json& member : info["members"]) members[member["user"].get<std::string>()] = member["role"];
      const Json told = {members, info["name"], info["may_send"], info["may_edit"], info["may_add"]};
      const auto [known, is_new] = first.try_emplace(id.text(), device, told);
      if (!is_new && known->second.second != told) {
        fail(*device, "and " + known->second.first->client.name + " tell of " + id.text().substr(0, 6) +
                          " differently: " + told.dump() + " and " + known->second.second.dump());
      }
    }
  }
}

// What one device of a person has read, all have.
void Checks::reads_agree() {
  std::map<std::pair<std::string, std::string>, std::pair<Device*, Json>> first;  // by person and conversation
  for (auto& [device, chats] : shown_) {
    for (const auto& [conversation, shown] : chats) {
      if (shown.chat["membership"] != "member") continue;
      const auto [known, is_new] =
          first.try_emplace({device->person.name, conversation}, device, shown.chat["read_seq"]);
      if (!is_new && known->second.second != shown.chat["read_seq"]) {
        fail(*device, "has read up to " + shown.chat["read_seq"].dump() + " in " + conversation.substr(0, 6) +
                          ", and " + known->second.first->client.name + " up to " + known->second.second.dump());
      }
    }
  }
}

// What was said to be in the log is there.
void Checks::acked_is_there() {
  std::map<std::string, std::set<std::string>> logged;
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    for (const LoggedEntry& entry : conversation.log) logged[id.text()].insert(entry.client_id.text());
  }
  for (const auto& [id, said] : world_.said) {
    const bool is_there = logged[said.conversation].contains(id);
    const bool is_of_history = world_.restores == 0 || said.acked_ms > world_.restored_ms + kOnTheWayMs;
    if (said.is_acked && !is_there && is_of_history) world_.fail("an acked message is gone: " + said.text);
    // Taken by a program that still runs, or was killed and began again from what it had stored.
    if (is_there || said.by->client.is_retired() || said.by->is_removed || said.by->is_copy || said.has_failed ||
        !is_of_history)
      continue;
    const auto shown = shown_.find(said.by);
    if (shown == shown_.end()) continue;
    const auto& waiting = shown->second[said.conversation].waiting;
    const bool waits = std::ranges::any_of(waiting, [&](const Json& row) { return row["id"] == id; });
    if (!waits) world_.fail("a message that " + said.by->client.name + " took is gone: " + said.text);
  }
}

// Whoever was taken off its user's list reads nothing that is said from then on.
void Checks::nobody_was_overheard() {
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    for (const Seq seq : conversation.overheard) {
      world_.fail("entry " + std::to_string(seq.value) + " of " + id.text().substr(0, 6) +
                  " was taken while a revoked device could read it");
    }
  }
}

// But for what people are told who wanted what they may not, or were away for longer than a code holds, and for what
// was lost for good.
void Checks::nobody_was_warned() {
  static constexpr std::string_view kFair[] = {"not_added:",
                                               "not_joined:",
                                               "join_declined:",
                                               "not_member:",
                                               "link_refused:",
                                               "link_expired:",
                                               "recovery_refused: the registration has expired"};
  // Of devices, registrations, key packages and people that the backup knows no more, or again.
  static constexpr std::string_view kOfRestores[] = {
      "history_changed:",     "rejoining:",          "welcome_refused:",     "archive_unvouched:",
      "device_list_refused:", "generation_refused:", "no such registration", "nobody who was in it says so"};
  // The Welcome may have been read by what the copy is of, or be its own.
  static constexpr std::string_view kOfCopies[] = {"its storage is an old copy", "no Welcome came", "keys_outlived:"};
  // Who signs for the group may have come by what was trimmed, until somebody confirms it who was in before. That a
  // user was removed is the server's word alone where the commit is gone.
  static constexpr std::string_view kOfTrimmed[] = {"the log is not kept that far back", "the server tells of it again",
                                                    "nobody who was in it says so"};
  for (const auto& [text, count] : world_.warnings) {
    const auto tells = [&](std::string_view what) { return text.find(what) != std::string::npos; };
    const bool is_of_loss = std::ranges::any_of(world_.people.devices(), [&](const Device* device) {
      return text.starts_with(device->client.name + ":") &&
             ((device->is_removed && tells("this device was removed")) ||
              (device->is_copy && std::ranges::any_of(kOfCopies, tells)) ||
              (!device->missed.empty() && std::ranges::any_of(kOfTrimmed, tells)));
    });
    const bool is_of_restore = world_.restores > 0 && std::ranges::any_of(kOfRestores, tells);
    if (is_of_loss || is_of_restore || std::ranges::any_of(kFair, tells)) continue;
    world_.fail("warned: " + text + " (" + std::to_string(count) + " times)");
  }
  if (world_.options.profile == "calm") {
    for (const std::string& line : world_.cluster.errors) world_.fail("the server logged " + line);
  }
}

void Checks::nothing_is_left_over() {
  // A moment when nobody is asking anything comes soon.
  world_.time.run(kQuietMs, [&] {
    return std::ranges::all_of(world_.nodes, [](const auto& node) { return node->unfinished() == 0; }) &&
           world_.cluster.engine.outbox_size() == 0;
  });
  std::size_t online = 0;
  for (const Device* device : world_.people.devices()) online += device->client.is_online() ? 1 : 0;
  std::size_t live = 0;
  for (const auto& node : world_.nodes) {
    live += node->live_devices();
    if (node->unfinished() > 0) {
      world_.fail(node->name + " has not finished " + std::to_string(node->unfinished()) + " things");
    }
    if (node->live_devices() != node->sockets()) world_.fail(node->name + " has sockets that nobody lives on");
  }
  if (live != online) {
    world_.fail(std::to_string(online) + " clients are online, and nodes have " + std::to_string(live) +
                " live sockets");
  }
  if (world_.cluster.engine.outbox_size() > 0) {
    world_.fail(std::to_string(world_.cluster.engine.outbox_size()) + " outbox rows were never relayed");
  }
}

}  // namespace kith::sim
