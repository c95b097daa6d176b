// Carries out what the client core decides: persist, then transmit, then show, in this order (the contract of the shell
// in client/core/core.h). Everything that the core asked for in one turn of the loop is persisted in one transaction,
// so that a burst of messages costs one fsync. Holds no behaviour: no retry, no back-off, no reading of events.
//
// Ends by itself when the state is taken over or can't be written: then it shows `stopped`, nothing more leaves, and
// what is asked of it later is answered by `failed`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "client/core/core.h"
#include "client/native/http.h"
#include "client/native/loop.h"
#include "client/native/server_url.h"
#include "client/native/store.h"
#include "client/native/web_socket.h"

namespace kith::client::native {

class Shell {
 public:
  using Show = std::function<void(std::string_view event)>;

  // `show` is called from the loop, with one JSON object of schema/core.d.ts. Loop and entropy outlive the shell.
  Shell(Loop& loop, Store store, ServerUrl server, Entropy& entropy, Show show);
  ~Shell();
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  // Once. Errors: damaged, storage.
  Result<void> start();
  // One command of schema/core.d.ts as JSON text. Answered through `show`.
  void command(std::string_view json);
  // Ends well: what was handed to a socket leaves, the server is told goodbye, then `done` is called from the loop
  // (after two seconds at most). What the core has not carried out yet stays undone, as in a crash:
  // persist-then-transmit covers it.
  void finish(std::function<void()> done);

 private:
  void take(Output output);
  void carry_out();
  Result<void> persist(const std::vector<Output>& outputs);
  void transmit(Transmit& what);
  void open_socket(std::uint32_t number);
  void answer(const Load& load);
  void end(const Failure<Errc>& why);
  // Lets a callback of a socket or request reach the shell only while it is there.
  template <class F>
  auto guarded(F f);

  Loop& loop_;
  Store store_;
  ServerUrl server_;
  Entropy& entropy_;
  Show show_;
  std::unique_ptr<Core> core_;
  std::vector<Output> waiting_;
  bool is_turn_posted_ = false;
  HttpClient http_;
  std::map<std::uint32_t, std::unique_ptr<WebSocket>> sockets_;
  Alarm alarm_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace kith::client::native
