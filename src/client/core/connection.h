// The WebSocket: when it is opened, how it greets, what is in flight on it, and when it is given up.
//
// Connects whenever there is an account; a failure waits for an exponential back-off with jitter. Every request is
// answered once; at most kMaxInFlight are unanswered. When the connection breaks, the handlers of what was in flight
// are dropped without a call: whoever sent something looks at its own state again after the next sync.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "client/core/core.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

class Connection {
 public:
  static constexpr std::size_t kMaxInFlight = 32;  // docs/protocol.md
  enum class State : std::uint8_t { offline, connecting, syncing, online };
  // The answer's body; an Error among them.
  using Handler = std::function<void(const wire::Body&)>;

  explicit Connection(Machine& machine) : machine_(machine) {}

  // There is a reason to connect now: forgets the back-off.
  void wanted();
  // The user, or the system, thinks that something changed: the connection proves within seconds that it lives.
  void probe();
  void opened(std::uint32_t socket);
  void closed(std::uint32_t socket);
  void received(std::uint32_t socket, ByteView bytes);
  void tick();
  void show() const;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_online() const { return state_ == State::online; }
  // Between HelloOk and the end of the connection.
  [[nodiscard]] bool is_greeted() const { return greeted_; }
  [[nodiscard]] std::size_t free_slots() const;
  [[nodiscard]] const HistoryId& history() const { return history_; }
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

  // Only while greeted and with a free slot. Views in the body need not outlive the call.
  void request(wire::Body body, Handler handler);
  // The sync is complete.
  void synced();
  // The server does what no server does: ends the connection, warns, and waits before the next one.
  void give_up(const std::string& why);

 private:
  void connect();
  void greet(const std::string& token);
  void greeted(const wire::HelloOk& hello);
  void refused(const wire::Error& error);
  void handle(const wire::Frame& frame);
  void lost();
  void close(std::uint16_t code);
  void become(State state);
  void plan_retry();

  Machine& machine_;
  State state_ = State::offline;
  bool greeted_ = false;
  bool refreshing_ = false;   // waiting for a token before the socket is opened
  bool was_refused_ = false;  // the last token was refused: one try with a new one
  std::uint32_t socket_ = 0;  // 0: none
  std::uint32_t next_socket_ = 0;
  std::uint32_t next_request_ = 0;
  std::uint32_t attempts_ = 0;
  std::string token_;
  HistoryId history_;
  std::map<std::uint32_t, Handler> in_flight_;
  // Deadlines on Machine::clock_ms; 0: none.
  std::int64_t retry_at_ = 0;
  std::int64_t give_up_at_ = 0;  // no answer by then: the connection is dead
  std::int64_t ping_at_ = 0;
};

}  // namespace kith::client
