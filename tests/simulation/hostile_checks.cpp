#include "tests/simulation/hostile_checks.h"

#include <algorithm>

#include "keys/device.h"
#include "mls/framing.h"

namespace kith::sim {

using server::domain::EntryKind;

namespace {

constexpr std::int64_t kHearMs = 300'000;
constexpr int kRounds = 2;

// Texts name their author: "P1.2 says 7".
std::string author_of(const std::string& text) {
  for (const char* verb : {" says ", " forges "}) {
    if (const auto at = text.find(verb); at != std::string::npos) return text.substr(0, at);
  }
  return {};
}

// The devices that a commit adds.
std::vector<server::domain::Caller> added_by(ByteView payload) {
  std::vector<server::domain::Caller> devices;
  const auto message = mls::decoded_message<mls::PublicMessage>(payload);
  const auto* commit = message ? std::get_if<mls::Commit>(&message->content.content) : nullptr;
  if (commit == nullptr) return devices;
  for (const auto& item : commit->proposals) {
    const auto* proposal = std::get_if<mls::Proposal>(&item);
    const auto* add = proposal != nullptr ? std::get_if<mls::Add>(proposal) : nullptr;
    if (add == nullptr) continue;
    const auto who = keys::DeviceCredential::decode(add->key_package.leaf.credential.identity);
    if (who) devices.push_back({who->user, who->device});
  }
  return devices;
}

}  // namespace

HostileChecks::HostileChecks(World& world) : world_(world) {
  if (world_.chance.below(3) > 0) {
    server_.emplace(world_);
  } else {
    member_.emplace(world_);
  }
  world_.network.from_client = [this, inner = world_.network.from_client](const std::string& who, Bytes frame) {
    const Device* device = device_named(who);
    if (device != nullptr && is_honest(device->person)) {
      if (const auto read = wire::decode(frame)) nobody_invented_is_let_in(who, read->body);
    }
    return inner(who, std::move(frame));
  };
  world_.people.on_shown = [this, inner = world_.people.on_shown](Device& device, const Json& event) {
    listen(device, event);
    inner(device, event);
  };
  // A client says once what it noticed, in the moment in which it stores what came of that: one that dies then has said
  // it as well, though nobody was left to show it.
  world_.trace.listen(this, [this](std::int64_t, Trace::What what, std::string_view who, ByteView bytes) {
    Device* device = what == Trace::What::unseen ? device_named(std::string(who)) : nullptr;
    if (device != nullptr) listen(*device, Json::parse(as_text(bytes)));
  });
}

HostileChecks::~HostileChecks() { world_.trace.listen(this, {}); }

Device* HostileChecks::device_named(const std::string& name) const {
  for (Device* device : world_.people.devices()) {
    if (device->client.name == name) return device;
  }
  return nullptr;
}

void HostileChecks::listen(Device& device, const Json& event) {
  if (event["type"] != "warning") return;
  warnings_[&device].push_back({event["code"], event.value("conversation", std::string()), world_.time.now_ms()});
}

// By whom the account's server knows, since devices may be added before they hear themselves that they are in.
void HostileChecks::nobody_invented_is_let_in(const std::string& who, const wire::Body& body) {
  std::vector<server::domain::Caller> added;
  if (const auto* commit = std::get_if<wire::Commit>(&body)) added = added_by(commit->payload);
  if (const auto* founding = std::get_if<wire::CreateDirect>(&body)) added = added_by(founding->payload);
  for (const auto& device : added) {
    if (!world_.truth.is_somebodys(device))
      world_.fail(who + " lets in a device that nobody has: " + device.device.text());
  }
}

bool HostileChecks::is_in_good_standing(const Device& device) const {
  return device.was_ready && !device.is_removed && !device.client.is_retired() && device.client.is_ready() &&
         is_honest(device.person);
}

bool HostileChecks::was_warned(const Device& device, const std::string& conversation, std::int64_t since_ms) const {
  const auto at = warnings_.find(&device);
  return at != warnings_.end() && std::ranges::any_of(at->second, [&](const Warning& warning) {
           return warning.at_ms >= since_ms && (warning.conversation.empty() || warning.conversation == conversation);
         });
}

// Whoever believes that the server was restored files its places under the other history, and so finds them its
// account's other devices in the archive: places of two histories are not comparable.
bool HostileChecks::was_told_of_another_history(const Person& person) const {
  return server_ && std::ranges::any_of(server_->told(), [&](const HostileServer::Lie& lie) {
           const Device* victim = device_named(lie.victim);
           return lie.kind == Fault::history_invented && victim != nullptr && &victim->person == &person;
         });
}

bool HostileChecks::others_were_warned(const Device& device, const std::string& conversation) const {
  return std::ranges::any_of(world_.people.devices(), [&](const Device* other) {
    return other != &device && &other->person == &device.person && was_warned(*other, conversation);
  });
}

bool HostileChecks::others_show(const Device& device, const std::string& conversation, const std::string& text) const {
  return std::ranges::any_of(shown_, [&](const auto& item) {
    const auto& [other, chats] = item;
    const auto chat = chats.find(conversation);
    return other != &device && &other->person == &device.person && chat != chats.end() &&
           chat->second.texts.contains(text);
  });
}

void HostileChecks::all() {
  if (world_.time.stands_still()) return world_.fail("time stands still");
  make_sure_of_contacts();
  for (int round = 0; round < kRounds; ++round) everybody_speaks(round);
  for (Device* device : world_.people.devices()) {
    if (!is_in_good_standing(*device)) continue;
    const Json list = world_.ask(device->client, {{"type", "list_chats"}});
    if (list.is_null() || list["type"] != "done") {
      fail(*device, "does not list its chats");
      continue;
    }
    for (const Json& chat : list["chats"]) shown_[device][chat["conversation"]] = shown_at(*device, chat);
  }
  std::erase_if(last_words_, [&](const auto& item) {
    const LastWord& word = item.second;
    const auto there = shown_[word.by].find(word.conversation);
    return there != shown_[word.by].end() && is_driven_out(*word.by, word.conversation, there->second);
  });
  for (auto& [device, chats] : shown_) {
    for (auto& [conversation, shown] : chats) {
      nothing_is_invented(*device, conversation, shown);
      if (is_driven_out(*device, conversation, shown)) continue;
      is_where_the_log_is(*device, conversation, shown);
      all_are_heard(*device, conversation, shown);
      nothing_is_lost_silently(*device, conversation, shown);
    }
  }
  forks_are_named();
  acts_are_noticed();
}

// People compare safety numbers with whom they are told that an identity is another one: it is the old one after all.
void HostileChecks::make_sure_of_contacts() {
  for (Device* device : world_.people.devices()) {
    if (!is_in_good_standing(*device)) continue;
    const Json list = world_.ask(device->client, {{"type", "list_contacts"}});
    if (list.is_null() || list["type"] != "done") continue;
    for (const Json& contact : list["contacts"]) {
      if (contact.value("identity_changed", false) == false) continue;
      world_.ask(device->client, {{"type", "set_verified"}, {"user", contact["user"]}, {"verified", true}});
    }
  }
}

void HostileChecks::everybody_speaks(int round) {
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    for (Device* device : world_.people.devices()) {
      const auto user = UserId::from_text(device->person.user());
      if (!is_in_good_standing(*device) || !user || !conversation.is_member(*user)) continue;
      const auto chat = device->client.chats.find(id.text());
      if (chat != device->client.chats.end() && chat->second["may_send"] == false) continue;
      const std::string text =
          device->client.name + " says last " + std::to_string(round) + " in " + id.text().substr(0, 6);
      device->client.tell({{"type", "send"}, {"conversation", id.text()}, {"text", text}},
                          [this, device, where = id.text(), text](const Json& answer) {
                            if (answer["type"] == "done") {
                              last_words_[text] = {device, where};
                            } else {
                              fail(*device, "cannot speak in " + where.substr(0, 6) + ": " + answer.dump());
                            }
                          });
    }
  }
  world_.time.run(kHearMs);
}

