#include "client/native/web_socket.h"

#include <chrono>

#include "client/native/stream.h"
#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/parser.h"

namespace kith::client::native {
namespace {

constexpr std::chrono::seconds kSilence{75};

}  // namespace

struct WebSocket::State : std::enable_shared_from_this<State> {
  State(Loop& the_loop, const ServerUrl& server, Entropy& source, WebSocketEvents told)
      : loop(the_loop),
        entropy(source),
        events(std::make_shared<WebSocketEvents>(std::move(told))),
        handshake(server.authority(), "/v1/socket", "kith.v1", nonce(source)),
        silence(the_loop) {}

  static ws::ClientHandshake::Nonce nonce(Entropy& entropy) {
    ws::ClientHandshake::Nonce n;
    entropy.fill(n);
    return n;
  }
  ws::MaskingKey mask() {
    ws::MaskingKey key;
    entropy.fill(key);
    return key;
  }

  void start(const ServerUrl& server);
  void received(ByteSpan bytes);
  void receive_answer(ByteView bytes);
  void receive_frames(ByteSpan bytes);
  void send(ws::Opcode opcode, ByteView payload);
  void say_goodbye(ws::CloseCode code, std::function<void()> done = nullptr);
  void fail_with(const Failure<Errc>& why);
  void await_word();

  Loop& loop;
  Entropy& entropy;
  // Shared with the call that is under way; null from the end on.
  std::shared_ptr<const WebSocketEvents> events;
  ws::ClientHandshake handshake;
  Bytes answer;  // what came of the handshake's answer
  bool is_open = false;
  ws::Parser parser{{.sender = ws::Sender::server, .accepts_text = false, .max_message_bytes = 1 << 20}};
  Alarm silence;
  std::unique_ptr<Stream> stream;
};

WebSocket::WebSocket(Loop& loop, const ServerUrl& server, Entropy& entropy, WebSocketEvents events)
    : state_(std::make_shared<State>(loop, server, entropy, std::move(events))) {
  state_->start(server);
}

WebSocket::~WebSocket() {
  state_->events = nullptr;
  state_->silence.set(std::nullopt, nullptr);
  state_->stream.reset();
}

void WebSocket::send(ByteView message) { state_->send(ws::Opcode::binary, message); }

void WebSocket::close(std::uint16_t code, std::function<void()> done) {
  state_->events = nullptr;
  state_->say_goodbye(static_cast<ws::CloseCode>(code), std::move(done));
}

void WebSocket::State::start(const ServerUrl& server) {
  // Our handlers may let go of the WebSocket; they keep the state until they return.
  const std::weak_ptr<State> weak = weak_from_this();
  stream = Stream::connect(loop, server,
                           {.opened =
                                [weak] {
                                  if (const auto self = weak.lock())
                                    self->stream->write(to_bytes(self->handshake.request()));
                                },
                            .received =
                                [weak](ByteSpan bytes) {
                                  if (const auto self = weak.lock()) self->received(bytes);
                                },
                            .closed =
                                [weak](const Failure<Errc>& why) {
                                  if (const auto self = weak.lock()) self->fail_with(why);
                                }});
  await_word();
}

void WebSocket::State::await_word() {
  silence.set(loop.now() + kSilence, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->fail_with({Errc::network, "the server has fallen silent"});
  });
}

void WebSocket::State::received(ByteSpan bytes) {
  await_word();
  if (is_open) {
    receive_frames(bytes);
  } else {
    receive_answer(bytes);
  }
}

void WebSocket::State::receive_answer(ByteView bytes) {
  append(answer, bytes);
  const auto head = handshake.read_answer(answer);
  if (!head) return fail_with({Errc::network, "the server refused the socket: " + head.error().detail});
  if (!*head) return;
  is_open = true;
  Bytes early(answer.begin() + static_cast<std::ptrdiff_t>(**head), answer.end());
  answer = {};
  if (const auto now = events) now->opened();
  if (events && !early.empty()) receive_frames(early);
}

void WebSocket::State::receive_frames(ByteSpan bytes) {
  parser.feed(bytes);
  while (events) {
    const ws::Event event = parser.next();
    switch (event.kind) {
      case ws::Event::Kind::none:
        return;
      case ws::Event::Kind::binary: {
        const auto now = events;
        now->message(event.payload);
        break;
      }
      case ws::Event::Kind::ping:
        send(ws::Opcode::pong, event.payload);
        break;
      case ws::Event::Kind::pong:
      case ws::Event::Kind::text:
        break;
      case ws::Event::Kind::close:
        say_goodbye(ws::CloseCode::normal);
        return fail_with({Errc::network, "the server closed the connection"});
      case ws::Event::Kind::failed:
        say_goodbye(event.close_code);
        return fail_with({Errc::network, "the server broke the protocol"});
    }
  }
}

void WebSocket::State::send(ws::Opcode opcode, ByteView payload) {
  if (!stream) return;
  Bytes frame;
  frame.reserve(payload.size() + ws::FrameHeader::kMaxBytes);
  ws::append_frame(frame, opcode, payload, mask());
  stream->write(std::move(frame));
}

void WebSocket::State::say_goodbye(ws::CloseCode code, std::function<void()> done) {
  if (!stream) {
    if (done) loop.post(std::move(done));
    return;
  }
  if (is_open) {
    Bytes frame;
    ws::append_close(frame, code, "", mask());
    stream->write(std::move(frame));
  }
  silence.set(std::nullopt, nullptr);
  stream->finish(std::move(done));
  stream.reset();
}

void WebSocket::State::fail_with(const Failure<Errc>& why) {
  silence.set(std::nullopt, nullptr);
  stream.reset();
  if (const auto now = std::exchange(events, nullptr)) now->closed(why);
}

}  // namespace kith::client::native
