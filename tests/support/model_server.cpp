#include "tests/support/model_server.h"

#include <algorithm>
#include <charconv>

#include "keys/conversation.h"

namespace kith::test {

using Json = nlohmann::json;

namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/') {
      part.push_back(c);
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

}  // namespace

Json ModelServer::tokens_for(const Device& device) {
  const std::string access = "access-" + std::to_string(++next_id_);
  const std::string refresh = to_base64url(as_view("refresh-" + std::to_string(++next_id_)));
  access_[access] = {device, now_ms + access_life_ms};
  refresh_[device] = {refresh, refresh_[device].first};
  see(device);
  return {{"access_token", access}, {"expires_in_ms", access_life_ms}, {"refresh_token", refresh}};
}

ModelServer::HttpReply ModelServer::http(const std::string& method, const std::string& path, const std::string& bearer,
                                         const std::string& body) {
  if (fail_http_with != 0) return no(fail_http_with, "overloaded");
  const auto token = access_.find(bearer);
  const bool known = token != access_.end() && token->second.second > now_ms;
  return route(method, path, known ? &token->second.first : nullptr, Json::parse(body, nullptr, false));
}

ModelServer::HttpReply ModelServer::route(const std::string& method, const std::string& path, const Device* caller,
                                          const Json& body) {
  const auto parts = split(path);
  if (path == "/v1/registrations") {
    const std::string id = "registration-" + std::to_string(++next_id_);
    registrations_[id].address = body.value("phone", body.value("email", ""));
    return ok({{"registration", id}, {"resend_after_ms", 30'000}, {"expires_in_ms", 600'000}}, 201);
  }
  if (parts.size() == 4 && parts[1] == "registrations") {
    if (!registrations_.contains(parts[2])) return no(404, "not_found");
    if (parts[3] == "resend")
      return ok({{"registration", parts[2]}, {"resend_after_ms", 30'000}, {"expires_in_ms", 600'000}});
    Registration& registration = registrations_[parts[2]];
    if (body.value("code", "") != code)
      return {403, Json{{"error", "wrong_code"}, {"message", ""}, {"attempts_left", 4}}.dump()};
    if (registration.user == UserId{}) {
      const std::uint64_t number = ++next_id_;
      for (int i = 0; i < 8; ++i)
        registration.user.value[static_cast<std::size_t>(i) + 8] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    const auto owner = by_address_.find(registration.address);
    return ok({{"user", registration.user.text()},
               {"proof", "proof"},
               {"account", owner == by_address_.end() ? Json() : Json(owner->second.text())}});
  }
  if (path == "/v1/accounts") return create_account(body);
  if (parts.size() >= 2 && parts[1] == "recoveries") return recover(body, parts.size() == 3);
  if (path == "/v1/tokens") {
    const Device device{UserId::from_text(body.value("user", "")).value_or(UserId{}),
                        DeviceId::from_text(body.value("device", "")).value_or(DeviceId{})};
    if (removed_.contains(device)) return no(401, "device_removed");
    const auto at = refresh_.find(device);
    const std::string token = body.value("refresh_token", "");
    if (at == refresh_.end() || (token != at->second.first && token != at->second.second))
      return no(401, "refresh_unknown");
    if (token == at->second.first) return ok(tokens_for(device));
    // The predecessor again: its answer was lost. It stays the predecessor.
    Json tokens = tokens_for(device);
    refresh_[device].second = token;
    return ok(tokens);
  }
  if (parts.size() > 1 && parts[1] == "links") return links(method, parts, caller, body);
  if (caller == nullptr) return no(401, "unauthenticated");
  if (parts.size() > 1 && parts[1] == "devices") return own_devices(method, parts, *caller, body);
  if (path == "/v1/me/pin") {
    if (method == "GET") return ok({{"is_set", !accounts_[caller->first].pin.empty()}});
    const Json pin = body.value("pin", Json());
    accounts_[caller->first].pin = pin.is_string() ? pin.get<std::string>() : "";
    return ok(Json::object());
  }
  if (path == "/v1/me" && method == "PUT") {
    accounts_[caller->first].name = body.value("name", "");
    return ok({{"user", caller->first.text()}, {"name", accounts_[caller->first].name}});
  }
  if (path == "/v1/key_packages") {
    auto& pool = key_packages_[*caller];
    if (method == "POST") {
      if (body.contains("last_resort")) last_resort_[*caller] = body["last_resort"];
      for (const Json& item : body["key_packages"]) pool.push_back(item);
    }
    return ok({{"available", pool.size()}});
  }
  const auto profile = [&](const UserId& user) {
    return Json{{"user", user.text()}, {"name", accounts_[user].name}, {"identity_key", accounts_[user].identity_key}};
  };
  if (path == "/v1/contacts/find") {
    const auto at = by_address_.find(body.value("phone", body.value("email", "")));
    return at == by_address_.end() ? no(404, "not_found") : ok(profile(at->second));
  }
  if (parts.size() >= 3 && parts[1] == "users") {
    const auto user = UserId::from_text(parts[2]);
    if (!user || !accounts_.contains(*user)) return no(404, "not_found");
    if (parts.size() == 3) return ok(profile(*user));
    if (parts[3] == "key_packages") return claim(*user, *caller);
    const Account& account = accounts_[*user];
    Json devices = Json::array();
    for (const auto& [id, device] : account.devices) devices.push_back(device);
    return ok({{"identity_key", account.identity_key},
               {"generation", account.generation},
               {"device_list", account.device_list},
               {"devices", devices}});
  }
  return no(404, "not_found");
}

std::optional<ModelServer::HttpReply> ModelServer::locked(const Registration& registration, const std::string& pin) {
  constexpr int kAttempts = 5;
  const auto owner = by_address_.find(registration.address);
  if (owner == by_address_.end() || accounts_[owner->second].pin.empty()) return std::nullopt;
  Account& account = accounts_[owner->second];
  const auto refused = [](int status, const char* error, const char* field, int value) {
    return HttpReply{status, Json{{"error", error}, {"message", "locked"}, {field, value}}.dump()};
  };
  if (pin.empty()) return no(403, "pin_needed");
  if (account.wrong_pins >= kAttempts) return refused(429, "pin_paused", "retry_after_ms", 60'000);
  if (pin == account.pin) return std::nullopt;
  ++account.wrong_pins;
  return refused(403, "wrong_pin", "attempts_left", kAttempts - account.wrong_pins);
}

ModelServer::HttpReply ModelServer::create_account(const Json& body) {
  Registration& registration = registrations_[body.value("registration", "")];
  if (registration.user == UserId{}) return no(401, "unauthenticated");
  // The same request again, with its PIN or without: the answer was lost.
  Json request = body;
  request.erase("pin");
  const std::string raw = request.dump();
  if (registration.answered_body == raw) return {201, registration.answer};
  if (!registration.answered_body.empty()) return no(401, "unauthenticated");
  if (const auto refused = locked(registration, body.value("pin", ""))) return *refused;
  const auto device = DeviceId::from_text(body["device"].value("device", ""));
  Account& account = accounts_[registration.user];
  account.name = body.value("name", "");
  account.identity_key = body.value("identity_key", "");
  account.generation = body.value("generation", "");
  account.device_list = body.value("device_list", "");
  account.sealed_generation = body.value("sealed_generation", "");
  account.devices[*device] = body["device"];
  account.devices[*device]["added_at_ms"] = now_ms;
  const Device key{registration.user, *device};
  for (const Json& item : body["key_packages"]) key_packages_[key].push_back(item);
  last_resort_[key] = body.value("last_resort", "");
  by_address_[registration.address] = registration.user;
  registration.answered_body = raw;
  registration.answer = grant(key).body;
  return {201, registration.answer};
}

ModelServer::HttpReply ModelServer::grant(const Device& device) {
  Json answer = tokens_for(device);
  answer["user"] = device.first.text();
  answer["device"] = device.second.text();
  return ok(answer, 201);
}

void ModelServer::see(const Device& device) {
  constexpr std::int64_t kHourMs = 3'600'000;
  auto& devices = accounts_[device.first].devices;
  const auto at = devices.find(device.second);
  if (at != devices.end()) at->second["last_seen_ms"] = now_ms / kHourMs * kHourMs;
}

ModelServer::HttpReply ModelServer::claim(const UserId& user, const Device& caller) {
  Json packages = Json::array();
  for (const auto& [id, json] : accounts_[user].devices) {
    const Device device{user, id};
    if (device == caller) continue;
    auto& pool = key_packages_[device];
    const bool last = pool.empty();
    packages.push_back(
        {{"device", id.text()}, {"key_package", last ? last_resort_[device] : pool.front()}, {"last_resort", last}});
    if (!last) pool.pop_front();
  }
  return ok({{"key_packages", packages}});
}

// ---- the socket ----

ModelServer::ConnectionId ModelServer::open() {
  connections_[++next_connection_] = std::nullopt;
  return next_connection_;
}

void ModelServer::close(ConnectionId connection) {
  connections_.erase(connection);
  watching_.erase(connection);
}

void ModelServer::answer(ConnectionId to, std::uint32_t id, wire::Body body) {
  sent_.push_back({to, wire::encode({.id = id, .body = std::move(body)})});
}

void ModelServer::error(ConnectionId to, std::uint32_t id, wire::ErrorCode why, Epoch epoch, Seq head, Seq first) {
  answer(to, id,
         wire::Error{
             .code = why, .detail = "", .retry_after_ms = 0, .epoch = epoch, .head_seq = head, .first_seq = first});
}

void ModelServer::hint(const std::set<Device>& to, const wire::Body& body) {
  for (const auto& [connection, device] : connections_) {
    if (device && to.contains(*device)) answer(connection, 0, body);
  }
}

void ModelServer::receive(ConnectionId from, ByteView bytes) {
  if (!connections_.contains(from)) return;
  const auto frame = wire::decode(bytes);
  if (!frame) {
    error(from, 0, wire::ErrorCode::malformed);
    sent_.push_back({from, {}});
    return close(from);
  }
  if (!connections_[from] && !std::holds_alternative<wire::Hello>(frame->body))
    return error(from, frame->id, wire::ErrorCode::unauthenticated);
  std::visit(
      [&](const auto& body) {
        if constexpr (requires { handle(from, frame->id, body); }) {
          handle(from, frame->id, body);
        } else {
          answer(from, frame->id, wire::Pong{now_ms});
        }
      },
      frame->body);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Hello& body) {
  const auto token = access_.find(body.token);
  if (token == access_.end() || token->second.second <= now_ms)
    return error(from, id, wire::ErrorCode::unauthenticated);
  const Device device = token->second.first;
  connections_[from] = device;
  see(device);
  answer(from, id,
         wire::HelloOk{.history_id = history, .time_ms = now_ms, .user = device.first, .device = device.second});
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Sync& body) {
  const Device device = *connections_[from];
  const std::string_view asked = as_text(body.token);
  std::uint64_t since = 0;
  const auto read = std::from_chars(asked.data(), asked.data() + asked.size(), since);
  if (!asked.empty() && (read.ec != std::errc() || read.ptr != asked.data() + asked.size())) {
    return error(from, id, wire::ErrorCode::invalid_argument);
  }
  wire::SyncOk answer_body{.token = {}, .history_id = history, .heads = {}, .mailbox_head = {}, .more = false};
  for (const auto& [conversation_id, conversation] : conversations) {
    if (!is_member(conversation, device.first) || conversation.change <= since) continue;
    wire::Head head{conversation_id, {conversation.log.size()}, conversation.epoch, {}};
    for (const auto& [user, cursor] : conversation.cursors) head.cursors.push_back(cursor);
    answer_body.heads.push_back(std::move(head));
  }
  answer_body.mailbox_head = {mailboxes_[device].next - 1};
  answer_body.archive_head = {archives[device.first].blocks.size()};
  const std::string token = std::to_string(change_);
  answer_body.token = as_view(token);
  answer(from, id, answer_body);
}

namespace {

Bytes nodes_of(const mls::RatchetTree& tree) {
  const Bytes encoded = tree.encode();
  mls::Reader r(encoded);
  return to_bytes(r.opaque());
}

}  // namespace

mls::PublicGroup ModelServer::shown(const Conversation& c) {
  const auto info = mls::decoded_message<mls::GroupInfo>(c.group_info).value();
  const Bytes tree = c.group ? c.group->tree().encode() : Bytes{};
  return mls::PublicGroup::open(info, tree).value();
}

// Without a verdict: a commit that does not hold leaves nothing to show.
void ModelServer::follow(Conversation& c, const wire::Commit& commit) {
  if (c.group && c.group->epoch() != c.epoch.value) c.group.reset();  // a test wrote into the log
  c.past[c.epoch] = {c.group_info, c.group ? nodes_of(c.group->tree()) : Bytes{}};
  if (!c.group) {
    const auto info = mls::decoded_message<mls::GroupInfo>(c.group_info);
    const auto shown = info ? mls::PublicGroup::open(*info, std::nullopt)
                            : mls::Result<mls::PublicGroup>(fail(mls::Errc::missing_tree));
    c.group = shown ? std::optional(*shown) : std::nullopt;
  }
  const auto message = mls::decoded_message<mls::PublicMessage>(commit.payload);
  if (c.group && message) {
    const auto verified = c.group->verify(message->authenticated());
    const auto staged =
        verified ? c.group->stage(*verified) : mls::Result<mls::StagedPublicCommit>(fail(mls::Errc::bad_path));
    c.group = staged ? std::optional(staged->next) : std::nullopt;
  }
  c.epoch = commit.epoch.next();
  c.group_info = to_bytes(commit.group_info);
  forget_notes(c);
}

void ModelServer::append(ConnectionId from, std::uint32_t id, const ConversationId& conversation_id,
                         const ClientId& client_id, Epoch epoch, wire::EntryKind kind, ByteView payload,
                         const wire::Commit* commit) {
  const Device device = *connections_[from];
  const auto at = conversations.find(conversation_id);
  if (at == conversations.end()) return error(from, id, wire::ErrorCode::not_found);
  Conversation& conversation = at->second;
  const auto proof = commit != nullptr ? proof_in(*commit) : std::nullopt;
  const bool is_stranger = commit == nullptr || (conversation.gone.contains(device) && !proof);
  if (!conversation.leaves.contains(device) && is_stranger) return error(from, id, wire::ErrorCode::not_member);
  for (const StoredEntry& e : conversation.log) {
    if (e.client_id != client_id || e.sender != device) continue;
    if (!same_bytes(e.payload, payload)) return error(from, id, wire::ErrorCode::client_id_reused);
    ++duplicates;
    return answer(from, id, wire::Appended{e.seq, e.time_ms, true});
  }
  if (commit == nullptr && refuse_appends > 0) {
    --refuse_appends;
    return error(from, id, wire::ErrorCode::overloaded);
  }
  if (commit != nullptr && refuse_commits > 0) {
    --refuse_commits;
    return answer(from, id,
                  wire::Error{.code = wire::ErrorCode::rate_limited,
                              .detail = {},
                              .retry_after_ms = 5'000,
                              .epoch = {},
                              .head_seq = {},
                              .first_seq = {}});
  }
  if (kind == wire::EntryKind::application && !may_send(conversation, device.first))
    return error(from, id, wire::ErrorCode::not_allowed);
  if (commit == nullptr && has_to_go(conversation)) return error(from, id, wire::ErrorCode::commit_first);
  if (epoch != conversation.epoch) {
    ++stale;
    return error(from, id, wire::ErrorCode::stale_epoch, conversation.epoch, {conversation.log.size()});
  }
  if (commit != nullptr && conversation.is_group && judges_groups) {
    const bool comes_by_link = proof && !conversation.leaves.contains(device);
    if (comes_by_link && refuses_joins)
      return error(from, id, wire::ErrorCode::stale_epoch, conversation.epoch, {conversation.log.size()});
    if (const auto why = comes_by_link ? wrong_with(conversation, device.first, *proof, false) : std::nullopt)
      return error(from, id, *why);
    if (const auto why = wrong_with(conversation, *commit)) return error(from, id, *why);
  }
  ++appends;
  StoredEntry entry{{conversation.log.size() + 1}, ++now_ms, device, client_id, kind, epoch, to_bytes(payload)};
  conversation.log.push_back(entry);
  conversation.change = ++change_;
  std::set<Device> told = conversation.leaves;
  if (commit != nullptr) {
    follow(conversation, *commit);
    if (proof && !conversation.leaves.contains(device)) ++conversation.uses[proof->invite];
    conversation.asking.erase(device.first);
    for (const wire::DeviceWelcome& welcome : commit->welcomes) {
      const auto asked = conversation.asking.find(welcome.user);
      if (asked == conversation.asking.end()) continue;
      ++conversation.uses[asked->second.invite];
      conversation.asking.erase(asked);
    }
    conversation.leaves.insert(device);
    for (const wire::DeviceWelcome& welcome : commit->welcomes) {
      const Device to{welcome.user, welcome.device};
      conversation.leaves.insert(to);
      Mailbox& mailbox = mailboxes_[to];
      mailbox.mails.push_back({{mailbox.next++}, conversation_id, entry.seq, device.first, to_bytes(welcome.payload)});
    }
    if (conversation.is_group) settle(conversation_id, conversation, entry.seq, device.first);
  }
  answer(from, id, wire::Appended{entry.seq, entry.time_ms, false});
  if (commit != nullptr) {
    for (const wire::DeviceWelcome& welcome : commit->welcomes) tell_mail({welcome.user, welcome.device});
  }
  told.insert(conversation.leaves.begin(), conversation.leaves.end());
  hint(told, wire::EntryHint{conversation_id,
                             {.seq = entry.seq,
                              .time_ms = entry.time_ms,
                              .sender_user = device.first,
                              .sender_device = device.second,
                              .client_id = client_id,
                              .kind = kind,
                              .epoch = epoch,
                              .payload = payload}});
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Append& body) {
  const auto kind = body.silent ? wire::EntryKind::silent : wire::EntryKind::application;
  append(from, id, body.conversation, body.client_id, body.epoch, kind, body.payload, nullptr);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Commit& body) {
  append(from, id, body.conversation, body.client_id, body.epoch, wire::EntryKind::commit, body.payload, &body);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::CreateDirect& body) {
  const Device device = *connections_[from];
  const ConversationId conversation = keys::direct_conversation(device.first, body.peer);
  const auto at = conversations.find(conversation);
  if (at != conversations.end() && at->second.log.front().client_id != body.client_id) {
    return error(from, id, wire::ErrorCode::conversation_exists);
  }
  if (at == conversations.end()) {
    for (const UserId& user : {device.first, body.peer}) conversations[conversation].cursors[user] = {user, {}, {}};
    conversations[conversation].group_info = to_bytes(body.founding);
  }
  const wire::Commit commit{conversation, body.client_id, {0}, body.payload, body.group_info, body.welcomes};
  append(from, id, conversation, body.client_id, {0}, wire::EntryKind::commit, body.payload, &commit);
}

void ModelServer::tell_mail(const Device& device) {
  const Mailbox& mailbox = mailboxes_[device];
  if (mailbox.mails.empty()) return;
  const StoredMail& mail = mailbox.mails.back();
  for (const auto& [connection, live] : connections_) {
    if (live != device) continue;
    answer(connection, 0,
           wire::MailHint{
               {mail.seq, now_ms, mail.kind, mail.conversation, mail.conversation_seq, mail.sender, mail.payload}});
  }
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Read& body) {
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end()) return error(from, id, wire::ErrorCode::not_member);
  const auto gone = at->second.gone.find(*connections_[from]);
  const bool is_in = at->second.leaves.contains(*connections_[from]);
  if (!is_in && gone == at->second.gone.end()) return error(from, id, wire::ErrorCode::not_member);
  const auto came = at->second.came.find(connections_[from]->first);
  Seq end = is_in ? Seq{at->second.log.size()} : gone->second;
  if (is_in && came != at->second.came.end() && body.after_seq < came->second.first) {
    const auto& former = at->second.former[connections_[from]->first];
    const auto span = std::ranges::find_if(
        former, [&](const auto& was) { return was.first <= body.after_seq && body.after_seq < was.second; });
    if (span == former.end()) return error(from, id, wire::ErrorCode::trimmed, {}, {}, came->second.first.next());
    end = span->second;
  }
  wire::Entries entries{{}, end};
  std::size_t size = 0;
  for (const StoredEntry& e : at->second.log) {
    if (e.seq <= body.after_seq || e.seq > end) continue;
    size += e.payload.size();
    if (!entries.entries.empty() && size > body.limit_bytes) break;
    entries.entries.push_back(
        {e.seq, e.time_ms, e.sender.first, e.sender.second, e.client_id, e.kind, e.epoch, e.payload});
  }
  answer(from, id, entries);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::ReadMailbox& body) {
  const Mailbox& mailbox = mailboxes_[*connections_[from]];
  wire::Mails mails{{}, {mailbox.next - 1}};
  for (const StoredMail& m : mailbox.mails) {
    if (m.seq > body.after_seq) {
      mails.mails.push_back({m.seq, now_ms, m.kind, m.conversation, m.conversation_seq, m.sender, m.payload});
    }
  }
  answer(from, id, mails);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::TrimMailbox& body) {
  std::erase_if(mailboxes_[*connections_[from]].mails, [&](const StoredMail& m) { return m.seq <= body.up_to_seq; });
  answer(from, id, wire::Ok{});
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::GetGroup& body) {
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end()) return error(from, id, wire::ErrorCode::not_found);
  const Conversation& c = at->second;
  const auto proof = keys::JoinProof::decode(body.proof);
  if (proof && !c.leaves.contains(*connections_[from])) {
    const auto why = judges_groups ? wrong_with(c, connections_[from]->first, *proof, false) : std::nullopt;
    if (why) return error(from, id, *why);
  } else if (c.gone.contains(*connections_[from])) {
    return error(from, id, wire::ErrorCode::not_member);
  }
  wire::Group group{.epoch = c.epoch, .head_seq = {c.log.size()}, .group_info = c.group_info, .nodes = {}};
  Bytes nodes = c.group ? nodes_of(c.group->tree()) : Bytes{};
  if (body.epoch != Epoch{} && body.epoch != c.epoch) {
    const auto past = c.past.find(body.epoch);
    const auto came = c.came.find(connections_[from]->first);
    if (past == c.past.end() || (came != c.came.end() && body.epoch < came->second.second))
      return error(from, id, wire::ErrorCode::not_found);
    group.epoch = body.epoch;
    group.group_info = past->second.first;
    nodes = past->second.second;
  }
  // To the client, where the next piece begins is only a number that grows: here it counts bytes.
  group.nodes = ByteView(nodes).subspan(std::min<std::size_t>(body.first_node, nodes.size()));
  if (group.nodes.size() > piece_bytes) {
    group.nodes = group.nodes.first(piece_bytes);
    group.next_node = body.first_node + static_cast<std::uint32_t>(piece_bytes);
  }
  answer(from, id, group);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::ConfirmGroup& body) {
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end()) return error(from, id, wire::ErrorCode::not_member);
  if (at->second.epoch != body.epoch) return error(from, id, wire::ErrorCode::stale_epoch);
  at->second.group_info = to_bytes(body.group_info);
  answer(from, id, wire::Ok{});
}

}  // namespace kith::test
