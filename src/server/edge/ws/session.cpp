#include "server/edge/ws/session.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "server/edge/ws/requests.h"
#include "server/edge/ws/sockets.h"
#include "server/edge/ws/translate.h"

namespace kith::server::edge {

using kith::ws::CloseCode;
using kith::ws::Event;
using kith::ws::Opcode;
using wire::ErrorCode;

namespace {

constexpr std::uint32_t kOverloadedRetryMs = 1000;
// Whoever has not shown a good token yet gets no more room than Hello needs.
constexpr kith::ws::ParserOptions kFromStrangers{
    .sender = kith::ws::Sender::client, .accepts_text = false, .max_message_bytes = 4 * 1024};

}  // namespace

Session::Session(Sockets& sockets, int socket, Bytes greeting)
    : sockets_(sockets),
      socket_(socket),
      looked_tick_(sockets.now_tick_),
      heard_tick_(sockets.now_tick_),
      pinged_tick_(sockets.now_tick_),
      parser_(kFromStrangers) {
  outgoing_.add_raw(std::move(greeting));
}

Session::~Session() {
  if (state_ != State::closed) sockets_.around_.calls.close(socket_);
}

// ---- reading ----

void Session::on_readable() {
  if (state_ == State::closed || is_paused_) return;
  const ssize_t size = sockets_.around_.calls.receive(socket_, sockets_.read_buffer_);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (size <= 0) return close();
  heard_tick_ = sockets_.now_tick_;
  if (state_ != State::closing) receive(ByteSpan(sockets_.read_buffer_).first(static_cast<std::size_t>(size)));
}

void Session::on_hangup() { close(); }

void Session::receive(ByteSpan bytes) {
  if (state_ == State::closed) return;
  parser_.feed(bytes);
  pump();
  sockets_.account(*this);
  if (sockets_.is_over_budget() && parser_.is_in_message() && state_ != State::closing) {
    refuse(ErrorCode::overloaded, "the server is out of memory for messages", 0, CloseCode::try_again_later);
  }
}

bool Session::may_start() const {
  return (state_ == State::fresh || state_ == State::live) && !is_draining_ && unanswered_.size() < kMaxUnanswered &&
         reserved_bytes_ + outgoing_.bytes() < kMaxLoadBytes;
}

void Session::pump() {
  is_pumping_ = true;
  bool is_starved = false;
  while (may_start() && !is_starved) {
    const Event event = parser_.next();
    is_starved = event.kind == Event::Kind::none;
    if (!is_starved) on_event(event);
  }
  is_pumping_ = false;
  const ByteView unread = parser_.take_unread();
  if (!is_starved && state_ != State::closing) {
    is_paused_ = true;
    held_ = to_bytes(unread);
  }
  watch();
}

void Session::resume() {
  if (!is_paused_ || is_pumping_ || !may_start()) return;
  is_paused_ = false;
  Bytes held = std::exchange(held_, {});
  receive(held);
}

void Session::on_event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::binary:
      return on_message(event.payload);
    case Event::Kind::ping:
      // Who pings without reading the pongs gets no more of them (RFC 6455 section 5.5.3 asks only for the latest).
      if (outgoing_.bytes() < Outgoing::kMaxHintBytes) outgoing_.add(Opcode::pong, to_bytes(event.payload));
      return sockets_.flush_later(*this);
    case Event::Kind::close:
      return begin_close(event.close_code, "");
    case Event::Kind::failed: {
      const bool is_size = event.close_code == CloseCode::message_too_big;
      return refuse(is_size ? ErrorCode::too_large : ErrorCode::malformed, as_text(event.payload), 0, event.close_code);
    }
    default:
      return;
  }
}

void Session::on_message(ByteView message) {
  Bytes bytes = to_bytes(message);
  auto frame = wire::decode(bytes);
  if (!frame) return refuse(ErrorCode::malformed, frame.error().detail);
  const auto* hello = std::get_if<wire::Hello>(&frame->body);
  if (frame->id == 0) return refuse(ErrorCode::malformed, "a request has the id 0");
  if (state_ == State::fresh) {
    if (hello != nullptr) return on_hello(frame->id, *hello);
    return refuse(ErrorCode::unauthenticated, "the first frame is not Hello", frame->id);
  }
  if (hello != nullptr) return refuse(ErrorCode::malformed, "Hello was said before", frame->id);
  if (!is_request(frame->body)) return refuse(ErrorCode::malformed, "clients do not send this", frame->id);
  if (is_unanswered(frame->id)) return refuse(ErrorCode::malformed, "this id is still unanswered", frame->id);
  on_request(std::move(bytes), *std::move(frame));
}

// ---- requests ----

