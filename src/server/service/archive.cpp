#include "server/service/archive.h"

#include <algorithm>

#include "server/service/account_rows.h"

namespace kith::server::service {
namespace {

using domain::ArchiveBlock;
using domain::ArchiveHead;
using domain::Errc;
using domain::fail;

constexpr int kRaces = 8;
constexpr std::size_t kBlocksAtOnce = 8;  // of the store: half a mebibyte at most
constexpr double kSecondsAtOnce = 10;
constexpr auto kLongestWait = std::chrono::seconds(5);

std::unexpected<domain::Error> lost_too_often() {
  return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// Which blocks a reader wants, and in which order.
class Walk {
 public:
  Walk(const ArchiveHead& head, const ArchiveService::ReadRequest& request) : newest_first_(request.newest_first) {
    // Both ends left out; nothing is behind the head.
    end_ = request.before == Seq{} ? head.seq.value + 1 : std::min(head.seq.value + 1, request.before.value);
    begin_ = std::min(request.after.value, head.seq.value) + 1;
  }
  // The next few; empty at the end.
  std::vector<Seq> next() {
    std::vector<Seq> seqs;
    while (begin_ < end_ && seqs.size() < kBlocksAtOnce) seqs.push_back({newest_first_ ? --end_ : begin_++});
    return seqs;
  }

 private:
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  bool newest_first_;
};

}  // namespace

ArchiveService::ArchiveService(Ports ports, const Limits& limits)
    : ports_(ports),
      limit_bytes_(std::uint64_t{limits.archive_mebibytes} << 20),
      appends_({limits.archive_appends_per_second, limits.archive_appends_per_second * kSecondsAtOnce}) {}

Task<Result<ArchiveService::LoadedHead>> ArchiveService::load_head(UserId user) {
  KITH_CO_TRY(auto head,
              co_await load<ArchiveHead>(ports_.store, domain::account_partition(user), domain::archive_head_row()));
  co_return head ? *std::move(head) : LoadedHead{};
}

Task<Result<Seq>> ArchiveService::head_of(UserId user) {
  KITH_CO_TRY(const auto head, co_await load_head(user));
  co_return head.value.seq;
}

Task<Result<std::vector<ArchiveBlock>>> ArchiveService::blocks_at(UserId user, std::vector<Seq> seqs) {
  std::vector<domain::RowKey> keys;
  keys.reserve(seqs.size());
  for (const Seq seq : seqs) keys.push_back(domain::archive_block_row(seq));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::account_partition(user), std::move(keys)));
  std::vector<ArchiveBlock> blocks;
  blocks.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto block = rows[i] ? domain::decode<ArchiveBlock>(rows[i]->value) : std::nullopt;
    if (!block) co_return fail(Errc::internal, "a block that is not there or cannot be read");
    block->seq = seqs[i];
    blocks.push_back(std::move(*block));
  }
  co_return blocks;
}

// False where somebody was faster. Whatever changes an archive writes its head.
Task<Result<bool>> ArchiveService::commit(domain::Transaction t, const ArchiveHead& head, domain::Version version) {
  t.expects.push_back({domain::archive_head_row(), version});
  t.writes.push_back({domain::archive_head_row(), domain::encode(head)});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  co_return std::holds_alternative<domain::Committed>(outcome);
}

Task<Result<Appended>> ArchiveService::append(domain::Caller caller, domain::NewArchiveBlock block) {
  KITH_CO_TRY_VOID(domain::check_payload(block));
  KITH_CO_TRY(const auto wait, appends_.take_ahead(as_text(caller.user.value), ports_.scheduler.now(), kLongestWait));
  if (wait.count() > 0) co_await ports_.scheduler.sleep_for(wait);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto head, co_await load_head(caller.user));
    const auto next = domain::append_block(head.value, block, limit_bytes_);
    if (!next && next.error().code == Errc::archive_moved) co_return co_await late(caller, block, next.error());
    KITH_CO_TRY_VOID(next);
    KITH_CO_TRY(const auto account, co_await load<domain::AccountRecord>(
                                        ports_.store, domain::account_partition(caller.user), account_row()));
    if (!account) co_return fail(Errc::not_found, "no such user");
    KITH_CO_TRY_VOID(domain::check_generation(block, account->value.generation));
    ArchiveBlock stored{next->seq, ports_.scheduler.now(), block.client_id, to_bytes(block.payload), {}};
    domain::Transaction t{.partition = domain::account_partition(caller.user)};
    t.expects.push_back({account_row(), account->version});
    t.writes.push_back({domain::archive_block_row(next->seq), domain::encode(stored)});
    KITH_CO_TRY(const bool is_committed, co_await commit(std::move(t), *next, head.version));
    if (!is_committed) continue;
    const Appended appended{stored.seq, stored.time, false};
    tell(caller, std::move(stored));
    co_return appended;
  }
  co_return lost_too_often();
}

