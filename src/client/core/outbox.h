// The messages of one conversation that are not in its log yet, in the order in which they were written.
//
// A message is encrypted when it is about to leave, and its bytes are stored before they do. Without an answer the same
// bytes leave again, so that the server, which knows the client id, answers as it did the first time. Only a definite
// "stale_epoch" has it encrypted anew. It is sent once the log, read in order, has reached it: an answer alone moves
// nothing, but where it speaks of a gap that this device has. Of a place that was read without it the log is asked once
// more. The end of an answer leaves when all before it is in the log.
#pragma once

#include <deque>
#include <string>

#include "client/core/log_entry.h"
#include "client/core/record.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Outbox {
 public:
  // Appends of one conversation that are unanswered, or answered and not yet met in the log.
  static constexpr std::size_t kWindow = 64;
  static constexpr std::size_t kMaxFormer = 16;  // of one message, the first and the newest

  explicit Outbox(Chat& chat) : chat_(chat) {}

  // From the conversation's rows, in order.
  [[nodiscard]] bool restore(ByteView record);
  // The last of those that are shown, or null.
  [[nodiscard]] const OutgoingRecord* newest() const;
  // All of them, for lists.
  [[nodiscard]] std::vector<const OutgoingRecord*> all() const;
  // Whether one of this kind is still to leave.
  [[nodiscard]] bool has(OutgoingKind kind) const;

  // Its text (and what belongs to it) or range, kind and, unless it is now, sent_ms; the rest is made here.
  const OutgoingRecord& add(OutgoingRecord draft);
  // False where there is no such failed message.
  [[nodiscard]] bool retry(const ClientId& id);
  // Marks every message that has not failed yet.
  void fail_all(const std::string& error, const std::string& message);
  // Sends what can be sent now.
  void advance();
  void disconnected();
  // The log ends here: an answer that spoke of a place behind it was wrong.
  void log_ends_at(Seq head);
  // The server has another history, in which nothing of this has left.
  void begins_anew();

  // Another device of the account has met this message in the log, or this one is an old copy of the one that sent it.
  void was_archived(const ClientId& id);
  // The log was not read up to its position, or is read no further: of what is there the archive may have some.
  void drop_archived();

  // An entry of this device's own has been reached in the log. True: it is what left from here, and the message is out.
  [[nodiscard]] bool reached(const LogEntry& entry, OutgoingRecord& message);
  // The server tells of an entry in a gap: it is a message that waits here, where an old copy of this device had it
  // too.
  void is_in_gap(const LogEntry& entry);
  // The log has something under this name that no state of this device has sent. False where nothing left under it.
  bool was_altered(const ClientId& id);

 private:
  struct Item {
    OutgoingRecord record{};
    enum class State : std::uint8_t { waiting, in_flight, answered } state = State::waiting;
    Seq seq{};               // answered: where the server says it is
    std::uint32_t lies = 0;  // answers that the log did not bear out
    bool given_up = false;   // its row is gone; it goes with the next turn
    [[nodiscard]] bool failed() const { return given_up || !record.failure.empty(); }
  };

  Item* find(const ClientId& id);
  void store(const Item& item);
  bool seal(Item& item);
  // Other bytes are to leave under its name, should it leave again.
  void pause(const wire::Error& error);
  static void unseal(OutgoingRecord& record);
  static bool has_left_as(const OutgoingRecord& record, ByteView payload);
  void transmit(Item& item);
  void answered(const ClientId& id, const wire::Body& body);
  // This device came back from outside behind this place, and does not have it: it may hold what it sent before.
  [[nodiscard]] bool was_away_at(const Item& item, Seq place) const;
  void put_back(const LogEntry& entry);
  // The log was told without it, and an answer says that it stands there: the log is asked once more.
  void look_at(Item& item, Seq place);
  void looked_at(const ClientId& id, Seq place, const wire::Body& body);
  void refused(Item& item, const wire::Error& error);
  void fail(Item& item, const std::string& error, const std::string& message);
  void give_up(Item& item);

  Chat& chat_;
  std::deque<Item> items_;
  std::int64_t pause_until_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
