#include "tests/simulation/quiet_checks.h"

#include <algorithm>

#include "tests/simulation/checks.h"
#include "tests/simulation/workload.h"

namespace kith::sim {

using server::domain::UserCursor;

namespace {

constexpr std::int64_t kSilenceMs = 600'000;
constexpr std::int64_t kArrivalMs = 90'000;
constexpr std::int64_t kStartMs = 2'000;
// People up to whom everybody hears of everybody's receipts (docs/protocol.md).
constexpr std::size_t kMostHinted = 16;

// Groups that one user waits to be let into.
constexpr std::size_t kMostAsked = 8;

// What one commit may bring with it, of each kind and for each client; of each device all hear how far it is.
constexpr std::size_t kFollowing = 4;
std::size_t following(const std::string& what, std::size_t devices) {
  return kFollowing + (what == "CursorHint" || what == "CursorsHint" ? devices : 0);
}

// What may be sent in kSilenceMs by one client, or to it.
std::size_t most_in_silence(const std::string& what) {
  if (what == "Ping" || what == "Pong") return 100;
  if (what == "Sync" || what == "SyncOk") return 20;
  if (what == "Hello" || what == "HelloOk" || what == "token") return 2;
  // Looked after once an hour.
  if (what == "/v1/key_packages") return 4;
  // Whoever asked to come into a group looks now and then whether there is a word.
  if (what == "GetGroup" || what == "Group" || what == "Error") return 2 * kMostAsked;
  return 0;
}

// "#12 Append ..."
std::string kind_of_frame(ByteView frame) {
  const std::string text = text_of_frame(frame);
  const auto from = text.find(' ') + 1;
  return text.substr(from, text.find(' ', from) - from);
}

// "POST /v1/token at node1 ..."
std::string kind_of_request(ByteView bytes) {
  const auto text = as_text(bytes);
  const auto from = text.find(' ') + 1;
  const auto path = text.substr(from, text.find(' ', from) - from);
  return std::string(path.contains("token") ? "token" : path);
}

bool is_message(const Json& row) { return row.contains("text") || row.contains("unsupported"); }

Task<void> read_cursors(server::adapters::MemoryStore& store, ConversationId id, std::vector<UserCursor>& into) {
  auto cursors = co_await store.cursors(id);
  KITH_CHECK(cursors.has_value());
  into = *std::move(cursors);
}

// Those that are still there.
Task<void> count_mail(server::adapters::MemoryStore& store, UserId user, DeviceId device, std::size_t& into) {
  const auto partition = server::domain::account_partition(user);
  const auto mailbox = server::domain::mailbox_of(device);
  auto read = co_await store.read(partition, mailbox, {}, 1);
  if (!read) read = co_await store.read(partition, mailbox, {read.error().first_seq.value - 1}, 1);
  KITH_CHECK(read.has_value());
  into = read->head.value - (read->records.empty() ? read->head.value : read->records.front().seq.value - 1);
}

}  // namespace

void QuietChecks::all() {
  world_.look([this] {
    ticks_and_counts();
    servers_have_the_receipts();
    nothing_is_kept();
  });
  nothing_is_sent();
  world_.look([this] { a_restart_changes_nothing(); });
  what_is_written_alone_arrives();
  world_.look([this] {
    ticks_and_counts();
    mailboxes_are_empty();
  });
}

void QuietChecks::ticks_and_counts() {
  look();
  ticks_are_right();
  unread_is_right();
}

std::vector<Device*> QuietChecks::devices_in_good_standing() const {
  auto devices = world_.people.devices();
  std::erase_if(devices, [](const Device* device) {
    return !device->was_ready || device->is_removed || device->client.is_retired() || !device->client.is_ready();
  });
  return devices;
}

QuietChecks::View QuietChecks::view_of(Device& device) {
  View view;
  const Json list = world_.ask(device.client, {{"type", "list_chats"}});
  if (list.is_null() || list["type"] != "done") {
    fail(device, "does not list its chats");
    return view;
  }
  for (const Json& chat : list["chats"]) {
    const std::string conversation = chat["conversation"];
    view.chats[conversation] = chat;
    view.messages[conversation] = world_.messages_of(device, conversation);
  }
  return view;
}

void QuietChecks::look() {
  views_.clear();
  for (Device* device : devices_in_good_standing()) views_[device] = view_of(*device);
}

std::uint64_t QuietChecks::came(const Device& device, const std::string& conversation) const {
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const auto here = while_here(device, conversation);
  std::uint64_t last = logged == nullptr ? 0 : logged->log.size();
  while (last > 0 && here.contains(last)) --last;
  const bool may_come_back = device.is_copy || world_.restores > 0;
  if (!may_come_back || logged == nullptr) return last;
  // In the place of its leaf.
  const auto own = DeviceId::from_text(device.id());
  for (const LoggedEntry& entry : logged->log) {
    const bool is_its = entry.kind == server::domain::EntryKind::commit && entry.sender.device == own;
    if (is_its) last = std::max(last, entry.seq.value);
  }
  return last;
}

std::set<std::uint64_t> QuietChecks::while_here(const Device& device, const std::string& conversation) const {
  std::set<std::uint64_t> seqs;
  const LoggedConversation* logged = world_.truth.conversation(conversation);
  const auto user = UserId::from_text(device.person.user());
  const auto own = DeviceId::from_text(device.id());
  if (logged == nullptr || !user || !own) return seqs;
  for (const LoggedEntry& entry : logged->log) {
    if (logged->has_device_in(entry.epoch, {*user, *own})) seqs.insert(entry.seq.value);
  }
  return seqs;
}

// ---- at one moment ----

// What others have and have read is known to everybody who wrote it; of before a device came, it need not be.
void QuietChecks::ticks_are_right() {
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    const std::string text = id.text();
    const auto users = conversation.users_in(conversation.last_epoch());
    if (users.size() < 2 || users.size() > kMostHinted) continue;
    // Of each user: the furthest of the devices.
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> furthest;
    for (const auto& [device, view] : views_) {
      const auto chat = view.chats.find(text);
      if (chat == view.chats.end() || chat->second["membership"] != "member") continue;
      auto& [delivered, read] = furthest[device->person.user()];
      delivered = std::max(delivered, chat->second["head_seq"].get<std::uint64_t>());
      read = std::max(read, chat->second["read_seq"].get<std::uint64_t>());
    }
    for (const auto& [device, view] : views_) {
      const auto chat = view.chats.find(text);
      if (chat == view.chats.end() || chat->second["membership"] != "member") continue;
      std::uint64_t delivered = ~std::uint64_t{0};
      std::uint64_t read = delivered;
      for (const UserId& user : users) {
        if (user.text() == device->person.user()) continue;
        const auto& [others_delivered, others_read] = furthest[user.text()];
        delivered = std::min(delivered, others_delivered);
        read = std::min(read, others_read);
      }
      const auto shown_delivered = chat->second["peer_delivered"].get<std::uint64_t>();
      const auto shown_read = chat->second["peer_read"].get<std::uint64_t>();
      const std::uint64_t floor = came(*device, text);
      if (shown_delivered < delivered && delivered > floor) {
        fail(*device, "knows of " + std::to_string(shown_delivered) + " delivered in " + text.substr(0, 6) + ", of " +
                          std::to_string(delivered));
      }
      if (shown_read < read && read > floor) {
        fail(*device, "knows of " + std::to_string(shown_read) + " read in " + text.substr(0, 6) + ", of " +
                          std::to_string(read));
      }
    }
  }
}