HostileChecks::Shown HostileChecks::shown_at(Device& device, const Json& chat) {
  Shown shown{.rows = {}, .chat = chat, .says_that_some_are_lost = false, .texts = {}, .lines = {}, .left = {}};
  for (const Json& row : world_.messages_of(device, chat["conversation"])) {
    if (!row.contains("notice")) {
      shown.rows.push_back({.seq = row.value("seq", std::uint64_t{0}),
                            .id = row["id"],
                            .sender = row["sender"],
                            .text = row.value("text", ""),
                            .is_known_kind = row.contains("text")});
      if (shown.rows.back().seq != 0) shown.texts.insert(shown.rows.back().text);
    } else if (row["notice"]["kind"] == "messages_lost") {
      shown.says_that_some_are_lost = true;
    } else if (row["notice"]["kind"] == "group") {
      const Json left = {{{"what", "left"}, {"users", {device.person.user()}}}};
      (row["notice"]["changes"] == left ? shown.left : shown.lines).insert(row.value("seq", std::uint64_t{0}));
    }
  }
  return shown;
}

// Every message has the words that its author's program took, under its author's name, where they were said, once.
void HostileChecks::nothing_is_invented(Device& device, const std::string& conversation, const Shown& shown) {
  const std::string place = conversation.substr(0, 6);
  std::map<std::string, std::string> said_in;
  for (const auto& [id, said] : world_.said) said_in[said.text] = said.conversation;
  for (const auto& [text, word] : last_words_) said_in[text] = word.conversation;
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  std::set<std::string> seen;
  std::uint64_t last = 0;
  for (const Row& row : shown.rows) {
    if (!row.is_known_kind) {
      if (!member_) fail(device, "shows in " + place + " what nobody can read");
      continue;
    }
    const Device* author = device_named(author_of(row.text));
    if (author == nullptr || author->person.user() != row.sender) {
      fail(device, "believes in " + place + " that " + row.sender + " said '" + row.text + "'");
      continue;
    }
    if (row.text.find(" forges ") != std::string::npos) continue;
    const auto said = said_in.find(row.text);
    if (said != said_in.end() && said->second != conversation) {
      fail(device, "shows in " + place + " what was said elsewhere: " + row.text);
    }
    if (!seen.insert(row.text).second) fail(device, "shows twice in " + place + ": " + row.text);
    // One order for all: that of the log, as far as it is the log's.
    if (was_told_of_another_history(device.person)) continue;
    if (row.seq == 0 || logged == nullptr || row.seq > logged->log.size()) continue;
    if (logged->log[row.seq - 1].client_id.text() != row.id) continue;
    if (row.seq < last) fail(device, "shows messages in another order in " + place);
    last = row.seq;
  }
}

