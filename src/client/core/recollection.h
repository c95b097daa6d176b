// What blocks of the archive mean here: messages into the rows of their chats, settings, people, keys.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "client/core/core.h"
#include "wire/archive.h"

namespace kith::client {

class Chat;
class Machine;

class Recollection {
 public:
  using Then = std::function<void(const std::vector<ConversationId>& changed)>;

  explicit Recollection(Machine& machine) : machine_(machine) {}

  // Asks the store for what has to be looked at, each range of rows once and the names of what is in each chat that
  // something comes to, and then takes all of it and calls `then` within one input: at once, where there is nothing to
  // ask for.
  void take(std::vector<wire::ArchiveContent> contents, const Then& then);
  // It waits for the store.
  [[nodiscard]] bool is_busy() const { return waiting_ > 0; }

 private:
  struct Page {
    std::vector<wire::ArchiveContent> contents{};
    // What was asked for, each range once: a long chat would otherwise be read anew for each of its spans.
    std::vector<std::vector<Row>> loaded{};
    std::vector<std::optional<std::size_t>> rows_of{};  // each span's, by its place in the page
    std::size_t awaited = 1;                            // answers of the store, and that all was asked for
    [[nodiscard]] const std::vector<Row>& rows(std::size_t span) const;
  };
  void apply(const Page& page, const Then& then);
  Chat* chat_of(const ConversationId& conversation, const std::optional<UserId>& peer);

  Machine& machine_;
  std::size_t waiting_ = 0;  // pages
};

}  // namespace kith::client