// What a restored store has lost has no place that could be compared with how far was read.
void QuietChecks::unread_is_right() {
  if (world_.restores > 0) return;
  for (const auto& [device, view] : views_) {
    for (const auto& [conversation, chat] : view.chats) {
      if (chat["membership"] != "member") continue;
      const auto is_unread = [&](const Json& row) {
        return is_message(row) && row["mine"] == false && row["seq"] > chat["read_seq"];
      };
      const auto unread = std::ranges::count_if(view.messages.at(conversation), is_unread);
      if (chat["unread"] == unread) continue;
      fail(*device, "has " + std::to_string(unread) + " unread in " + conversation.substr(0, 6) + ", and shows " +
                        chat["unread"].dump());
    }
  }
}

void QuietChecks::servers_have_the_receipts() {
  const std::int64_t no_error_ms = 0;
  MachineScheduler scheduler(world_.time, no_error_ms);
  server::adapters::MemoryStore store(world_.cluster.engine, scheduler);
  TaskScope tasks;
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    std::vector<UserCursor> cursors;
    tasks.spawn(read_cursors(store, id, cursors));
    world_.time.run(1000, [&] { return tasks.size() == 0; });
    for (const auto& [device, view] : views_) {
      const auto chat = view.chats.find(id.text());
      if (chat == view.chats.end() || chat->second["membership"] != "member") continue;
      const auto own = std::ranges::find(cursors, device->person.user(), [](const auto& c) { return c.user.text(); });
      const auto position = own == cursors.end() ? server::domain::CursorPosition{} : own->position;
      if (position.delivered.value < chat->second["head_seq"] || position.read.value < chat->second["read_seq"]) {
        fail(*device, "has told of " + chat->second["head_seq"].dump() + " received and " +
                          chat->second["read_seq"].dump() + " read in " + id.text().substr(0, 6) +
                          ", and the server knows of " + std::to_string(position.delivered.value) + " and " +
                          std::to_string(position.read.value));
      }
    }
  }
}