// Members that mean it no good broke the group, and it went on with people who came by one of them: nobody whom this
// device knows there and can believe is left to say that it is the same, and it follows no strangers.
bool HostileChecks::is_driven_out(const Device& device, const std::string& conversation, const Shown& shown) const {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  if (!member_ || logged == nullptr || logged->kind == keys::GroupKind::direct || shown.chat["membership"] != "joining")
    return false;
  const auto known =
      logged->acquaintances(*UserId::from_text(device.person.user()), Seq{shown.chat["head_seq"].get<std::uint64_t>()});
  return std::ranges::none_of(world_.people.all(), [&](const auto& person) {
    const auto user = UserId::from_text(person->user());
    return user && is_honest(*person) && known.contains(*user);
  });
}

void HostileChecks::is_where_the_log_is(Device& device, const std::string& conversation, const Shown& shown) {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const auto user = *UserId::from_text(device.person.user());
  const bool is_in = logged != nullptr && logged->is_member(user);
  const std::string membership = shown.chat["membership"];
  const std::string place = conversation.substr(0, 6);
  if (logged == nullptr) return;
  if (is_in != (membership == "member")) {
    return fail(device, "says '" + membership + "' of " + place + ", and is " + (is_in ? "in" : "out"));
  }
  if (is_in && shown.chat["head_seq"] != logged->log.size()) {
    fail(device,
         "is at " + shown.chat["head_seq"].dump() + " of " + std::to_string(logged->log.size()) + " in " + place);
  }
}

