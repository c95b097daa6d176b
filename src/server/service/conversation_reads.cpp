// What devices ask to catch up: logs, sync, mailbox.
#include "server/domain/record_codec.h"
#include "server/service/conversations.h"
#include "server/service/rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;

constexpr std::size_t kHeadsAtOnce = 500;
constexpr std::size_t kCursorsAtOnce = 4096;       // in one answer, at least those of one head
constexpr std::size_t kMaxReadBytes = 512 * 1024;  // of bodies in one answer: a frame holds 1 MiB
constexpr std::uint8_t kTokenVersion = 1;

Bytes token_of(const HistoryId& history, domain::ChangeNumber change) {
  return domain::RecordWriter(kTokenVersion).raw(history.view()).u64(change).take();
}

// Everything, where the token is not one of this history.
domain::ChangeNumber since_of(ByteView token, const HistoryId& history) {
  domain::RecordReader r(token, kTokenVersion);
  const auto named = r.id<HistoryId>();
  const auto change = r.u64();
  return r.done() && named == history ? change : 0;
}

}  // namespace

Result<EntriesRead> ConversationService::entries_of(domain::LogSlice slice) {
  EntriesRead result{std::move(slice.records), {}, slice.head};
  result.entries.reserve(result.records.size());
  for (const auto& record : result.records) {
    const auto entry = domain::entry_of(record);
    if (!entry) return fail(Errc::internal, "an entry that cannot be read");
    result.entries.push_back(*entry);
  }
  return result;
}

Task<Result<EntriesRead>> ConversationService::read(domain::Caller caller, ConversationId conversation, Seq after,
                                                    std::size_t limit_bytes) {
  const std::size_t limit = std::min(limit_bytes, kMaxReadBytes);
  KITH_CO_TRY(const State known, co_await known_state(conversation));
  // What never changes may be as old as it likes; who is in a group is asked for each time.
  if (known && known->group.kind == domain::ConversationKind::group)
    co_return co_await read_group(caller.user, conversation, after, limit);
  KITH_CO_TRY_VOID(co_await member_state(caller, conversation));
  KITH_CO_TRY(auto slice, co_await ports_.store.read(domain::partition_of(conversation), {}, after, limit));
  co_return entries_of(std::move(slice));
}

Task<Result<SyncResult>> ConversationService::sync(domain::Caller caller, Bytes token) {
  SyncResult result;
  result.history_id = ports_.store.history_id();
  KITH_CO_TRY(const auto changed,
              co_await ports_.store.heads_changed(caller.user, since_of(token, result.history_id), kHeadsAtOnce));
  // Up to where this answer tells everything.
  domain::ChangeNumber upto = since_of(token, result.history_id);
  std::size_t cursors_told = 0;
  bool more = false;
  for (const auto& head : changed.heads) {
    KITH_CO_TRY(State state, co_await member_state_or_none(caller, head.conversation));
    // Membership rows follow the log: one may be a moment old.
    if (!state) continue;
    KITH_CO_TRY(auto cursors, co_await cursors_of(caller, state));
    if (!state) continue;
    cursors_told += cursors.size();
    if (cursors_told > kCursorsAtOnce && !result.heads.empty()) {
      more = true;
      break;
    }
    result.heads.push_back({head.conversation, head.head, state->group.epoch, std::move(cursors)});
    upto = head.change;
  }
  KITH_CO_TRY(const auto mailbox, co_await ports_.store.read(domain::account_partition(caller.user),
                                                             domain::mailbox_of(caller.device), domain::kEndOfLog, 0));
  result.mailbox_head = mailbox.head;
  result.token = token_of(result.history_id, more ? upto : changed.upto);
  result.more = more || changed.more;
  co_return result;
}

Task<Result<ConversationService::State>> ConversationService::member_state_or_none(domain::Caller caller,
                                                                                   ConversationId conversation) {
  auto state = co_await member_state(caller, conversation);
  if (!state && state.error().code == Errc::not_member) co_return State{};
  co_return state;
}

Task<Result<MailsRead>> ConversationService::read_mailbox(domain::Caller caller, Seq after, std::size_t limit_bytes) {
  KITH_CO_TRY(auto slice,
              co_await ports_.store.read(domain::account_partition(caller.user), domain::mailbox_of(caller.device),
                                         after, std::min(limit_bytes, kMaxReadBytes)));
  MailsRead result{std::move(slice.records), {}, slice.head};
  for (const auto& record : result.records) {
    const auto mail = domain::mail_of(record);
    if (!mail) co_return fail(Errc::internal, "mail that cannot be read");
    result.mails.push_back(*mail);
  }
  co_return result;
}

Task<Result<void>> ConversationService::trim_mailbox(domain::Caller caller, Seq upto) {
  const auto partition = domain::account_partition(caller.user);
  const auto mailbox = domain::mailbox_of(caller.device);
  KITH_CO_TRY(const auto slice, co_await ports_.store.read(partition, mailbox, domain::kEndOfLog, 0));
  if (upto > slice.head) co_return fail(Errc::invalid_argument, "behind the end of the mailbox");
  co_return co_await ports_.store.trim(partition, mailbox, upto);
}

}  // namespace kith::server::service
