#include "client/core/connection.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::int64_t kFirstRetryMs = 1'000;
constexpr std::int64_t kLastRetryMs = 15'000;  // whoever looks at an offline line should not wait a minute
constexpr std::int64_t kOpenTimeoutMs = 20'000;
constexpr std::int64_t kAnswerTimeoutMs = 20'000;
constexpr std::int64_t kProbeTimeoutMs = 5'000;
constexpr std::int64_t kIdlePingMs = 25'000;

const char* name_of(Connection::State state) {
  switch (state) {
    case Connection::State::offline:
      return "offline";
    case Connection::State::connecting:
      return "connecting";
    case Connection::State::syncing:
      return "syncing";
    case Connection::State::online:
      return "online";
  }
  return "offline";
}
}  // namespace

void Connection::show() const { machine_.show({{"type", "connection"}, {"state", name_of(state_)}}); }

void Connection::become(State state) {
  if (state == state_) return;
  state_ = state;
  show();
}

std::size_t Connection::free_slots() const {
  return greeted_ && in_flight_.size() < kMaxInFlight ? kMaxInFlight - in_flight_.size() : 0;
}

void Connection::wanted() {
  if (!machine_.account.exists() || machine_.stopped()) return;
  attempts_ = 0;
  if (socket_ == 0 && !refreshing_) connect();
}

void Connection::probe() {
  if (!greeted_ || free_slots() == 0) return;
  request(wire::Ping{}, [](const wire::Body&) {});
  give_up_at_ = std::min(give_up_at_, machine_.clock_ms() + kProbeTimeoutMs);
}

void Connection::connect() {
  retry_at_ = 0;
  if (!machine_.account.exists()) return become(State::offline);
  refreshing_ = true;
  become(State::connecting);
  machine_.session.with_token([this](const std::string& token, const HttpAnswer&) {
    refreshing_ = false;
    if (token.empty()) {
      become(State::offline);
      plan_retry();
      return;
    }
    token_ = token;
    socket_ = ++next_socket_;
    give_up_at_ = machine_.clock_ms() + kOpenTimeoutMs;
    machine_.transmit(OpenSocket{socket_});
  });
}

void Connection::plan_retry() {
  const std::int64_t full = std::min(kLastRetryMs, kFirstRetryMs << std::min(attempts_, 10U));
  ++attempts_;
  const auto jitter = static_cast<std::int64_t>(machine_.random_below(static_cast<std::uint64_t>(full / 2) + 1));
  retry_at_ = machine_.clock_ms() + full / 2 + jitter;
}

void Connection::opened(std::uint32_t socket) {
  if (socket != socket_ || socket == 0 || greeted_) return;
  greet(token_);
}

void Connection::greet(const std::string& token) {
  give_up_at_ = machine_.clock_ms() + kAnswerTimeoutMs;
  const std::uint32_t id = ++next_request_;
  in_flight_.clear();
  in_flight_.emplace(id, [this](const wire::Body& body) {
    if (const auto* hello = std::get_if<wire::HelloOk>(&body)) return greeted(*hello);
    if (const auto* error = std::get_if<wire::Error>(&body)) return refused(*error);
    give_up("the server answered the greeting with something else");
  });
  machine_.transmit(SendFrame{socket_, wire::encode({.id = id, .body = wire::Hello{.token = token}})});
}

void Connection::greeted(const wire::HelloOk& hello) {
  if (hello.user != machine_.account.user() || hello.device != machine_.account.device()) {
    return give_up("the server took this device for another one");
  }
  greeted_ = true;
  was_refused_ = false;
  history_ = hello.history_id;
  become(State::syncing);
  machine_.sync.connected();
}

void Connection::refused(const wire::Error& error) {
  close(1000);
  if (error.code == wire::ErrorCode::unauthenticated && !was_refused_) {
    was_refused_ = true;
    machine_.session.distrust();
    return connect();
  }
  become(State::offline);
  plan_retry();
}

void Connection::synced() {
  attempts_ = 0;
  become(State::online);
}

void Connection::closed(std::uint32_t socket) {
  if (socket != socket_ || socket == 0) return;
  lost();
  become(State::offline);
  plan_retry();
}

