#include "tests/simulation/server_socket.h"

#include <algorithm>

#include "server/edge/parts.h"
#include "server/edge/ws/requests.h"
#include "tests/simulation/node_life.h"

namespace kith::sim {

using server::domain::BusMessage;
using server::domain::BusMessageKind;

namespace {

// A hint is a whole WebSocket message of a server (RFC 6455 section 5.2), whose header has 2, 4 or 10 bytes.
Bytes without_header(ByteView message) {
  const std::uint8_t length = message[1] & 0x7FU;
  return to_bytes(message.subspan(length < 126 ? 2 : length == 126 ? 4 : 10));
}

}  // namespace

ServerSocket::ServerSocket(ServerNode& node, ServerNode::SocketNumber number, ServerNode::Peer peer)
    : node_(node), number_(number), peer_(std::move(peer)) {}

ServerSocket::~ServerSocket() = default;

void ServerSocket::close(bool tells_peer) {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  subscription_.reset();
  auto& life = *node_.life_;
  if (place_) life.node.live.leave(*place_);
  place_.reset();
  held_.clear();
  if (tells_peer) peer_.closed();
  life.sockets.erase(number_);
}

void ServerSocket::receive(Bytes frame) {
  if (state_ == State::closed || is_draining_) return;
  if (state_ == State::greeting || unanswered_.size() >= kMaxUnanswered) return held_.push_back(std::move(frame));
  handle(std::move(frame));
}

void ServerSocket::handle(Bytes bytes) {
  auto frame = wire::decode(bytes);
  if (!frame || frame->id == 0) return refuse(wire::ErrorCode::malformed, 0, "no request");
  const auto* hello = std::get_if<wire::Hello>(&frame->body);
  auto& life = *node_.life_;
  if (state_ == State::fresh) {
    if (hello == nullptr) return refuse(wire::ErrorCode::unauthenticated, frame->id, "the first frame is not Hello");
    const auto caller = node_.cluster_.tokens.verify(hello->token, life.scheduler.now());
    if (!caller) return refuse(wire::ErrorCode::unauthenticated, frame->id, caller.error().detail);
    state_ = State::greeting;
    caller_ = *caller;
    subscription_ = life.bus->subscribe(caller_.user, [this](const BusMessage& message) { hear(message); });
    return life.tasks.spawn(greet(shared_from_this(), frame->id));
  }
  if (hello != nullptr || !server::edge::is_request(frame->body)) {
    return refuse(wire::ErrorCode::malformed, frame->id, "clients do not send this");
  }
  if (std::ranges::find(unanswered_, frame->id) != unanswered_.end()) {
    return refuse(wire::ErrorCode::malformed, frame->id, "this id is still unanswered");
  }
  unanswered_.push_back(frame->id);
  life.tasks.spawn(serve(shared_from_this(), std::move(bytes), *std::move(frame)));
}

Task<void> ServerSocket::greet(std::shared_ptr<ServerSocket> self, std::uint32_t id) {
  auto& life = *node_.life_;
  const auto checked = co_await life.node.accounts.check_access(self->caller_);
  if (self->state_ != State::greeting) co_return;
  if (!checked) {
    const wire::Error error = server::edge::told(node_.cluster_.log, checked.error());
    self->refuse(error.code, id, error.detail);
    co_return;
  }
  self->look_later();
  life.node.accounts.see(self->caller_);
  self->state_ = State::live;
  self->place_ = life.node.live.enter(*self);
  self->peer_.send(wire::encode({.id = id,
                                 .body = wire::HelloOk{.history_id = life.node.conversations.history_id(),
                                                       .time_ms = life.scheduler.now().value,
                                                       .user = self->caller_.user,
                                                       .device = self->caller_.device}}),
                   false);
  for (Bytes& frame : std::exchange(self->held_, {})) self->receive(std::move(frame));
}

void ServerSocket::look_later() {
  auto& life = *node_.life_;
  life.scheduler.post_at(life.scheduler.now() + server::edge::Timing().access, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->state_ != State::live) return;
    self->look_later();
    self->node_.life_->tasks.spawn(self->look_again(self));
  });
}

Task<void> ServerSocket::look_again(std::shared_ptr<ServerSocket> self) {
  const auto checked = co_await node_.life_->node.accounts.check_access(self->caller_);
  if (!checked && checked.error().code == server::domain::Errc::unauthenticated)
    self->refuse(wire::ErrorCode::unauthenticated, 0, checked.error().detail);
}

Task<void> ServerSocket::serve(std::shared_ptr<ServerSocket> self, Bytes, wire::Frame frame) {
  auto& life = *node_.life_;
  Bytes response = co_await server::edge::respond({.node = life.node,
                                                   .scheduler = life.scheduler,
                                                   .log = node_.cluster_.log,
                                                   .caller = self->caller_,
                                                   .watched = self->watched_},
                                                  frame);
  std::erase(self->unanswered_, frame.id);
  if (self->state_ != State::live) co_return;
  self->peer_.send(std::move(response), false);
  if (self->is_draining_ && self->unanswered_.empty()) {
    self->close(true);
    co_return;
  }
  auto held = std::exchange(self->held_, {});
  for (Bytes& next : held) self->receive(std::move(next));
}

void ServerSocket::hear(const BusMessage& message) {
  if (message.kind == BusMessageKind::logged_out) {
    if (message.concerns(caller_.device)) refuse(wire::ErrorCode::unauthenticated, 0, "this device was logged out");
    return;
  }
  if (state_ != State::live) return;
  if (message.kind == BusMessageKind::lost) return resync_later();
  if (!message.concerns(caller_.device)) return;
  if (message.watched && !watched_.contains(*message.watched)) return;
  if (owes_resync_ || node_.cluster_.faults.happens(Fault::hint_dropped)) return resync_later();
  const Bytes hint = without_header(*message.frame);
  peer_.send(hint, true);
  if (node_.cluster_.faults.happens(Fault::hint_doubled)) peer_.send(hint, true);
}

// As where a reader is slow: nothing more is hinted until it has taken what there is.
void ServerSocket::resync_later() {
  if (std::exchange(owes_resync_, true)) return;
  auto& life = *node_.life_;
  const auto when = life.scheduler.now() + std::chrono::milliseconds(node_.cluster_.faults.chance().between(1, 3000));
  life.scheduler.post_at(when, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->state_ != State::live) return;
    self->owes_resync_ = false;
    self->peer_.send(wire::encode({.id = 0, .body = wire::Resync{}}), true);
  });
}

void ServerSocket::say_goodbye() {
  if (state_ != State::live) return close(true);
  is_draining_ = true;
  peer_.send(wire::encode({.id = 0, .body = wire::Goodbye{.reconnect_after_ms = 5000}}), false);
  if (unanswered_.empty()) close(true);
}

void ServerSocket::refuse(wire::ErrorCode code, std::uint32_t id, std::string_view why) {
  if (state_ == State::closed) return;
  wire::Error error;
  error.code = code;
  error.detail = std::string(why);
  error.retry_after_ms = code == wire::ErrorCode::overloaded ? 1000 : 0;
  peer_.send(wire::encode({.id = id, .body = std::move(error)}), false);
  close(true);
}

}  // namespace kith::sim
