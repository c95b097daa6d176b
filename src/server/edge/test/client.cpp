#include "server/edge/test/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "ws/handshake.h"

namespace kith::server::edge::test {

Connection::Connection(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  KITH_CHECK(fd_ >= 0);
  if (receive_buffer_bytes != 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  KITH_CHECK(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
}

Connection::~Connection() { ::close(fd_); }

bool Connection::send(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

Bytes Connection::receive() const {
  pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
  KITH_CHECK(::poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1);
  static thread_local Bytes buffer(64 * 1024);
  const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  return to_bytes(ByteView(buffer).first(size > 0 ? static_cast<std::size_t>(size) : 0));
}

bool Connection::has_input() const {
  pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&readable, 1, 0) == 1;
}

void Connection::finish() const { ::shutdown(fd_, SHUT_WR); }

void Connection::stop() const { ::shutdown(fd_, SHUT_RDWR); }

HttpAnswer HttpClient::post(const std::string& path, const Json& body, const std::string& token) {
  return ask("POST", path, body.dump(), token.empty() ? "" : "Authorization: Bearer " + token + "\r\n");
}

HttpAnswer HttpClient::ask(const std::string& method, const std::string& path, const std::string& body,
                           const std::string& headers) {
  const std::string length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return raw(method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + length + headers + "\r\n" + body, method == "HEAD");
}

HttpAnswer HttpClient::raw(std::string_view bytes, bool is_head) {
  connection_.send(bytes);
  const auto more = [this] {
    const Bytes received = connection_.receive();
    received_ += as_text(received);
    return !received.empty();
  };
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  HttpAnswer answer;
  answer.status = std::stoi(received_.substr(9, 3));
  for (std::size_t at = received_.find("\r\n") + 2; at < end + 2;) {
    const std::size_t line_end = received_.find("\r\n", at);
    const std::size_t colon = received_.find(": ", at);
    std::string name = received_.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    answer.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  received_.erase(0, end + 4);
  const auto length = answer.headers.find("content-length");
  const std::size_t size = is_head || length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (received_.size() < size) KITH_CHECK(more());
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool HttpClient::is_closed() { return received_.empty() && connection_.receive().empty(); }

SocketClient::SocketClient(std::uint16_t port, int receive_buffer_bytes) : connection_(port, receive_buffer_bytes) {
  const kith::ws::ClientHandshake handshake("127.0.0.1:" + std::to_string(port), "/v1/socket", "kith.v1", {});
  connection_.send(handshake.request());
  Bytes received;
  for (;;) {
    append(received, connection_.receive());
    const auto answer = handshake.read_answer(received);
    KITH_CHECK(answer.has_value());
    if (!*answer) continue;
    received_.assign(received.begin() + static_cast<std::ptrdiff_t>(**answer), received.end());
    parser_.feed(received_);
    return;
  }
}

std::uint32_t SocketClient::send(wire::Body body) {
  const std::uint32_t id = next_id_++;
  send(wire::Frame{.id = id, .body = std::move(body)});
  return id;
}

void SocketClient::send_message(ByteView message, kith::ws::Opcode opcode) {
  Bytes frame;
  kith::ws::append_frame(frame, opcode, message, kith::ws::MaskingKey{1, 2, 3, 4});
  connection_.send(frame);
}

bool SocketClient::read_more() {
  received_ = connection_.receive();
  parser_.feed(received_);
  return !received_.empty();
}

std::optional<wire::Frame> SocketClient::receive() {
  for (;;) {
    const kith::ws::Event event = parser_.next();
    switch (event.kind) {
      case kith::ws::Event::Kind::none:
        if (!read_more()) return std::nullopt;
        break;
      case kith::ws::Event::Kind::binary: {
        message_ = to_bytes(event.payload);
        auto frame = wire::decode(message_);
        KITH_CHECK(frame.has_value());
        return *std::move(frame);
      }
      case kith::ws::Event::Kind::ping:
        ++pings_;
        if (answers_pings) send_message(event.payload, kith::ws::Opcode::pong);
        break;
      case kith::ws::Event::Kind::close:
        close_code_ = event.close_code;
        return std::nullopt;
      case kith::ws::Event::Kind::pong:
        break;
      default:
        KITH_CHECK(false);
    }
  }
}

std::optional<wire::Frame> SocketClient::response() {
  for (;;) {
    auto frame = receive();
    if (!frame || frame->id != 0) return frame;
    if (std::holds_alternative<wire::Error>(frame->body)) return frame;
  }
}

std::optional<wire::Error> SocketClient::final_error() {
  std::optional<wire::Error> error;
  while (const auto frame = response()) {
    if (const auto* found = std::get_if<wire::Error>(&frame->body)) error = *found;
  }
  // The close frame came, and behind it the end of the stream.
  return close_code_ != kith::ws::CloseCode::no_status && connection_.receive().empty() ? error : std::nullopt;
}

}  // namespace kith::server::edge::test