void HostileChecks::all_are_heard(Device& device, const std::string& conversation, const Shown& shown) {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const auto user = *UserId::from_text(device.person.user());
  if (logged == nullptr || !logged->is_member(user)) return;
  for (const auto& [text, word] : last_words_) {
    if (word.conversation != conversation || shown.texts.contains(text)) continue;
    if (is_in_good_standing(*word.by)) fail(device, "does not hear: " + text);
  }
}

// As in Checks: whoever has left is out, though its leaf stays until a commit takes it away.
bool HostileChecks::was_away(const LoggedConversation& conversation, const UserId& user, const LoggedEntry& entry,
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
  }
  return is_gone;
}

// It came back behind this place and has asked: where nobody answers, the chat says so after a week.
bool HostileChecks::waits_for(const Device& device, const std::string& conversation, Seq seq) const {
  const auto rows = device.client.rows();
  const auto row = rows.find(client::row_key::chat(*ConversationId::from_text(conversation)));
  if (row == rows.end()) return false;
  const auto chat = mls::decoded<client::ChatRecord>(row->second);
  return chat && std::ranges::any_of(chat->gaps, [&](const client::GapRecord& gap) {
           return std::ranges::any_of(gap.missing, [&](const client::ExpectedRecord& expected) {
             return expected.seq == seq && !gap.others[expected.author].is_done;
           });
         });
}

// By a device of its author's that has it and is in, and was in when it was said: one that came in since does not know
// who else was in then. To a user who was in all along: nobody is told again what was said before it came.
bool HostileChecks::can_be_sent_again(const LoggedConversation& logged, const LoggedEntry& entry, const Said& said,
                                      const UserId& to) const {
  const bool have_stayed = logged.has_stayed(entry.sender.user, entry.epoch) && logged.has_stayed(to, entry.epoch);
  return have_stayed && std::ranges::any_of(shown_, [&](const auto& item) {
           const auto& [other, chats] = item;
           const server::domain::Caller self{entry.sender.user, *DeviceId::from_text(other->id())};
           const auto chat = chats.find(said.conversation);
           return &other->person == &said.by->person && logged.has_device_in(entry.epoch, self) &&
                  logged.has_device_in(logged.last_epoch(), self) && chat != chats.end() &&
                  chat->second.texts.contains(said.text);
         });
}