void Connection::close(std::uint16_t code) {
  if (socket_ != 0) machine_.transmit(CloseSocket{socket_, code});
  lost();
}

void Connection::lost() {
  socket_ = 0;
  greeted_ = false;
  give_up_at_ = 0;
  ping_at_ = 0;
  in_flight_.clear();
  machine_.sync.disconnected();
  machine_.mailbox.disconnected();
  machine_.chats.disconnected();
  machine_.archive.disconnected();
}

void Connection::give_up(const std::string& why) {
  machine_.warn("connection_refused", "The connection was closed: " + why + ".");
  close(1008);
  become(State::offline);
  attempts_ = std::max(attempts_, 3U);
  plan_retry();
}

void Connection::request(wire::Body body, Handler handler) {
  KITH_CHECK(free_slots() > 0);
  const std::uint32_t id = ++next_request_;
  in_flight_.emplace(id, std::move(handler));
  if (give_up_at_ == 0) give_up_at_ = machine_.clock_ms() + kAnswerTimeoutMs;
  machine_.transmit(SendFrame{socket_, wire::encode({.id = id, .body = std::move(body)})});
}

void Connection::received(std::uint32_t socket, ByteView bytes) {
  if (socket != socket_ || socket == 0) return;
  const auto frame = wire::decode(bytes);
  if (!frame) return give_up("a frame could not be read");
  ping_at_ = machine_.clock_ms() + kIdlePingMs;
  handle(*frame);
}

void Connection::handle(const wire::Frame& frame) {
  if (frame.id != 0) {
    const auto at = in_flight_.find(frame.id);
    if (at == in_flight_.end()) return give_up("the server answered what was not asked");
    const Handler handler = std::move(at->second);
    in_flight_.erase(at);
    give_up_at_ = in_flight_.empty() ? 0 : machine_.clock_ms() + kAnswerTimeoutMs;
    return handler(frame.body);
  }
  if (const auto* error = std::get_if<wire::Error>(&frame.body)) return refused(*error);
  if (const auto* bye = std::get_if<wire::Goodbye>(&frame.body)) {
    close(1000);
    become(State::offline);
    plan_retry();
    retry_at_ =
        std::max(retry_at_, machine_.clock_ms() + std::min<std::int64_t>(bye->reconnect_after_ms, kLastRetryMs));
    return;
  }
  if (!greeted_) return give_up("the server spoke before it greeted");
  if (const auto* hint = std::get_if<wire::EntryHint>(&frame.body)) return machine_.chats.hinted(*hint);
  if (const auto* hint = std::get_if<wire::ChangesHint>(&frame.body)) return machine_.chats.hinted(*hint);
  if (const auto* hint = std::get_if<wire::CursorHint>(&frame.body)) return machine_.chats.hinted(*hint);
  if (const auto* hint = std::get_if<wire::CursorsHint>(&frame.body)) return machine_.chats.hinted(*hint);
  if (const auto* hint = std::get_if<wire::MailHint>(&frame.body)) return machine_.mailbox.hinted(*hint);
  if (const auto* hint = std::get_if<wire::ArchiveHint>(&frame.body)) return machine_.archive.hinted(hint->block);
  if (std::holds_alternative<wire::Resync>(frame.body)) return machine_.sync.wanted();
  give_up("the server sent a request");
}

void Connection::tick() {
  const std::int64_t now = machine_.clock_ms();
  if (retry_at_ != 0 && now >= retry_at_ && socket_ == 0 && !refreshing_) connect();
  if (give_up_at_ != 0 && now >= give_up_at_) {
    close(1000);
    become(State::offline);
    plan_retry();
    return;
  }
  if (greeted_ && ping_at_ != 0 && now >= ping_at_ && free_slots() > 0) {
    ping_at_ = now + kIdlePingMs;
    request(wire::Ping{}, [](const wire::Body&) {});
  }
}

std::optional<std::int64_t> Connection::wake_at() const {
  std::optional<std::int64_t> first;
  for (const std::int64_t at : {retry_at_, give_up_at_, ping_at_}) {
    if (at != 0 && (!first || at < *first)) first = at;
  }
  return first;
}

}  // namespace kith::client
