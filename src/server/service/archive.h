// The account's archive: append, read, erase. What it holds only the account's devices can read.
//
// The attacker has a device of an account, and fills, reads and erases as fast as it is let: nothing reaches another
// account, what is stored is bounded for each account, and no request holds more than some blocks in memory at once.
//
// Payload views must live until the task has finished.
#pragma once

#include "server/domain/archive.h"
#include "server/domain/token_bucket.h"
#include "server/service/conversation_requests.h"
#include "server/service/ports.h"
#include "server/service/rows.h"

namespace kith::server::service {

class ArchiveService {
 public:
  // What is larger is not hinted with its payload: a socket holds 64 KiB of hints.
  static constexpr std::size_t kMaxHintedBytes = std::size_t{16} * 1024;

  ArchiveService(Ports ports, const Limits& limits);

  struct ReadRequest {
    Seq after{};
    Seq before{};  // 0: no end
    std::size_t limit_bytes = 0;
    bool newest_first = false;
  };
  struct Blocks {
    std::vector<domain::ArchiveBlock> blocks;
    domain::ArchiveHead head;
  };

  // Behind the block that the device knows as the last. The last block again is answered as the first time, and its
  // hint published again. Errors: invalid_argument, too_large, archive_moved (with head_seq), archive_full,
  // stale_generation, client_id_reused, rate_limited, overloaded.
  Task<Result<Appended>> append(domain::Caller caller, domain::NewArchiveBlock block);
  // Blocks between `after` and `before`, as many as take up `limit_bytes` with what they count beside their payloads,
  // and at least one where there is one.
  Task<Result<Blocks>> read(domain::Caller caller, ReadRequest request);
  // All of them or none; what was erased stays so. Errors: invalid_argument, not_found, overloaded.
  Task<Result<void>> erase(domain::Caller caller, std::vector<Seq> seqs);
  Task<Result<Seq>> head_of(UserId user);

 private:
  using LoadedHead = Loaded<domain::ArchiveHead>;
  Task<Result<LoadedHead>> load_head(UserId user);
  Task<Result<std::vector<domain::ArchiveBlock>>> blocks_at(UserId user, std::vector<Seq> seqs);
  // The archive has moved on, perhaps by this very block: then its first answer.
  Task<Result<Appended>> late(domain::Caller caller, domain::NewArchiveBlock block, domain::Error why);
  // Erases these in the transaction.
  Task<Result<std::vector<domain::ArchiveBlock>>> stage_erasure(UserId user, const std::vector<Seq>& seqs,
                                                                domain::ArchiveHead& head, domain::Transaction& t);
  Task<Result<bool>> commit(domain::Transaction t, const domain::ArchiveHead& head, domain::Version version);
  void tell(const domain::Caller& by, domain::ArchiveBlock block);

  Ports ports_;
  std::uint64_t limit_bytes_;
  domain::TokenBuckets appends_;
};

}  // namespace kith::server::service
