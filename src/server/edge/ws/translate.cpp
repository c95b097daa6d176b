#include "server/edge/ws/translate.h"

#include "ws/frame.h"

namespace kith::server::edge {

namespace {

wire::ErrorCode code_of(domain::Errc code) {
  using domain::Errc;
  using wire::ErrorCode;
  switch (code) {
    case Errc::invalid_argument:
      return ErrorCode::invalid_argument;
    case Errc::too_large:
      return ErrorCode::too_large;
    case Errc::unauthenticated:
      return ErrorCode::unauthenticated;
    case Errc::not_found:
      return ErrorCode::not_found;
    case Errc::not_member:
      return ErrorCode::not_member;
    case Errc::stale_epoch:
      return ErrorCode::stale_epoch;
    case Errc::commit_first:
      return ErrorCode::commit_first;
    case Errc::conversation_exists:
      return ErrorCode::conversation_exists;
    case Errc::invalid_commit:
      return ErrorCode::invalid_commit;
    case Errc::client_id_reused:
      return ErrorCode::client_id_reused;
    case Errc::rate_limited:
      return ErrorCode::rate_limited;
    case Errc::overloaded:
      return ErrorCode::overloaded;
    case Errc::trimmed:
      return ErrorCode::trimmed;
    case Errc::not_allowed:
      return ErrorCode::not_allowed;
    case Errc::group_full:
      return ErrorCode::group_full;
    case Errc::last_owner:
      return ErrorCode::last_owner;
    case Errc::invite_revoked:
      return ErrorCode::invite_revoked;
    case Errc::invite_expired:
      return ErrorCode::invite_expired;
    case Errc::invite_used_up:
      return ErrorCode::invite_used_up;
    case Errc::archive_moved:
      return ErrorCode::archive_moved;
    case Errc::archive_full:
      return ErrorCode::archive_full;
    case Errc::stale_generation:
      return ErrorCode::stale_generation;
    default:
      return ErrorCode::internal;  // none of the others is an answer to a frame
  }
}

}  // namespace

wire::Entry to_wire(const domain::Entry& entry) {
  return {.seq = entry.seq,
          .time_ms = entry.time.value,
          .sender_user = entry.sender.user,
          .sender_device = entry.sender.device,
          .client_id = entry.client_id,
          .kind = static_cast<wire::EntryKind>(entry.kind),
          .epoch = entry.epoch,
          .payload = entry.payload};
}

wire::Mail to_wire(const domain::Mail& mail) {
  return {.seq = mail.seq,
          .time_ms = mail.time.value,
          .kind = static_cast<wire::MailKind>(mail.kind),
          .conversation = mail.conversation,
          .conversation_seq = mail.conversation_seq,
          .sender_user = mail.sender,
          .payload = mail.payload};
}

wire::Cursor to_wire(const domain::UserCursor& cursor) {
  return {.user = cursor.user, .delivered = cursor.position.delivered, .read = cursor.position.read};
}

std::vector<wire::Cursor> to_wire(const std::vector<domain::UserCursor>& cursors) {
  std::vector<wire::Cursor> all;
  all.reserve(cursors.size());
  for (const auto& cursor : cursors) all.push_back(to_wire(cursor));
  return all;
}

wire::ArchiveBlock to_wire(const domain::ArchiveBlock& block) {
  wire::ArchiveBlock to{.seq = block.seq, .time_ms = block.time.value, .payload = block.payload};
  if (block.erased) to.erased = wire::Hash{*block.erased};
  return to;
}

wire::Error to_wire(const domain::Error& error) {
  const wire::ErrorCode code = code_of(error.code);
  return {.code = code,
          .detail = code == wire::ErrorCode::internal ? std::string("the server failed") : error.detail,
          .retry_after_ms = error.retry_after_ms,
          .epoch = error.epoch,
          .head_seq = error.head_seq,
          .first_seq = error.first_seq};
}

domain::SharedBytes shared_message(const wire::Frame& frame) {
  const Bytes payload = wire::encode(frame);
  const kith::ws::FrameHeader header(kith::ws::Opcode::binary, payload.size());
  auto message = std::make_shared<Bytes>();
  message->reserve(header.view().size() + payload.size());
  append(*message, header.view());
  append(*message, payload);
  return message;
}

}  // namespace kith::server::edge