// What was read is trimmed, if not at once then in the next life: nobody's mailbox grows.
void QuietChecks::mailboxes_are_empty() {
  const std::int64_t no_error_ms = 0;
  MachineScheduler scheduler(world_.time, no_error_ms);
  server::adapters::MemoryStore store(world_.cluster.engine, scheduler);
  TaskScope tasks;
  for (const auto& [device, view] : views_) {
    const auto user = UserId::from_text(device->person.user());
    const auto id = DeviceId::from_text(device->id());
    if (!user || !id) continue;
    std::size_t waiting = 0;
    tasks.spawn(count_mail(store, *user, *id, waiting));
    KITH_CHECK(world_.time.run(1000, [&] { return tasks.size() == 0; }));
    if (waiting > 0) fail(*device, "leaves " + std::to_string(waiting) + " mails in its mailbox");
  }
}

// Rows of what is still to be done, where nothing is.
void QuietChecks::nothing_is_kept() {
  constexpr std::size_t kKind = 1 + ConversationId::kSize;
  for (const auto& [device, view] : views_) {
    std::map<std::string, std::size_t> outgoing;
    std::size_t pending = 0;
    for (const auto& [key, value] : device->client.rows()) {
      if (key.size() <= kKind || key.front() != 'g') continue;
      const std::string conversation = to_hex(ByteView(key).subspan(1, ConversationId::kSize));
      outgoing[conversation] += key[kKind] == 'q' ? 1 : 0;
      pending += key[kKind] == 'p' && key.size() == kKind + 1 ? 1 : 0;
    }
    for (const auto& [conversation, count] : outgoing) {
      const auto rows = view.messages.find(conversation);
      const auto is_waiting = [](const Json& row) {
        return row.contains("state") && (row["state"] == "failed" || row["state"] == "pending");
      };
      const auto shown = rows == view.messages.end() ? 0 : std::ranges::count_if(rows->second, is_waiting);
      const auto waiting = static_cast<std::size_t>(shown);
      if (count == waiting) continue;
      fail(*device, "keeps " + std::to_string(count) + " messages to be sent in " + conversation.substr(0, 6) +
                        ", and shows " + std::to_string(waiting));
    }
    if (pending > 0) fail(*device, "keeps " + std::to_string(pending) + " commits that nobody waits for");
  }
}

