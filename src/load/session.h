// A client's WebSocket connection that speaks the frames of schema/wire.fbs: the handshake, Hello, requests and hints.
// It knows no encryption and keeps no state of conversations.
//
// The masking keys come from a small generator of its own: they guard against proxies that misread, and here is none.
#pragma once

#include <string>
#include <unordered_map>

#include "load/result.h"
#include "load/stream.h"
#include "wire/frame.h"
#include "ws/handshake.h"
#include "ws/parser.h"

namespace kith::load {

class Session;

class SessionEvents {
 public:
  virtual ~SessionEvents() = default;
  // Hints, and answers to frames that send() took. What the frame views is valid during the call only.
  virtual void on_frame(Session& session, const wire::Frame& frame) = 0;
  // The connection is over, for a reason other than close(). Once.
  virtual void on_lost(Session& session, const std::string& why) = 0;
};

// An answer together with the bytes that it views.
struct Answer {
  Bytes storage;
  wire::Body body;
};

class Session final : private StreamOwner {
 public:
  Session(Reactor& reactor, SessionEvents& events);

  // Connects, upgrades and says Hello. Errors: connection, refused, unexpected.
  Task<Result<wire::HelloOk>> open(Address to, std::optional<Address> from, std::string token);
  // One request, answered by its id. An Error answer is the failure `refused` with the code's number and detail.
  Task<Result<Answer>> request(wire::Body body);
  template <class T>
  Task<Result<Answer>> request_for(wire::Body body);

  // The hot path: an encoded frame whose answer goes to on_frame. Its id is from take_id().
  void send(ByteView frame);
  std::uint32_t take_id() { return next_id_++; }
  [[nodiscard]] std::size_t unsent_bytes() const { return stream_.unsent_bytes(); }
  void close() { stream_.close(); }

 private:
  enum class Phase : std::uint8_t { idle, upgrading, open };
  void on_connected() override {}
  void on_data(ByteSpan bytes) override;
  void on_closed(const std::string& why) override;
  void read_upgrade(ByteSpan bytes);
  void read_frames(ByteSpan bytes);
  void take_message(ByteView message);
  void lose(Errc code, const std::string& why);
  ws::MaskingKey next_mask();

  Reactor& reactor_;
  SessionEvents& events_;
  Stream stream_;
  ws::Parser parser_;
  Phase phase_ = Phase::idle;
  std::uint32_t next_id_ = 1;
  std::uint64_t mask_state_;
  Bytes upgrade_;  // the answer to the handshake, as far as it is there
  std::optional<ws::ClientHandshake> handshake_;
  std::optional<OneShot<Result<bool>>> upgraded_;
  std::unordered_map<std::uint32_t, OneShot<Result<Answer>>> waiting_;
};

// request(), and anything but a T is `unexpected`.
template <class T>
Task<Result<Answer>> Session::request_for(wire::Body body) {
  KITH_CO_TRY(auto answer, co_await request(std::move(body)));
  if (!std::holds_alternative<T>(answer.body))
    co_return fail(Errc::unexpected, "an answer of another kind than was asked for");
  co_return answer;
}

}  // namespace kith::load
