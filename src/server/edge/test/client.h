// Blocking clients for tests: bytes over a loopback socket, HTTP, and the WebSocket with our frames. Everything waits
// for at most kPatience; running out of it is a failed check.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "wire/frame.h"
#include "ws/parser.h"

namespace kith::server::edge::test {

using Json = nlohmann::json;

inline constexpr std::chrono::seconds kPatience{60};

class Connection {
 public:
  explicit Connection(std::uint16_t port, int receive_buffer_bytes = 0);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False if the peer has closed.
  bool send(ByteView bytes) const;
  bool send(std::string_view text) const { return send(as_view(text)); }
  // What there is, waiting for at least one byte; empty at the end.
  [[nodiscard]] Bytes receive() const;
  // Whether anything (or the end) can be read now.
  [[nodiscard]] bool has_input() const;
  void finish() const;  // sends no more
  void stop() const;    // neither sends nor receives

 private:
  int fd_;
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  [[nodiscard]] Json json() const { return Json::parse(body, nullptr, false); }
  [[nodiscard]] std::string error() const { return json().value("error", ""); }
};

// One connection, kept alive.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : connection_(port) {}

  HttpAnswer get(const std::string& path, const std::string& headers = "") { return ask("GET", path, "", headers); }
  HttpAnswer post(const std::string& path, const Json& body, const std::string& token = "");
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body,
                 const std::string& headers = "");
  // Bytes as they are, and the answer to them; status 0: the connection was closed without one.
  HttpAnswer raw(std::string_view bytes, bool is_head = false);
  [[nodiscard]] bool is_closed();

 private:
  Connection connection_;
  std::string received_;
};

class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port, int receive_buffer_bytes = 0);

  // One request, its id given.
  std::uint32_t send(wire::Body body);
  void send(const wire::Frame& frame) { send_message(wire::encode(frame)); }
  void send_message(ByteView message, kith::ws::Opcode opcode = kith::ws::Opcode::binary);
  void send_raw(ByteView bytes) const { connection_.send(bytes); }

  // The next frame of the server's, pings answered on the way; nullopt when it has closed (close_code() then).
  std::optional<wire::Frame> receive();
  // The same, hints left out.
  std::optional<wire::Frame> response();
  template <class T>
  std::optional<T> ask(wire::Body body) {
    const auto id = send(std::move(body));
    const auto frame = response();
    if (!frame || frame->id != id || !std::holds_alternative<T>(frame->body)) return std::nullopt;
    return std::get<T>(frame->body);
  }
  // Hello with this token.
  bool greet(const std::string& token) { return ask<wire::HelloOk>(wire::Hello{.token = token}).has_value(); }
  // The error that ends the connection, and that it ends.
  std::optional<wire::Error> final_error();

  [[nodiscard]] kith::ws::CloseCode close_code() const { return close_code_; }
  [[nodiscard]] int pings() const { return pings_; }
  bool answers_pings = true;
  [[nodiscard]] const Connection& connection() const { return connection_; }

 private:
  bool read_more();

  Connection connection_;
  kith::ws::Parser parser_{{.sender = kith::ws::Sender::server, .accepts_text = false, .max_message_bytes = 1 << 20}};
  Bytes received_;
  Bytes message_;  // what the last frame's views point into
  std::uint32_t next_id_ = 1;
  int pings_ = 0;
  kith::ws::CloseCode close_code_ = kith::ws::CloseCode::no_status;
};

}  // namespace kith::server::edge::test