// ---- over a while ----

// Some time after an account's keys began anew its leaves are refreshed, which everybody in the group hears of.
void QuietChecks::nothing_is_sent() {
  // Who was looked at may have asked for something, and do what it was told; and what follows from an entry is no
  // noise.
  std::size_t before = 0;
  do {
    before = world_.truth.entries();
    world_.time.run(kArrivalMs);
  } while (world_.truth.entries() != before && !world_.time.stands_still());
  std::map<std::pair<std::string, std::string>, std::size_t> sent;
  std::size_t commits = 0;
  world_.trace.listen(this, [&](std::int64_t, Trace::What what, std::string_view who, ByteView bytes) {
    const bool is_frame = what == Trace::What::to_server || what == Trace::What::to_client;
    if (is_frame) ++sent[{std::string(who), kind_of_frame(bytes)}];
    if (what == Trace::What::request) ++sent[{std::string(who), kind_of_request(bytes)}];
    if (is_frame && kind_of_frame(bytes) == "Commit") ++commits;
  });
  world_.time.run(kSilenceMs);
  world_.trace.listen(this, {});
  const std::size_t devices = world_.people.devices().size();
  for (const auto& [what, count] : sent) {
    if (count <= most_in_silence(what.second) + following(what.second, devices) * commits) continue;
    world_.fail(what.first + " and its server exchanged " + what.second + " " + std::to_string(count) +
                " times while all was quiet");
  }
}

void QuietChecks::a_restart_changes_nothing() {
  std::map<Device*, View, ByName> before;
  for (Device* device : devices_in_good_standing()) before[device] = view_of(*device);
  for (auto& [device, view] : before) {
    device->client.set_network(false);
    device->client.stop();
    device->client.start();
  }
  world_.time.run(kStartMs);
  // A message that could not be sent, and who asks to come in, are read when the chat is looked at.
  const auto without_lazy = [](Json chat) {
    chat.erase("last_message");
    chat.erase("requests");
    return chat;
  };
  for (auto& [device, view] : before) {
    const View after = view_of(*device);
    if (after.chats.size() != view.chats.size()) {
      fail(*device, "lists " + std::to_string(after.chats.size()) + " chats after a restart, and listed " +
                        std::to_string(view.chats.size()));
      continue;
    }
    for (const auto& [conversation, chat] : view.chats) {
      const auto again = after.chats.find(conversation);
      const Json now = again == after.chats.end() ? Json() : without_lazy(again->second);
      if (now != without_lazy(chat)) {
        fail(*device,
             "shows " + conversation.substr(0, 6) + " otherwise after a restart: " + Json::diff(chat, now).dump());
      } else if (after.messages.at(conversation) != view.messages.at(conversation)) {
        fail(*device,
             "shows other messages in " + conversation.substr(0, 6) + " after a restart: " +
                 Json::diff(Json(view.messages.at(conversation)), Json(after.messages.at(conversation))).dump());
      }
    }
  }
}

// Everybody is without a network when this begins.
void QuietChecks::what_is_written_alone_arrives() {
  const auto devices = devices_in_good_standing();
  (void)workload_.say_last_words();
  (void)workload_.say_last_words();
  world_.time.run(kStartMs);
  for (Device* device : devices) device->client.stop();
  for (Device* device : devices) device->client.start();
  world_.time.run(kStartMs);
  (void)workload_.say_last_words();
  world_.time.run(kStartMs);
  for (Device* device : devices) device->client.set_network(true);
  world_.time.run(kArrivalMs);
  if (world_.failures.empty()) Checks(world_).all();
}

}  // namespace kith::sim
