// The accounts and conversations that the scenarios run on. They are made once, through kithd's own doors, and kept in
// a state file, so that a later run on the same data directory begins at once. The file holds the keys of made-up
// people: mode 0600.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "load/account.h"
#include "load/session.h"

namespace kith::load {

struct Direct {
  std::size_t a = 0;  // the creator, who sends
  std::size_t b = 0;
  ConversationId conversation;
};

// A group of accounts 0 to members-1, founded by the first.
struct MadeGroup {
  std::size_t members = 0;
  ConversationId conversation;
  Epoch epoch;
};

struct Setup {
  Address server;
  std::string kithd_log;
  std::string state_file;  // empty: nothing is kept
  std::size_t concurrency = 64;
};

class Population final : private SessionEvents {
 public:
  Population(Reactor& reactor, Setup setup) : reactor_(reactor), setup_(std::move(setup)) {}

  // Errors: bad_state (a file of another format). A missing file is an empty population.
  Result<void> load();
  Result<void> save() const;

  // Accounts 0 to count-1 exist and have access tokens for the next minutes.
  Task<Result<void>> ensure_accounts(std::size_t count);
  // The direct conversations of these pairs of accounts exist; in their order.
  Task<Result<std::vector<Direct>>> ensure_directs(std::vector<std::pair<std::size_t, std::size_t>> pairs);
  // The group of so many accounts exists, made by real commits.
  Task<Result<MadeGroup>> ensure_group(std::size_t members);

  [[nodiscard]] std::size_t size() const { return accounts_.size(); }
  [[nodiscard]] const Account& account(std::size_t index) const { return accounts_[index]; }
  [[nodiscard]] const Address& server() const { return setup_.server; }

 private:
  using Work = std::function<Task<Result<void>>(HttpConnection& http, std::size_t index)>;
  // Runs work(0) to work(count-1), some at a time, each worker with its own connection from an address of its own.
  Task<Result<void>> spread(std::size_t count, Work work);
  Task<Result<void>> create_direct(HttpConnection& http, Direct& direct);
  // The key package of this account, claimed by the first.
  Task<Result<void>> claim(HttpConnection& http, const Account& claimer, const Account& peer, Bytes& key_package);
  Task<Result<MadeGroup>> make_group(std::size_t members);
  void on_frame(Session&, const wire::Frame&) override {}
  void on_lost(Session&, const std::string&) override {}

  Reactor& reactor_;
  Setup setup_;
  std::vector<Account> accounts_;
  std::vector<Direct> directs_;
  std::vector<MadeGroup> groups_;
};

}  // namespace kith::load
