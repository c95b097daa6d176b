#include "tests/support/model_server.h"

#include <algorithm>
#include <charconv>

#include "keys/conversation.h"

namespace kith::test {

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
    return answer(
        from, id,
        wire::Error{
            .code = refusal, .detail = {}, .retry_after_ms = 5'000, .epoch = {}, .head_seq = {}, .first_seq = {}});
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
  // Users are told, whichever of their devices are in.
  for (const auto& [connection, live] : connections_) {
    const auto is_its = [&](const Device& other) { return live && other.first == live->first; };
    if (std::ranges::any_of(told, is_its)) told.insert(*live);
  }
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
  if (body.after_seq < mailbox.trimmed)
    return error(from, id, wire::ErrorCode::trimmed, {}, {}, mailbox.trimmed.next());
  wire::Mails mails{{}, {mailbox.next - 1}};
  for (const StoredMail& m : mailbox.mails) {
    if (m.seq > body.after_seq) {
      mails.mails.push_back({m.seq, now_ms, m.kind, m.conversation, m.conversation_seq, m.sender, m.payload});
    }
  }
  answer(from, id, mails);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::TrimMailbox& body) {
  Mailbox& mailbox = mailboxes_[*connections_[from]];
  mailbox.trimmed = std::max(mailbox.trimmed, body.up_to_seq);
  std::erase_if(mailbox.mails, [&](const StoredMail& m) { return m.seq <= body.up_to_seq; });
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
    if (came != c.came.end() && body.epoch < came->second.second)
      return error(from, id, wire::ErrorCode::trimmed, {}, {}, came->second.first.next());
    if (past == c.past.end()) return error(from, id, wire::ErrorCode::not_found);
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