void Session::on_hello(std::uint32_t id, const wire::Hello& hello) {
  if (hello.version != wire::kProtocolVersion) {
    return refuse(ErrorCode::unsupported_version, "this server speaks version 1", id);
  }
  const auto caller = sockets_.around_.tokens.verify(hello.token, sockets_.around_.scheduler.now());
  if (!caller) return refuse(ErrorCode::unauthenticated, caller.error().detail, id);
  state_ = State::greeting;
  caller_ = *caller;
  // Subscribed before the check, so that a logout between the two is heard.
  subscription_ =
      sockets_.around_.bus.subscribe(caller_.user, [this](const domain::BusMessage& message) { hear(message); });
  sockets_.around_.tasks.spawn(greet(shared_from_this(), id));
}

Task<void> Session::greet(std::shared_ptr<Session> self, std::uint32_t id) {
  auto& around = self->sockets_.around_;
  const auto checked = co_await around.node.accounts.check_access(self->caller_);
  if (self->state_ != State::greeting) co_return;
  if (!checked) {
    const wire::Error error = told(around.log, checked.error());
    self->refuse(error.code, error.detail, id);
    co_return;
  }
  around.node.accounts.see(self->caller_);
  self->state_ = State::live;
  self->parser_.set_max_message_bytes(wire::kMaxFrameBytes);
  self->sockets_.enter(*self);
  self->outgoing_.add(Opcode::binary,
                      wire::encode({.id = id,
                                    .body = wire::HelloOk{.history_id = around.node.conversations.history_id(),
                                                          .time_ms = around.scheduler.now().value,
                                                          .user = self->caller_.user,
                                                          .device = self->caller_.device}}));
  self->schedule();
  self->sockets_.flush_later(*self);
  self->resume();
}

// Where the store fails it stays: so nobody is logged out by that.
Task<void> Session::look_again(std::shared_ptr<Session> self) {
  const auto checked = co_await self->sockets_.around_.node.accounts.check_access(self->caller_);
  if (!checked && checked.error().code == domain::Errc::unauthenticated)
    self->refuse(ErrorCode::unauthenticated, checked.error().detail);
}

void Session::on_request(Bytes bytes, wire::Frame frame) {
  const std::size_t reserved = bytes.size() + expected_bytes(frame.body);
  if (reserved > 1024 && sockets_.is_over_budget()) {
    outgoing_.add(Opcode::binary, encode_error(frame.id, {.code = domain::Errc::overloaded,
                                                          .detail = "the server is out of memory for answers",
                                                          .retry_after_ms = kOverloadedRetryMs}));
    return sockets_.flush_later(*this);
  }
  unanswered_.push_back(frame.id);
  reserved_bytes_ += reserved;
  sockets_.around_.tasks.spawn(serve(shared_from_this(), std::move(bytes), std::move(frame), reserved));
}

Task<void> Session::serve(std::shared_ptr<Session> self, Bytes, wire::Frame frame, std::size_t reserved_bytes) {
  const Asker asker{.node = self->sockets_.around_.node,
                    .scheduler = self->sockets_.around_.scheduler,
                    .log = self->sockets_.around_.log,
                    .caller = self->caller_,
                    .watched = self->watched_};
  Bytes response = co_await respond(asker, frame);
  self->answer(frame.id, std::move(response), reserved_bytes);
}

void Session::answer(std::uint32_t id, Bytes response, std::size_t reserved_bytes) {
  std::erase(unanswered_, id);
  reserved_bytes_ -= reserved_bytes;
  if (state_ != State::live) return sockets_.account(*this);
  outgoing_.add(Opcode::binary, std::move(response));
  sockets_.account(*this);
  sockets_.flush_later(*this);
  resume();
}

bool Session::is_unanswered(std::uint32_t id) const { return std::ranges::find(unanswered_, id) != unanswered_.end(); }

// ---- hints ----

void Session::hear(const domain::BusMessage& message) {
  switch (message.kind) {
    case domain::BusMessageKind::logged_out:
      if (message.concerns(caller_.device)) refuse(ErrorCode::unauthenticated, "this device was logged out");
      return;
    case domain::BusMessageKind::frame:
      // Before HelloOk there is nothing to hint at: the client syncs after it.
      if (state_ != State::live || !message.concerns(caller_.device)) return;
      if (message.watched && !watched_.contains(*message.watched)) return;
      outgoing_.add_hint(message.frame);
      break;
    case domain::BusMessageKind::lost:
      if (state_ != State::live) return;
      outgoing_.owe_resync();
      break;
  }
  sockets_.flush_later(*this);
}

// ---- writing ----