// What a device does not show of what was said while it was there, it was warned of, or says so itself. Where the
// server is honest it has all that honest people said.
void HostileChecks::nothing_is_lost_silently(Device& device, const std::string& conversation, const Shown& shown) {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  if (logged == nullptr || device.missed.contains(conversation)) return;
  const auto user = *UserId::from_text(device.person.user());
  const server::domain::Caller self{user, *DeviceId::from_text(device.id())};
  const std::string place = conversation.substr(0, 6);
  for (const LoggedEntry& entry : logged->log) {
    const auto said = world_.said.find(entry.client_id.text());
    if (entry.kind != EntryKind::application || said == world_.said.end()) continue;
    if (shown.texts.contains(said->second.text) || !is_honest(said->second.by->person)) continue;
    if (!logged->users_in(entry.epoch).contains(user) || was_away(*logged, user, entry, shown)) continue;
    if (device.person.has_lost_devices() && !logged->has_device_in(entry.epoch, self)) continue;
    // What was before it came it has from its account's other devices: they were lied to, or left without reading it.
    // It never came where its user was out again before it read the Welcome, though it had a leaf for a while.
    const auto brought_in = logged->brought_in(entry.epoch, self);
    const bool is_of_before = !brought_in || shown.chat["head_seq"] < brought_in->value;
    const std::string& text = said->second.text;
    if (is_of_before && (others_were_warned(device, conversation) || !others_show(device, conversation, text)))
      continue;
    // Who is gone sends nothing again to a device that lost the group for a while, nor does who has come anew, and does
    // not know who was in before; the chat says so after a week.
    if (member_ && was_warned(device, conversation) && !can_be_sent_again(*logged, entry, said->second, user)) continue;
    // What was left out right before its user was out nobody can tell it of any more.
    if (server_ && !logged->is_vouched_for(entry, user)) continue;
    const std::string what = std::to_string(entry.seq.value) + " of " + place + ": " + said->second.text;
    if (member_) {
      fail(device, "misses " + what);
    } else if (!shown.says_that_some_are_lost && !was_warned(device, conversation) &&
               (!waits_for(device, conversation, entry.seq) || can_be_sent_again(*logged, entry, said->second, user))) {
      fail(device, "misses without a word " + what);
    }
  }
}

bool HostileChecks::has_heard(Device& device, const Device& other, const std::string& conversation) const {
  const auto& texts = shown_.at(&device).at(conversation).texts;
  return std::ranges::any_of(last_words_, [&](const auto& item) {
    const auto& [text, word] = item;
    return word.by == &other && word.conversation == conversation && texts.contains(text);
  });
}

// Whoever heard another one at the end has the same log behind it, or says that it has not. Of those who may not speak
// nobody can know.
void HostileChecks::forks_are_named() {
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    std::vector<std::pair<Device*, client::ChatRecord>> members;
    for (auto& [device, chats] : shown_) {
      const auto rows = device->client.rows();
      const auto row = rows.find(client::row_key::chat(id));
      if (row == rows.end() || !chats.contains(id.text())) continue;
      auto chat = mls::decoded<client::ChatRecord>(row->second);
      if (chat && chat->anchored && chat->membership == client::Membership::member) {
        members.emplace_back(device, *std::move(chat));
      }
    }
    for (const auto& [one, here] : members) {
      for (const auto& [other, there] : members) {
        if (one == other || here.position != there.position || here.hash == there.hash) continue;
        if (!has_heard(*one, *other, id.text())) continue;
        const auto& warned = warnings_[one];
        const bool is_named = std::ranges::any_of(warned, [&](const Warning& warning) {
          return warning.code == "log_forked" && warning.conversation == id.text();
        });
        if (!is_named) {
          fail(*one,
               "has another log of " + id.text().substr(0, 6) + " than " + other->client.name + " and does not say so");
        }
      }
    }
  }
}

// For whoever looks: what came of each act.
void HostileChecks::acts_are_noticed() {
  const auto note = [&](Fault kind, const Device& at, const std::string& conversation, std::int64_t since_ms) {
    std::set<std::string> codes;
    for (const Warning& warning : warnings_[&at]) {
      const bool is_of_it = warning.conversation.empty() || warning.conversation == conversation;
      if (warning.at_ms >= since_ms && is_of_it) codes.insert(warning.code);
    }
    std::string text = "NOTICED " + std::string(name_of(kind)) + ":";
    for (const std::string& code : codes) text += " " + code;
    world_.trace.note(world_.time.now_ms(), at.client.name, text);
  };
  if (server_) {
    for (const auto& lie : server_->told()) {
      const Device* victim = device_named(lie.victim);
      if (victim != nullptr) note(lie.kind, *victim, lie.conversation.text(), lie.at_ms);
    }
  }
  if (member_) {
    for (const auto& act : member_->acts()) {
      for (const auto& [device, chats] : shown_) {
        if (chats.contains(act.conversation.text())) note(act.kind, *device, act.conversation.text(), act.at_ms);
      }
    }
  }
}

}  // namespace kith::sim
