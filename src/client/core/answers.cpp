#include "client/core/answers.h"

#include <memory>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::uint32_t kPage = 256;
}

void Answers::find(const ClientId& id, const Found& found) const {
  find_before(id, row_key::message(chat_.id(), chat_.record().order_base + chat_.record().position.value + 1), found);
}

void Answers::find_before(const ClientId& id, const Bytes& end, const Found& found) const {
  chat_.machine().load(row_key::message(chat_.id(), 0), end, kPage, true,
                       [this, id, found](const std::vector<Row>& rows) {
                         for (const Row& row : rows) {
                           const auto message = mls::decoded<MessageRecord>(row.value);
                           if (message && message->id == id && !message->is_line()) return found(&*message);
                         }
                         if (rows.size() < kPage) return found(nullptr);
                         find_before(id, rows.back().key, found);
                       });
}

// Of this name at this place, first or again.
void Answers::at(Seq place, const ClientId& name, const Found& found) const {
  if (place > chat_.record().position) return found(nullptr);
  const std::uint64_t order = chat_.record().order_base + place.value;
  chat_.machine().load(row_key::message(chat_.id(), order), row_key::message(chat_.id(), order + 1), 1, false,
                       [name, found](const std::vector<Row>& rows) {
                         if (rows.empty()) return found(nullptr);
                         const auto message = mls::decoded<MessageRecord>(rows.front().value);
                         const bool is_it = message && !message->is_line() &&
                                            name == (message->is_again ? message->first_id : message->id);
                         found(is_it ? &*message : nullptr);
                       });
}

void Answers::original(const wire::ReplyTo& reply, const Found& found) const {
  if (reply.seq > chat_.record().position) return found(nullptr);
  at(reply.seq, reply.client_id, [this, reply, found](const MessageRecord* message) {
    if (message != nullptr) return found(message);
    const std::uint64_t order = chat_.record().order_base + reply.seq.value;
    chat_.machine().load(row_key::again(chat_.id(), order), row_key::again(chat_.id(), order + 1), 1, false,
                         [this, reply, found](const std::vector<Row>& rows) {
                           if (rows.empty()) return found(nullptr);
                           const auto again = mls::decoded<AgainRecord>(rows.front().value);
                           if (!again) return found(nullptr);
                           at(again->seq, reply.client_id, found);
                         });
  });
}

void Answers::list(std::vector<MessageRecord> messages, const std::function<void(std::vector<Json>)>& then) {
  struct Listing {
    std::vector<Json> shown;
    std::size_t awaited = 1;  // this function itself
  };
  const auto listing = std::make_shared<Listing>();
  const auto one_less = [listing, then] {
    if (--listing->awaited == 0) then(std::move(listing->shown));
  };
  listing->shown.resize(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    MessageRecord& message = messages[i];
    if (!message.reply) {
      listing->shown[i] = chat_.json(message);
      continue;
    }
    ++listing->awaited;
    const wire::ReplyTo reply = *message.reply;
    original(reply, [this, listing, one_less, i, message = std::move(message)](const MessageRecord* original) {
      listing->shown[i] = chat_.json(message, original);
      one_less();
    });
  }
  one_less();
}

void Answers::show(MessageRecord message, bool is_new, bool alert) {
  showing_.add([this, message = std::move(message), is_new, alert](const std::function<void()>& over) {
    if (!message.reply) {
      chat_.show_message(chat_.json(message), is_new, alert);
      return over();
    }
    original(*message.reply, [this, message, is_new, alert, over](const MessageRecord* original) {
      chat_.show_message(chat_.json(message, original), is_new, alert);
      over();
    });
  });
}

}  // namespace kith::client