void Session::flush() {
  if (state_ == State::closed) return;
  const std::uint64_t before = outgoing_.sent_bytes();
  const Outgoing::Sent sent = outgoing_.send(socket_, sockets_.around_.calls);
  if (sent == Outgoing::Sent::broken) return close();
  if (!is_blocked_ || outgoing_.sent_bytes() != before) moved_tick_ = sockets_.now_tick_;
  is_blocked_ = sent == Outgoing::Sent::some;
  sockets_.account(*this);
  if (!is_blocked_) {
    if (state_ == State::live && is_draining_ && unanswered_.empty()) {
      return begin_close(CloseCode::service_restart, "the server is about to stop");
    }
    if (state_ == State::closing && !is_shut_) {
      is_shut_ = true;
      sockets_.around_.calls.shut_down(socket_);
    }
  }
  watch();
  resume();
}

// ---- the end ----

void Session::say_goodbye(std::uint32_t reconnect_after_ms) {
  if (state_ == State::closing || state_ == State::closed) return;
  if (state_ != State::live) return begin_close(CloseCode::service_restart, "the server is about to stop");
  is_draining_ = true;
  outgoing_.add(Opcode::binary,
                wire::encode({.id = 0, .body = wire::Goodbye{.reconnect_after_ms = reconnect_after_ms}}));
  sockets_.flush_later(*this);
}

void Session::refuse(ErrorCode code, std::string_view why, std::uint32_t id, CloseCode close) {
  if (state_ == State::closing || state_ == State::closed) return;
  wire::Error error{.code = code,
                    .detail = std::string(why),
                    .retry_after_ms = code == ErrorCode::overloaded ? kOverloadedRetryMs : 0,
                    .epoch = {},
                    .head_seq = {},
                    .first_seq = {}};
  outgoing_.add(Opcode::binary, wire::encode({.id = id, .body = std::move(error)}));
  begin_close(close, why);
}

void Session::begin_close(CloseCode code, std::string_view reason) {
  Bytes frame;
  kith::ws::append_close(frame, code, reason);
  outgoing_.add_raw(std::move(frame));
  if (state_ == State::live) sockets_.leave(*this);
  state_ = State::closing;
  subscription_.reset();
  is_paused_ = false;
  held_ = {};
  parser_ = kith::ws::Parser(kFromStrangers);  // with what it holds
  schedule();
  sockets_.flush_later(*this);
}

void Session::close() {
  if (state_ == State::closed) return;
  if (state_ == State::live) sockets_.leave(*this);
  state_ = State::closed;
  subscription_.reset();
  TimingWheel::cancel(*this);
  sockets_.around_.calls.close(socket_);
  outgoing_ = {};
  held_ = {};
  parser_ = kith::ws::Parser(kFromStrangers);
  sockets_.forget(*this);
}

// ---- time and events ----

void Session::watch() {
  if (state_ == State::closed) return;
  const std::uint32_t events = (is_paused_ ? 0U : static_cast<std::uint32_t>(EPOLLIN)) |
                               (is_blocked_ ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  if (is_watched_ && events == watched_events_) return;
  watched_events_ = events;
  // The system has no room for one more: nothing would ever be heard of it.
  if (!sockets_.watch(*this, events)) close();
}

void Session::schedule() {
  const Timing& timing = sockets_.around_.timing;
  switch (state_) {
    case State::fresh:
    case State::greeting:
      return sockets_.wheel_.schedule(*this, timing.hello);
    case State::live: {
      const std::uint32_t now = sockets_.now_tick_;
      const std::uint32_t to_ping =
          sockets_.ticks(timing.ping) - std::min(now - pinged_tick_, sockets_.ticks(timing.ping));
      const std::uint32_t to_silence =
          sockets_.ticks(timing.silence) - std::min(now - heard_tick_, sockets_.ticks(timing.silence));
      return sockets_.wheel_.schedule(*this, std::min(to_ping, to_silence) * timing.tick);
    }
    case State::closing:
      return sockets_.wheel_.schedule(*this, timing.linger);
    case State::closed:
      return;
  }
}

void Session::on_deadline() {
  const std::uint32_t now = sockets_.now_tick_;
  const Timing& timing = sockets_.around_.timing;
  switch (state_) {
    case State::fresh:
    case State::greeting:
      return refuse(ErrorCode::unauthenticated, "Hello did not come in time");
    case State::live:
      if (now - heard_tick_ >= sockets_.ticks(timing.silence)) return close();
      if (is_blocked_ && now - moved_tick_ >= sockets_.ticks(timing.silence)) return close();
      if (now - pinged_tick_ >= sockets_.ticks(timing.ping)) {
        pinged_tick_ = now;
        outgoing_.add(Opcode::ping, {});
        sockets_.flush_later(*this);
      }
      if (now - looked_tick_ >= sockets_.ticks(timing.access)) {
        looked_tick_ = now;
        sockets_.around_.tasks.spawn(look_again(shared_from_this()));
      }
      return schedule();
    case State::closing:
    case State::closed:
      return close();
  }
}

}  // namespace kith::server::edge
