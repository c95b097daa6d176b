// The account's archive as this device knows it: where it ends, what of it was read, and what that was worth.
//
// It is read forwards from what is known, and on a new device also backwards, the newest first, in pages. A page is
// verified, and then applied in one input together with the place that it leads to: a crash anywhere reads it again and
// changes nothing. Each block names the chain before it, so what is behind vouches for what is before; the end is this
// device's own knowledge, or that of the device that linked it.
//
// The attacker is the server. It can withhold, shorten, swap and repeat blocks; the first two are told by the end that
// is known here (`archive_truncated`), the others by chain, key and place (`archive_forged`). Nothing of such a page is
// taken, and nothing more is read or written on this connection. What it can do unseen is to say that a block was
// erased, and to keep from a device that was away what was appended meanwhile. Another one is a device of the account
// that was stolen: what it appends is the account's until it is revoked. A block of its that makes no sense is left out
// (`archive_unreadable`) and stops nothing; the key of a generation that is still to come it cannot tell.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "client/core/archive_keys.h"
#include "client/core/archive_record.h"
#include "client/core/archive_writer.h"
#include "client/core/commands.h"
#include "client/core/recollection.h"
#include "keys/handed_generation.h"
#include "wire/frame.h"

namespace kith::client {

class Archive {
 public:
  static constexpr std::uint32_t kPageBytes = 256 * 1024;

  explicit Archive(Machine& machine) : keys(machine), writer(machine), recollection(machine), machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // Shows the setting, and how far reading is where it is not done.
  void start();

  // ---- a new device ----

  // Where the archive ends, says the device that links this one; nothing of it is read yet.
  void adopt(const HistoryId& history, const ArchivePlace& end);
  // The server's word is taken for it, but for what another device knew once: no less is there.
  void meet(const keys::ArchiveEnd& known);
  // Of the generations behind this one, up to the present one, nobody tells the keys: somebody else began them.
  void goes_on_behind(std::uint32_t generation);
  void forget();

  // ---- what the server says ----

  void asking_sync() { floor_ = record_.head.seq; }
  void told(Seq head);
  void hinted(const wire::ArchiveBlock& block);
  void disconnected();
  // Called at the end of every input.
  void advance();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

  // ---- for its parts ----

  [[nodiscard]] const ArchiveRecord& record() const { return record_; }
  // All that the server has is read, and may be gone on from.
  [[nodiscard]] bool is_read() const;
  // As far as this device knows it, for whoever comes by this generation of the account, with a key of before.
  [[nodiscard]] keys::ArchiveEnd end_for(std::uint32_t generation);
  // A generation of before, whose blocks nobody can read any more.
  [[nodiscard]] bool is_lost(std::uint32_t generation) { return is_lost(generation, record_.former); }
  // This device's own block is the next one.
  void appended(Seq seq, ByteView payload, const wire::ArchiveContent& content, std::uint32_t generation);
  // Somebody was first.
  void moved(Seq head);
  void erased_up_to(Seq seq);
  void recall(const wire::ArchivedAccount& settings);
  // So far ahead is no clock: whoever says so would have the last word for good.
  [[nodiscard]] bool is_of_the_future(std::int64_t at_ms) const;
  void set_on(bool is_on);
  void news_since(std::int64_t wall_ms);
  void pause(std::uint32_t retry_after_ms);

  ArchiveKeys keys;
  ArchiveWriter writer;
  Recollection recollection;

 private:
  struct Page {
    std::vector<wire::ArchiveContent> contents{};
    ArchivePlace to{};
    std::optional<std::uint32_t> generation{};  // of the newest of them
    std::optional<std::uint32_t> oldest{};      // of the oldest, where it is read backwards
    std::optional<std::uint32_t> former{};      // as in the record
    bool is_unreadable = false;                 // what follows is for a key that this device is still to get
    bool has_gaps = false;                      // for a key that a later block may tell
    bool has_junk = false;                      // a block in its place that does not hold what it should
    Seq erase_to{};                             // as in the record

    void take(Seq seq, std::optional<wire::ArchiveContent> content);
  };
  enum class Fault : std::uint8_t { none, forged, withheld };

  void store();
  void show() const;
  void show_progress(const std::vector<ConversationId>& changed) const;
  void read_forwards();
  void forwards(Seq floor, const wire::Body& body);
  void taken(const Page& page);
  // Blocks up to here are not wanted, whoever said so: all that is not a message is written once more, and they go.
  void was_turned_off(Seq up_to);
  void take_forwards(const std::vector<wire::ArchiveBlock>& blocks, Page page);
  void read_backwards();
  void backwards(const wire::Body& body);
  void met(const wire::Body& body);
  // A page's next block, where it follows.
  [[nodiscard]] bool follow(Page& page, const wire::ArchiveBlock& block);
  [[nodiscard]] bool go_back(Page& page, const wire::ArchiveBlock& block);
  [[nodiscard]] bool is_lost(std::uint32_t generation, std::optional<std::uint32_t> former);
  [[nodiscard]] std::optional<wire::ArchiveContent> opened(const wire::ArchiveBlock& block, std::uint32_t generation);
  // The chain up to this place with the blocks of `run_` behind it; nullopt where it is not the one that was promised.
  [[nodiscard]] std::optional<keys::ArchiveChain> chain_behind(ArchivePlace place) const;
  // Not what this device knows: an archive of a server that was restored, or a lie.
  void differs(const char* code, const char* message);
  void begin_anew();
  [[nodiscard]] bool is_refused(const wire::Body& body);

  Machine& machine_;
  ArchiveRecord record_;
  std::optional<Seq> server_head_{};              // on this connection
  Seq floor_{};                                   // what was known when it was asked
  std::vector<wire::Hash> run_{};                 // erased blocks that end at `below`, the newest first
  bool busy_ = false;                             // a page is on its way, or being applied
  bool stuck_ = false;                            // until the next connection
  bool must_look_ = false;                        // where the end is known, whether the chain is
  std::uint32_t awaits_ = 0;                      // a generation whose key this device is still to get
  std::optional<std::uint32_t> awaits_former_{};  // one of before, whose key a block that is still to come tells
  std::int64_t pause_until_ = 0;                  // on Machine::clock_ms
};

}  // namespace kith::client
