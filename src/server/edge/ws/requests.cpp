#include "server/edge/ws/requests.h"

#include <algorithm>

#include "base/check.h"
#include "keys/archive_block.h"
#include "server/domain/receipts.h"
#include "server/edge/ws/translate.h"

namespace kith::server::edge {

namespace {

Bytes encoded(std::uint32_t id, wire::Body body) { return wire::encode({.id = id, .body = std::move(body)}); }

Bytes refused(const Asker& asker, std::uint32_t id, const domain::Error& error) {
  return encoded(id, told(asker.log, error));
}

wire::Appended to_wire(const service::Appended& appended) {
  return {.seq = appended.seq, .time_ms = appended.time.value, .duplicate = appended.duplicate};
}

Bytes appended_or_error(const Asker& asker, std::uint32_t id, const domain::Result<service::Appended>& result) {
  return result ? encoded(id, to_wire(*result)) : refused(asker, id, result.error());
}

Bytes ok_or_error(const Asker& asker, std::uint32_t id, const domain::Result<void>& result) {
  return result ? encoded(id, wire::Ok{}) : refused(asker, id, result.error());
}

std::vector<service::DeviceWelcome> welcomes_of(const std::vector<wire::DeviceWelcome>& welcomes) {
  std::vector<service::DeviceWelcome> all;
  all.reserve(welcomes.size());
  for (const auto& welcome : welcomes) {
    all.push_back({.to = {.user = welcome.user, .device = welcome.device}, .payload = welcome.payload});
  }
  return all;
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Ping&) {
  co_return encoded(id, wire::Pong{.time_ms = asker.scheduler.now().value});
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Sync& sync) {
  // A socket may live for weeks: its device is here as long as it asks.
  asker.node.accounts.see(asker.caller);
  const auto result = co_await asker.node.conversations.sync(asker.caller, to_bytes(sync.token));
  if (!result) co_return refused(asker, id, result.error());
  const auto archive = co_await asker.node.archive.head_of(asker.caller.user);
  if (!archive) co_return refused(asker, id, archive.error());
  wire::SyncOk answer{.token = result->token,
                      .history_id = result->history_id,
                      .heads = {},
                      .mailbox_head = result->mailbox_head,
                      .more = result->more,
                      .archive_head = *archive};
  answer.heads.reserve(result->heads.size());
  for (const auto& head : result->heads) {
    auto& to = answer.heads.emplace_back(
        wire::Head{.conversation = head.conversation, .head_seq = head.head, .epoch = head.epoch, .cursors = {}});
    to.cursors = edge::to_wire(head.cursors);
  }
  co_return encoded(id, std::move(answer));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Append& append) {
  const auto kind = append.silent ? domain::EntryKind::silent : domain::EntryKind::application;
  const auto result = co_await asker.node.conversations.append(asker.caller, {.conversation = append.conversation,
                                                                              .client_id = append.client_id,
                                                                              .epoch = append.epoch,
                                                                              .payload = append.payload,
                                                                              .kind = kind});
  co_return appended_or_error(asker, id, result);
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Commit& commit) {
  const auto result =
      co_await asker.node.conversations.commit(asker.caller, {.conversation = commit.conversation,
                                                              .client_id = commit.client_id,
                                                              .epoch = commit.epoch,
                                                              .payload = commit.payload,
                                                              .group_info = commit.group_info,
                                                              .welcomes = welcomes_of(commit.welcomes)});
  co_return appended_or_error(asker, id, result);
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::CreateDirect& create) {
  const auto result =
      co_await asker.node.conversations.create_direct(asker.caller, {.peer = create.peer,
                                                                     .client_id = create.client_id,
                                                                     .founding = create.founding,
                                                                     .payload = create.payload,
                                                                     .group_info = create.group_info,
                                                                     .welcomes = welcomes_of(create.welcomes)});
  co_return appended_or_error(asker, id, result);
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::FoundGroup& found) {
  const auto result = co_await asker.node.conversations.create_group(asker.caller, {.client_id = found.client_id,
                                                                                    .founding = found.founding,
                                                                                    .payload = found.payload,
                                                                                    .group_info = found.group_info});
  co_return appended_or_error(asker, id, result);
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Leave& leave) {
  co_return ok_or_error(asker, id,
                        co_await asker.node.conversations.leave(asker.caller, leave.conversation, leave.note));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::MarkBroken& broken) {
  co_return ok_or_error(
      asker, id,
      co_await asker.node.conversations.mark_broken(
          asker.caller, {.conversation = broken.conversation, .mark = broken.mark, .key_package = broken.key_package}));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::RequestJoin& request) {
  co_return ok_or_error(asker, id,
                        co_await asker.node.conversations.request_join(
                            asker.caller, {.conversation = request.conversation, .proof = request.proof}));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::DeclineJoin& decline) {
  co_return ok_or_error(
      asker, id, co_await asker.node.conversations.decline_join(asker.caller, decline.conversation, decline.user));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::Read& read) {
  const std::size_t limit = std::min(read.limit_bytes, kMaxReadBytes);
  const auto result = co_await asker.node.conversations.read(asker.caller, read.conversation, read.after_seq, limit);
  if (!result) co_return refused(asker, id, result.error());
  wire::Entries answer{.entries = {}, .head_seq = result->head};
  answer.entries.reserve(result->entries.size());
  for (const auto& entry : result->entries) answer.entries.push_back(edge::to_wire(entry));
  co_return encoded(id, std::move(answer));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::ReadMailbox& read) {
  const std::size_t limit = std::min(read.limit_bytes, kMaxReadBytes);
  const auto result = co_await asker.node.conversations.read_mailbox(asker.caller, read.after_seq, limit);
  if (!result) co_return refused(asker, id, result.error());
  wire::Mails answer{.mails = {}, .head_seq = result->head};
  for (const auto& mail : result->mails) answer.mails.push_back(edge::to_wire(mail));
  co_return encoded(id, std::move(answer));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::TrimMailbox& trim) {
  co_return ok_or_error(asker, id, co_await asker.node.conversations.trim_mailbox(asker.caller, trim.up_to_seq));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::SetCursor& cursor) {
  co_return ok_or_error(asker, id,
                        co_await asker.node.conversations.set_cursor(
                            asker.caller, cursor.conversation, {.delivered = cursor.delivered, .read = cursor.read}));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::GetReceipts& get) {
  const auto member = co_await asker.node.conversations.check_member(asker.caller, get.conversation);
  if (!member) co_return refused(asker, id, member.error());
  // Before they are read: what moves in between is hinted.
  if (get.watch) {
    asker.watched.add(get.conversation);
  } else {
    asker.watched.remove(get.conversation);
  }
  const auto result = co_await asker.node.conversations.receipts(asker.caller, get.conversation, get.seq);
  if (!result) co_return refused(asker, id, result.error());
  if (!result->counts) co_return encoded(id, wire::Receipts{.cursors = edge::to_wire(result->cursors)});
  co_return encoded(id, wire::Receipts{.cursors = {},
                                       .counted = true,
                                       .of = result->counts->of,
                                       .delivered = result->counts->delivered,
                                       .read = result->counts->read});
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::GetGroup& get) {
  const auto epoch = get.epoch == Epoch{} ? std::nullopt : std::optional(get.epoch);
  const auto result = co_await asker.node.conversations.get_group(
      asker.caller,
      {.conversation = get.conversation, .epoch = epoch, .first_node = get.first_node, .proof = get.proof});
  if (!result) co_return refused(asker, id, result.error());
  co_return encoded(id, wire::Group{.epoch = result->epoch,
                                    .head_seq = result->head,
                                    .group_info = result->group_info,
                                    .nodes = result->nodes,
                                    .next_node = result->next_node});
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::ConfirmGroup& confirm) {
  co_return ok_or_error(
      asker, id,
      co_await asker.node.conversations.confirm(asker.caller, confirm.conversation, confirm.epoch, confirm.group_info));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::GetChanges& get) {
  const auto result = co_await asker.node.conversations.changes(asker.caller, get.conversation);
  if (!result) co_return refused(asker, id, result.error());
  const Bytes grounds = result->grounds.encode();
  wire::Changes answer{.grounds = grounds, .packages = {}};
  for (const Bytes& package : result->packages) answer.packages.emplace_back(package);
  co_return encoded(id, std::move(answer));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::ArchiveAppend& append) {
  domain::NewArchiveBlock block{
      .client_id = append.client_id, .after = append.after_seq, .chain = append.chain.value, .payload = append.payload};
  if (append.payload.size() <= domain::kMaxArchivePayloadBytes) {
    // Readers come past nothing that is no block, or stands behind another one.
    const auto sealed = keys::ArchiveBlock::read(append.payload);
    if (!sealed || sealed->before != block.chain)
      co_return refused(asker, id,
                        domain::fail(domain::Errc::invalid_argument, "payload: no block of this place").error());
    block.generation = sealed->generation;
  }
  co_return appended_or_error(asker, id, co_await asker.node.archive.append(asker.caller, block));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::ReadArchive& read) {
  const auto result =
      co_await asker.node.archive.read(asker.caller, {.after = read.after_seq,
                                                      .before = read.before_seq,
                                                      .limit_bytes = std::min(read.limit_bytes, kMaxReadBytes),
                                                      .newest_first = read.newest_first});
  if (!result) co_return refused(asker, id, result.error());
  wire::ArchiveBlocks answer{.blocks = {}, .head_seq = result->head.seq, .chain = {result->head.chain}};
  answer.blocks.reserve(result->blocks.size());
  for (const auto& block : result->blocks) answer.blocks.push_back(edge::to_wire(block));
  co_return encoded(id, std::move(answer));
}

Task<Bytes> ask(Asker asker, std::uint32_t id, const wire::EraseArchive& erase) {
  co_return ok_or_error(asker, id, co_await asker.node.archive.erase(asker.caller, erase.seqs));
}

template <class T>
concept Request = requires(Asker asker, const T& body) { ask(asker, 0U, body); };

}  // namespace

bool is_request(const wire::Body& body) {
  return std::visit([]<class T>(const T&) { return Request<T>; }, body);
}

std::size_t expected_bytes(const wire::Body& body) {
  if (const auto* read = std::get_if<wire::Read>(&body)) return std::min(read->limit_bytes, kMaxReadBytes);
  if (const auto* read = std::get_if<wire::ReadMailbox>(&body)) return std::min(read->limit_bytes, kMaxReadBytes);
  if (const auto* read = std::get_if<wire::ReadArchive>(&body)) return std::min(read->limit_bytes, kMaxReadBytes);
  // Most trees are small: whoever asks for more is told more.
  if (const auto* get = std::get_if<wire::GetGroup>(&body))
    return get->first_node == 0 ? kMaxReadBytes / 4 : kMaxReadBytes;
  if (std::holds_alternative<wire::GetReceipts>(body)) return domain::kMostTold * 96;
  // As a rule few conversations have changed, and little in a group.
  if (std::holds_alternative<wire::Sync>(body) || std::holds_alternative<wire::GetChanges>(body))
    return kMaxReadBytes / 64;
  return 256;
}

namespace {

// The others have limits of their own.
bool is_paced(const wire::Body& body) {
  return !std::holds_alternative<wire::Append>(body) && !std::holds_alternative<wire::Commit>(body) &&
         !std::holds_alternative<wire::CreateDirect>(body) && !std::holds_alternative<wire::FoundGroup>(body) &&
         !std::holds_alternative<wire::MarkBroken>(body) && !std::holds_alternative<wire::RequestJoin>(body) &&
         !std::holds_alternative<wire::DeclineJoin>(body) && !std::holds_alternative<wire::Leave>(body) &&
         !std::holds_alternative<wire::ArchiveAppend>(body) && !std::holds_alternative<wire::Ping>(body);
}

// How many ordinary requests this one is worth.
double cost_of(const wire::Body& body) {
  const auto* erase = std::get_if<wire::EraseArchive>(&body);
  if (erase == nullptr) return 1;
  return 1 + (static_cast<double>(std::min(erase->seqs.size(), domain::kMaxErasedAtOnce)) / 64);
}

Task<Bytes> answer(Asker asker, const wire::Frame& frame) {
  return std::visit(
      [&]<class T>(const T& body) -> Task<Bytes> {
        if constexpr (Request<T>) {
          return ask(asker, frame.id, body);
        } else {
          check_failed("not a request", __FILE__, __LINE__);
        }
      },
      frame.body);
}

Task<Bytes> answer_at_its_pace(Asker asker, const wire::Frame& frame) {
  const auto admitted = co_await asker.node.pace.admit(asker.caller, cost_of(frame.body));
  if (!admitted) co_return refused(asker, frame.id, admitted.error());
  co_return co_await answer(asker, frame);
}

}  // namespace

Task<Bytes> respond(Asker asker, const wire::Frame& frame) {
  return is_paced(frame.body) ? answer_at_its_pace(asker, frame) : answer(asker, frame);
}

Bytes encode_error(std::uint32_t id, const domain::Error& error) { return encoded(id, edge::to_wire(error)); }

wire::Error told(Log& log, const domain::Error& error) {
  wire::Error to_client = edge::to_wire(error);
  if (to_client.code == wire::ErrorCode::internal) {
    log.error("request_failed", {{"route", "/v1/socket"}, {"detail", error.detail}});
  }
  return to_client;
}

}  // namespace kith::server::edge