Task<Result<Appended>> ArchiveService::late(domain::Caller caller, domain::NewArchiveBlock block, domain::Error why) {
  if (why.head_seq == Seq{}) co_return std::unexpected(std::move(why));
  KITH_CO_TRY(auto blocks, co_await blocks_at(caller.user, {why.head_seq}));
  auto& last = blocks.front();
  KITH_CO_TRY(const bool is_again, domain::is_repeated(last, block));
  if (!is_again) co_return std::unexpected(std::move(why));
  const Appended appended{last.seq, last.time, true};
  tell(caller, std::move(last));
  co_return appended;
}

Task<Result<ArchiveService::Blocks>> ArchiveService::read(domain::Caller caller, ReadRequest request) {
  KITH_CO_TRY(const auto head, co_await load_head(caller.user));
  Blocks answer{{}, head.value};
  Walk walk(head.value, request);
  std::size_t size = 0;
  for (auto seqs = walk.next(); !seqs.empty(); seqs = walk.next()) {
    KITH_CO_TRY(auto blocks, co_await blocks_at(caller.user, std::move(seqs)));
    for (auto& block : blocks) {
      size += block.payload.size() + domain::kArchiveBlockBytes;
      if (size > request.limit_bytes && !answer.blocks.empty()) co_return answer;
      answer.blocks.push_back(std::move(block));
    }
  }
  co_return answer;
}

Task<Result<void>> ArchiveService::erase(domain::Caller caller, std::vector<Seq> seqs) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto head, co_await load_head(caller.user));
    KITH_CO_TRY(const auto named, domain::blocks_to_erase(head.value, seqs));
    domain::Transaction t{.partition = domain::account_partition(caller.user)};
    KITH_CO_TRY(auto erased, co_await stage_erasure(caller.user, named, head.value, t));
    if (!t.writes.empty()) {
      KITH_CO_TRY(const bool is_committed, co_await commit(std::move(t), head.value, head.version));
      if (!is_committed) continue;
    }
    // Told also when nothing changed: whoever repeats itself may have been unheard.
    for (auto& block : erased) tell(caller, std::move(block));
    co_return Result<void>{};
  }
  co_return lost_too_often();
}

// Payloads are there a few at a time.
Task<Result<std::vector<ArchiveBlock>>> ArchiveService::stage_erasure(UserId user, const std::vector<Seq>& seqs,
                                                                      ArchiveHead& head, domain::Transaction& t) {
  std::vector<ArchiveBlock> erased;
  erased.reserve(seqs.size());
  for (std::size_t i = 0; i < seqs.size(); i += kBlocksAtOnce) {
    const auto end = std::min(seqs.size(), i + kBlocksAtOnce);
    KITH_CO_TRY(auto blocks, co_await blocks_at(user, {seqs.data() + i, seqs.data() + end}));
    for (auto& block : blocks) {
      if (domain::erase_block(head, block))
        t.writes.push_back({domain::archive_block_row(block.seq), domain::encode(block)});
      erased.push_back(std::move(block));
    }
  }
  co_return erased;
}

void ArchiveService::tell(const domain::Caller& by, ArchiveBlock block) {
  if (block.payload.size() > kMaxHintedBytes) block.payload = {};
  ports_.bus.publish(by.user, {.frame = ports_.hints.archive(block), .except = by.device});
}

}  // namespace kith::server::service
