// One live socket: Hello first, then at most kMaxUnanswered requests at a time, and hints as they come.
//
// Order: nothing but Hello is accepted before it is answered; what is pipelined behind it waits. Reading stops while
// too much is unanswered or unsent, so a client that does not read holds at most about kMaxLoadBytes, what one request
// needs and Outgoing::kMaxHintBytes here. What breaks the protocol gets an Error that names the reason and a close
// frame; then the socket is read until the peer is gone or Timing::linger is over. Who neither says nor takes anything
// for Timing::silence is cut off, and so is the oldest socket of a device that opens too many. Whether its device is
// still logged in is looked at again every Timing::access, since the bus may lose what says that it is not. A request
// under way when its socket goes is finished all the same, since others wait for its hints.
//
// Owned by Sockets; runs on its thread only. Every public function is safe on a closed session.
#pragma once

#include <memory>

#include "server/domain/entry.h"
#include "server/edge/ws/outgoing.h"
#include "server/edge/ws/timing_wheel.h"
#include "server/edge/ws/watched.h"
#include "server/service/live_devices.h"
#include "wire/frame.h"
#include "ws/parser.h"

namespace kith::server::edge {

class Sockets;

class Session : public TimingWheel::Entry, public service::LiveDevice, public std::enable_shared_from_this<Session> {
 public:
  static constexpr std::uint32_t kMaxUnanswered = 32;
  static constexpr std::size_t kMaxLoadBytes = 512 * 1024;

  // Takes the connected, non-blocking socket; `greeting` goes out first.
  Session(Sockets& sockets, int socket, Bytes greeting);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes that came with the handshake.
  void receive(ByteSpan bytes);
  void on_readable();
  // The connection broke, or nobody is at the other end.
  void on_hangup();
  // Sends what has gathered.
  void flush();
  void on_deadline();
  // Tells the client to come back later, answers what is unanswered, and closes.
  void say_goodbye(std::uint32_t reconnect_after_ms);

  // The device of a live one. It hears hints once it is live.
  [[nodiscard]] const domain::Caller& caller() const override { return caller_; }
  void hear(const domain::BusMessage& message) override;

  [[nodiscard]] int socket() const { return socket_; }
  // What it holds for others to read or itself to finish, and what its requests under way hold and will answer.
  [[nodiscard]] std::size_t buffered_bytes() const {
    return outgoing_.bytes() + parser_.buffered_bytes() + held_.capacity() + reserved_bytes_;
  }

 private:
  friend class Sockets;
  enum class State : std::uint8_t {
    fresh,     // Hello has not come
    greeting,  // Hello is being checked
    live,
    closing,  // the close frame is on its way, what comes is thrown away
    closed,
  };

  void pump();
  void resume();
  [[nodiscard]] bool may_start() const;
  void on_event(const kith::ws::Event& event);
  void on_message(ByteView message);
  void on_hello(std::uint32_t id, const wire::Hello& hello);
  void on_request(Bytes bytes, wire::Frame frame);
  static Task<void> greet(std::shared_ptr<Session> self, std::uint32_t id);
  static Task<void> look_again(std::shared_ptr<Session> self);
  static Task<void> serve(std::shared_ptr<Session> self, Bytes bytes, wire::Frame frame, std::size_t reserved_bytes);
  void answer(std::uint32_t id, Bytes response, std::size_t reserved_bytes);
  [[nodiscard]] bool is_unanswered(std::uint32_t id) const;

  // An Error frame that names the reason, then the end.
  void refuse(wire::ErrorCode code, std::string_view why, std::uint32_t id = 0,
              kith::ws::CloseCode close = kith::ws::CloseCode::policy_violation);
  void begin_close(kith::ws::CloseCode code, std::string_view reason);
  void close();
  void watch();
  void schedule();

  Sockets& sockets_;
  int socket_;
  State state_ = State::fresh;
  bool is_paused_ = false;  // reading, since may_start() was false
  bool is_pumping_ = false;
  bool is_blocked_ = false;  // writing, since the socket took no more
  bool is_draining_ = false;
  bool is_shut_ = false;     // our half, after the close frame
  bool is_queued_ = false;   // for flush()
  bool is_watched_ = false;  // by the epoll
  std::uint32_t watched_events_ = 0;
  std::uint32_t looked_tick_ = 0;  // when its access was looked at last
  std::uint32_t heard_tick_ = 0;
  std::uint32_t pinged_tick_ = 0;
  std::uint32_t moved_tick_ = 0;  // when the peer last took something, or nothing was waiting for it
  kith::ws::Parser parser_;
  Bytes held_;  // received, and not looked at while paused
  Outgoing outgoing_;
  std::vector<std::uint32_t> unanswered_;  // ids
  std::size_t reserved_bytes_ = 0;         // for requests under way and their responses
  std::size_t accounted_bytes_ = 0;        // what Sockets counts for this one
  domain::Caller caller_{};
  service::LiveDevices::Place place_{};  // of a live one
  std::unique_ptr<domain::Bus::Subscription> subscription_;
  Watched watched_;
};

}  // namespace kith::server::edge
