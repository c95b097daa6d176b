// Asking the server what changed: on connecting, two seconds later, every few minutes, and when it says that hints were
// lost.
//
// The token is stored in the batch that stores what it told, so that nothing told is ever forgotten; while something
// that it told is not entered (arrivals.h) the one of before stays stored, and the next life is told again. A server
// with another history (restored from a backup) is asked for everything; what is here is kept, and each chat finds out
// where its places are then (junction.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "client/core/record.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

class Sync {
 public:
  explicit Sync(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  void connected();
  void disconnected();
  void wanted();
  // Of all that was told there is a chat.
  void arrived();
  void tick();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;
  // The application is looked at or not: how often one asks. Whoever begins to look is not to wait for what a lost hint
  // would have told.
  void set_active(bool active);

  [[nodiscard]] Seq mailbox() const { return record_.mailbox; }
  void mailbox_processed(Seq up_to);
  // The server's history as another device of the account met it.
  void adopt(const HistoryId& history);
  // The server's, as last met.
  [[nodiscard]] HistoryId history() const { return record_.history.value_or(HistoryId{}); }
  [[nodiscard]] bool was_restored() const { return !record_.earlier.empty(); }
  // Whether this device itself has met this history of the server.
  [[nodiscard]] bool was_in(const HistoryId& history) const {
    return std::ranges::find(record_.earlier, history) != record_.earlier.end();
  }

 private:
  void ask();
  void told(const wire::SyncOk& answer);
  void meet_history(const HistoryId& history);
  void store();

  Machine& machine_;
  SyncRecord record_;
  Bytes stored_token_{};
  bool asking_ = false;
  bool again_ = false;     // wanted while one is under way
  bool complete_ = false;  // on this connection
  bool active_ = true;
  std::int64_t next_at_ = 0;
};

}  // namespace kith::client
