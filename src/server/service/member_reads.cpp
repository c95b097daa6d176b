// A group's log as one of its users may read it: the epochs in which the user was in, and nothing before or after.
#include <algorithm>

#include "server/domain/records.h"
#include "server/service/conversations.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;

std::unexpected<domain::Error> trimmed(Seq first) {
  auto error = fail(Errc::trimmed);
  error.error().first_seq = first;
  return error;
}

}  // namespace

Task<Result<std::optional<domain::MemberSpan>>> ConversationService::span_of(ConversationId conversation, UserId user) {
  KITH_CO_TRY(const auto spans, co_await spans_of(conversation, {user}));
  co_return spans.empty() ? std::nullopt : std::optional(spans.begin()->second);
}

// The log's entries are in the order of their epochs, so that O(log n) of them are read. One past the end where no
// entry is of this epoch or a later one.
Task<Result<Seq>> ConversationService::first_of_epoch(ConversationId conversation, Epoch epoch) {
  KITH_CO_TRY(const Seq head, co_await head_of(conversation));
  Seq low{1};
  Seq high = head.next();
  while (low < high) {
    const Seq middle{low.value + (high.value - low.value) / 2};
    const auto slice = co_await ports_.store.read(domain::partition_of(conversation), {}, Seq{middle.value - 1}, 1);
    if (!slice && slice.error().code == Errc::trimmed) {
      low = std::min(std::max(slice.error().first_seq, middle.next()), high);
      continue;
    }
    if (!slice) co_return std::unexpected(slice.error());
    const auto entry = slice->records.empty() ? std::nullopt : domain::entry_of(slice->records.front());
    if (!entry) co_return fail(Errc::internal, "an entry that cannot be read");
    if (entry->epoch < epoch) {
      low = middle.next();
    } else {
      high = middle;
    }
  }
  co_return low;
}

Task<Result<EntriesRead>> ConversationService::read_group(UserId user, ConversationId conversation, Seq after,
                                                          std::size_t limit_bytes) {
  auto slice = co_await ports_.store.read(domain::partition_of(conversation), {}, after, limit_bytes);
  // Read after the log: who is in by now was in when that was written.
  KITH_CO_TRY(const auto span, co_await span_of(conversation, user));
  if (!span) co_return fail(Errc::not_member);
  const bool is_trimmed = !slice && slice.error().code == Errc::trimmed;
  if (!slice && !is_trimmed) co_return std::unexpected(std::move(slice).error());
  KITH_CO_TRY(auto result, entries_of(is_trimmed ? domain::LogSlice{} : *std::move(slice)));
  Epoch last = span->last;
  if (is_trimmed || (!result.entries.empty() && result.entries.front().epoch < span->first)) {
    const auto holds = [&](const auto& former) {
      const Epoch next = result.entries.empty() ? Epoch{} : result.entries.front().epoch;
      return former.first <= next && next <= former.second;
    };
    const auto former = std::ranges::find_if(span->former, holds);
    if (is_trimmed || former == span->former.end()) {
      KITH_CO_TRY(const Seq first, co_await first_of_epoch(conversation, span->first));
      co_return trimmed(first);
    }
    last = former->second;
  }
  if (last == Epoch{}) co_return result;
  KITH_CO_TRY(const Seq beyond, co_await first_of_epoch(conversation, last.next()));
  std::erase_if(result.entries, [&](const domain::Entry& entry) { return entry.seq >= beyond; });
  // What ended the user's time may be behind what was read here.
  result.head = std::min(result.head, Seq{beyond.value - 1});
  co_return result;
}

}  // namespace kith::server::service
