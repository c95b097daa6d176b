// The log of one conversation as it is read: strictly in order, without a gap, each entry once.
//
// Hints, answers and reads offer entries in any order; what is ahead waits (bounded), what was applied is ignored, and
// a gap that does not close by itself is read. The running hash binds what was read: it goes into every message's
// authenticated data, and others' are compared with it, so that an entry left out, moved, changed or shown to some
// members only is noticed.
//
// Some entries no server shows that keeps to the protocol, whatever members do: one of another epoch than the group is
// in at its place, one not of the kind that it is said to be, or a commit that no member signed. Such an entry is no
// reason to go on without it: the place stays open and is asked for again, since behind a commit that was missed
// nothing could be read any more. A server that stays with it has another log than this device, which rejoins then.
// What the server answers to an entry of this device's own is its word alone: the log decides where it stands.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/core/log_entry.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Log {
 public:
  static constexpr std::size_t kMaxAhead = 256;
  static constexpr std::size_t kMaxAheadBytes = 512 * 1024;
  static constexpr std::size_t kKeptHashes = 1024;

  explicit Log(Chat& chat) : chat_(chat) {}

  void hinted(const wire::Entry& entry);
  // An entry of our own that the server says it has; the log may say another place.
  void acked(LogEntry entry);
  // The log reaches to here, says the server.
  void head_is(Seq head);
  // Something is missing that no head speaks of: read before anything is sent. `head` may be 0.
  void read_now(Seq head);
  // Likewise: the commit that ended this epoch, says the server, without which nothing can be sent.
  void read_commit(Seq head, Epoch ended);
  [[nodiscard]] bool must_read() const { return must_read_; }
  [[nodiscard]] bool has_work() const;
  // A read is on its way.
  [[nodiscard]] bool is_reading() const { return reading_; }
  // What is here already of what comes behind this place.
  [[nodiscard]] std::vector<LogEntry> read_behind(Seq place) const;
  // Applies what is next, reads what is missing.
  void advance();
  void disconnected();
  // The server has another history, in which the log ends here: what it said of more is void.
  void ends_at(Seq head);
  // Reading begins behind `position`: after joining. `step`: what the entry there does to the chain, where it begins
  // with it.
  void begin_at(Seq position, const std::optional<Bytes>& step);
  // The entry that is being applied let somebody in from outside, who cannot know the chain: it begins anew with this
  // entry, for everybody alike. What was before it was compared while it was new.
  void chain_begins_here() { chain_begins_ = true; }

  enum class Agreement : std::uint8_t { agrees, unknown, forked };
  // Compares with what a sender saw before it sent the entry that comes next.
  Agreement compare(Seq seen, const keys::LogHash& hash);

 private:
  struct Ahead {
    LogEntry entry;
    bool is_word = false;  // of an answer, not of the log
  };
  void apply(const LogEntry& entry);
  void keep(LogEntry entry, bool replace, bool is_word = false);
  void drop(std::map<Seq, Ahead>::iterator ahead);
  void drop_all();
  // The next entry is none that can stand there.
  void distrust(const std::string& why);
  void read();
  void read_answered(Seq after, const wire::Body& body);
  void take(Seq after, const wire::Entries& entries);
  void refused(const wire::Error& error);
  void anchor(Seq at, const keys::LogHash& hash);

  Chat& chat_;
  std::map<Seq, Ahead> ahead_;
  std::size_t ahead_bytes_ = 0;
  std::deque<std::pair<Seq, keys::LogHash>> hashes_;  // before the current one
  std::deque<std::pair<Seq, Bytes>> steps_;           // up to the position, while the hash is not known
  bool chain_begins_ = false;
  bool reading_ = false;
  Seq claimed_;  // the head, as it was told when the read began that is under way
  bool must_read_ = false;
  bool expects_commit_ = false;
  bool warned_not_member_ = false;
  bool was_told_trimmed_ = false;  // by the last answer to a read
  std::int64_t gap_since_ = 0;     // on Machine::clock_ms; 0: no gap
  std::int64_t pause_until_ = 0;
  std::uint32_t lies_ = 0;  // how often the next entry was one that cannot stand there
};

}  // namespace kith::client
