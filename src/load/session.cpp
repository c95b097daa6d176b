#include "load/session.h"

#include <random>
#include <utility>

#include "base/check.h"

namespace kith::load {
namespace {

ws::ClientHandshake::Nonce random_nonce() {
  ws::ClientHandshake::Nonce nonce;
  std::random_device device;
  for (auto& byte : nonce) byte = static_cast<std::uint8_t>(device());
  return nonce;
}

}  // namespace

Session::Session(Reactor& reactor, SessionEvents& events)
    : reactor_(reactor),
      events_(events),
      stream_(reactor, *this),
      parser_({.sender = ws::Sender::server, .max_message_bytes = wire::kMaxFrameBytes}),
      mask_state_(std::random_device()() | 1U) {}

Task<Result<wire::HelloOk>> Session::open(Address to, std::optional<Address> from, std::string token) {
  KITH_CHECK(phase_ == Phase::idle);
  handshake_.emplace("localhost", "/v1/socket", "kith.v1", random_nonce());
  if (!stream_.connect(to, from)) co_return fail(Errc::connection, "no connection could be made");
  phase_ = Phase::upgrading;
  stream_.send(as_view(handshake_->request()));
  const auto upgraded = upgraded_.emplace();
  KITH_CO_TRY([[maybe_unused]] const bool is_open, co_await upgraded);
  handshake_.reset();
  upgrade_ = {};
  KITH_CO_TRY(const auto answer, co_await request_for<wire::HelloOk>(wire::Hello{.token = std::move(token)}));
  co_return std::get<wire::HelloOk>(answer.body);
}

Task<Result<Answer>> Session::request(wire::Body body) {
  if (phase_ != Phase::open || !stream_.is_open()) co_return fail(Errc::connection, "the session is closed");
  const auto id = take_id();
  send(wire::encode({.id = id, .body = std::move(body)}));
  const auto answered = waiting_[id];
  KITH_CO_TRY(auto answer, co_await answered);
  if (const auto* error = std::get_if<wire::Error>(&answer.body)) {
    co_return fail(Errc::refused, "error " + std::to_string(std::to_underlying(error->code)) + ": " + error->detail);
  }
  co_return answer;
}

void Session::send(ByteView frame) {
  if (stream_.is_open()) ws::append_frame(stream_.begin_send(), ws::Opcode::binary, frame, next_mask());
}

ws::MaskingKey Session::next_mask() {
  mask_state_ ^= mask_state_ << 13U;
  mask_state_ ^= mask_state_ >> 7U;
  mask_state_ ^= mask_state_ << 17U;
  ws::MaskingKey key;
  std::memcpy(key.data(), &mask_state_, key.size());
  return key;
}

void Session::on_data(ByteSpan bytes) {
  if (phase_ == Phase::upgrading) return read_upgrade(bytes);
  read_frames(bytes);
}

void Session::read_upgrade(ByteSpan bytes) {
  append(upgrade_, bytes);
  const auto size = handshake_->read_answer(upgrade_);
  if (!size) return lose(Errc::refused, "the upgrade: " + size.error().detail);
  if (!*size) return;
  phase_ = Phase::open;
  reactor_.post([shot = *std::exchange(upgraded_, std::nullopt)] { shot.set(true); });
  // The server speaks after Hello only; what already came behind the answer is read like the rest.
  Bytes rest(upgrade_.begin() + static_cast<std::ptrdiff_t>(**size), upgrade_.end());
  if (!rest.empty()) read_frames(rest);
}

void Session::read_frames(ByteSpan bytes) {
  parser_.feed(bytes);
  while (true) {
    const ws::Event event = parser_.next();
    switch (event.kind) {
      case ws::Event::Kind::none:
      case ws::Event::Kind::pong:
        break;
      case ws::Event::Kind::binary:
        take_message(event.payload);
        if (!stream_.is_open()) return;
        break;
      case ws::Event::Kind::ping:
        ws::append_frame(stream_.begin_send(), ws::Opcode::pong, event.payload, next_mask());
        break;
      case ws::Event::Kind::text:
      case ws::Event::Kind::close:
      case ws::Event::Kind::failed:
        return lose(Errc::connection, "the socket was closed with " +
                                          std::to_string(std::to_underlying(event.close_code)) + " " +
                                          std::string(as_text(event.payload)));
    }
    if (event.kind == ws::Event::Kind::none) return;
  }
}

void Session::take_message(ByteView message) {
  const auto frame = wire::decode(message);
  if (!frame) return lose(Errc::unexpected, "a frame from the server cannot be decoded: " + frame.error().detail);
  if (frame->id != 0 && !waiting_.empty()) {
    if (const auto it = waiting_.find(frame->id); it != waiting_.end()) {
      Bytes storage = to_bytes(message);
      // Decoded again, so that the views point into the storage that goes with them.
      auto body = wire::decode(storage)->body;
      reactor_.post([shot = it->second, answer = Answer{std::move(storage), std::move(body)}]() mutable {
        shot.set(std::move(answer));
      });
      waiting_.erase(it);
      return;
    }
  }
  events_.on_frame(*this, *frame);
}

void Session::on_closed(const std::string& why) { lose(Errc::connection, why); }

void Session::lose(Errc code, const std::string& why) {
  stream_.close();
  phase_ = Phase::idle;
  if (upgraded_)
    reactor_.post([shot = *std::exchange(upgraded_, std::nullopt), code, why] { shot.set(fail(code, why)); });
  for (auto& [id, shot] : std::exchange(waiting_, {})) reactor_.post([shot, code, why] { shot.set(fail(code, why)); });
  events_.on_lost(*this, why);
}

}  // namespace kith::load
