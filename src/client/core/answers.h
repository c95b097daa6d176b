// Messages that answer others. What an answer shows of the original is what this device has stored of it, where it has:
// whoever answers cannot put words into another's mouth. Only without the original is it the excerpt that came along.
//
// The store is asked for originals and answers later. What waits for it, and all that comes behind, takes its turn, so
// that messages are written and shown in their order.
#pragma once

#include <functional>
#include <vector>

#include "client/core/in_turn.h"
#include "client/core/json.h"
#include "client/core/record.h"

namespace kith::client {

class Chat;

class Answers {
 public:
  using Found = std::function<void(const MessageRecord*)>;

  explicit Answers(Chat& chat) : chat_(chat) {}

  // The message of the log by its name, from the newest back; null where there is none.
  void find(const ClientId& id, const Found& found) const;
  // What a message answers, as it is stored here; null where it is not.
  void original(const wire::ReplyTo& reply, const Found& found) const;
  // How each of them is shown, in the same order.
  void list(std::vector<MessageRecord> messages, const std::function<void(std::vector<Json>)>& then);
  // The event of one that was just stored.
  void show(MessageRecord message, bool is_new, bool alert);
  // Whatever writes a message.
  void write(InTurn::Step step) { writing_.add(std::move(step)); }

 private:
  void at(Seq place, const ClientId& name, const Found& found) const;
  void find_before(const ClientId& id, const Bytes& end, const Found& found) const;

  Chat& chat_;
  InTurn writing_;
  InTurn showing_;
};

}  // namespace kith::client
