#include "server/edge/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <utility>

#include "server/edge/http/head.h"
#include "server/edge/http/text.h"
#include "server/edge/http/upgrade.h"

namespace kith::server::edge {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using domain::Errc;

namespace {

constexpr std::uint32_t kMaxHeadBytes = 16 * 1024;
constexpr std::chrono::seconds kLinger{2};

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    default:
      return Method::other;
  }
}

std::unexpected<domain::Error> too_large() {
  return domain::fail(Errc::too_large, "the body is larger than this request may have");
}

// The address that limits count by. A household's IPv6 network is one source.
std::string source_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  const auto bytes = v6.to_bytes();
  return to_hex(ByteView(bytes).first(8));
}

// The proxy appends to the list, which may go on over several lines: whatever stands before is the client's own word.
std::string forwarded_source(const http::fields& fields, std::string direct) {
  const auto [first, end] = fields.equal_range("X-Forwarded-For");
  if (first == end) return direct;
  const std::string_view line = view_of(std::prev(end)->value());
  const std::string_view last = trimmed(line.substr(line.rfind(',') + 1));
  beast::error_code error;
  const auto address = asio::ip::make_address(std::string(last), error);
  return error ? std::move(direct) : source_of(address);
}

}  // namespace

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpDoor& door, tcp::socket socket)
      : door_(door), open_(door.open_), large_body_bytes_(door.large_body_bytes_), stream_(std::move(socket)) {
    open_->insert(this);
  }
  ~HttpConnection() {
    open_->erase(this);
    give_back();
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void read();
  void close_if_idle() {
    if (is_idle_) stream_.socket().close();
  }

 private:
  void on_head(const beast::error_code& error);
  [[nodiscard]] domain::Result<void> admit_body();
  void give_back() { *large_body_bytes_ -= std::exchange(reserved_bytes_, 0); }
  void on_read(const beast::error_code& error);
  void refuse(const beast::error_code& error);
  [[nodiscard]] Request request() const;
  [[nodiscard]] std::string_view header(http::field name) const { return view_of(parser_->get()[name]); }
  [[nodiscard]] bool wants_upgrade() const;
  void upgrade();
  static Task<void> serve(std::shared_ptr<HttpConnection> self);
  void write(Response response, bool keep_alive);
  void write_on();
  void on_written(const beast::error_code& error);
  void linger();

  HttpDoor& door_;
  std::shared_ptr<HttpDoor::Open> open_;
  std::shared_ptr<std::size_t> large_body_bytes_;
  std::size_t reserved_bytes_ = 0;  // of them, for this one
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kMaxHeadBytes + kMaxBodyBytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string path_;
  std::string head_;
  std::string_view body_;
  std::size_t written_bytes_ = 0;  // of head and body
  Response response_;
  bool keep_alive_ = false;
  bool is_idle_ = true;  // between two requests
};

void HttpDoor::adopt(tcp::socket socket) { std::make_shared<HttpConnection>(*this, std::move(socket))->read(); }

void HttpDoor::drain() {
  is_draining_ = true;
  for (HttpConnection* connection : *open_) connection->close_if_idle();
}

void HttpConnection::read() {
  is_idle_ = true;
  parser_.emplace();
  parser_->header_limit(kMaxHeadBytes);
  parser_->body_limit(kMaxBodyBytes);
  stream_.expires_after(door_.settings_.time_limit);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const beast::error_code& error, std::size_t) { self->on_head(error); });
}

void HttpConnection::on_head(const beast::error_code& error) {
  is_idle_ = false;
  if (error) return refuse(error);
  const std::string_view target = view_of(parser_->get().target());
  path_ = target.substr(0, target.find('?'));
  if (wants_upgrade()) return upgrade();
  if (parser_->is_done()) return on_read({});
  if (const auto admitted = admit_body(); !admitted) return write(error_response(admitted.error()), false);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const beast::error_code& read_error, std::size_t) { self->on_read(read_error); });
}

// A small one is read whatever it is for, so that its connection stays in use whatever the answer.
domain::Result<void> HttpConnection::admit_body() {
  const auto told = parser_->content_length();
  if (told && *told <= kSmallBodyBytes) return {};
  KITH_TRY(const std::size_t most, may_send(door_.site_, request()));
  if (told && *told > most) return too_large();
  parser_->body_limit(std::max(most, kSmallBodyBytes));  // for one that comes in pieces
  const std::size_t size_bytes = told ? static_cast<std::size_t>(*told) : most;
  if (size_bytes <= kSmallBodyBytes) return {};
  if (*large_body_bytes_ + size_bytes > door_.settings_.max_large_body_bytes) {
    return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
  }
  *large_body_bytes_ += reserved_bytes_ = size_bytes;
  return {};
}

void HttpConnection::on_read(const beast::error_code& error) {
  if (error) return refuse(error);
  door_.tasks_.spawn(serve(shared_from_this()));
}

void HttpConnection::refuse(const beast::error_code& error) {
  const bool is_http = error.category() == make_error_code(http::error::bad_method).category();
  if (!is_http || error == http::error::end_of_stream || error == http::error::partial_message) return;
  domain::Error reason{.code = Errc::invalid_argument, .detail = "this is not an HTTP/1.1 request"};
  if (error == http::error::body_limit) reason = too_large().error();
  Response response = error_response(reason);
  if (error == http::error::header_limit) response.status = 431;
  write(std::move(response), false);
}

bool HttpConnection::wants_upgrade() const {
  return path_ == kSocketPath && beast::websocket::is_upgrade(parser_->get());
}

void HttpConnection::upgrade() {
  auto accepted = accept_handshake({.host = header(http::field::host),
                                    .origin = header(http::field::origin),
                                    .key = header(http::field::sec_websocket_key),
                                    .version = header(http::field::sec_websocket_version),
                                    .subprotocols = header(http::field::sec_websocket_protocol)});
  if (!accepted) return write(error_response(accepted.error()), false);
  if (door_.is_draining_) {
    return write(
        error_response({.code = Errc::overloaded, .detail = "the server is about to stop", .retry_after_ms = 1000}),
        false);
  }
  const auto rest = buffer_.cdata();
  beast::error_code error;
  const int socket = stream_.release_socket().release(error);
  if (error) return;
  door_.upgrade_(socket, *std::move(accepted), {static_cast<const std::uint8_t*>(rest.data()), rest.size()});
}

Request HttpConnection::request() const {
  const auto& message = parser_->get();
  beast::error_code error;
  const auto peer = stream_.socket().remote_endpoint(error);
  std::string source = error ? std::string() : source_of(peer.address());
  if (door_.settings_.trust_forwarded_for) {
    source = forwarded_source(message, std::move(source));
  }
  return {.method = method_of(message.method()),
          .path = path_,
          .body = message.body(),
          .authorization = header(http::field::authorization),
          .accept_encoding = header(http::field::accept_encoding),
          .if_none_match = header(http::field::if_none_match),
          .source = std::move(source)};
}

Task<void> HttpConnection::serve(std::shared_ptr<HttpConnection> self) {
  const Request request = self->request();
  Response response = co_await answer(self->door_.site_, request);
  std::string& body = self->parser_->get().body();
  wipe(body.data(), body.size());
  self->give_back();
  self->write(std::move(response), self->parser_->get().keep_alive());
}

void HttpConnection::write(Response response, bool keep_alive) {
  response_ = std::move(response);
  keep_alive_ = keep_alive && !door_.is_draining_;
  head_ = head_of(response_, keep_alive_);
  const bool is_head_only = parser_->get().method() == http::verb::head;
  body_ = is_head_only ? std::string_view() : body_of(response_);
  written_bytes_ = 0;
  write_on();
}

// Each piece has the whole time: a slow link is not a dead one.
void HttpConnection::write_on() {
  const std::array buffers{
      asio::const_buffer(head_.data(), head_.size()) + written_bytes_,
      asio::const_buffer(body_.data(), body_.size()) + (std::max(written_bytes_, head_.size()) - head_.size())};
  stream_.expires_after(door_.settings_.time_limit);
  stream_.async_write_some(buffers,
                           [self = shared_from_this()](const beast::error_code& error, std::size_t size_bytes) {
                             self->written_bytes_ += size_bytes;
                             const bool is_whole = self->written_bytes_ == self->head_.size() + self->body_.size();
                             if (error || is_whole) return self->on_written(error);
                             self->write_on();
                           });
}

void HttpConnection::on_written(const beast::error_code& error) {
  wipe(response_.body.data(), response_.body.size());
  body_ = {};
  response_ = {};
  if (error) return;
  if (keep_alive_ && !door_.is_draining_) return read();
  beast::error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kLinger);
  linger();
}

// Closing while the client still sends would take back the response that it has not read yet.
void HttpConnection::linger() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kMaxHeadBytes),
                          [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                            if (!error) self->linger();
                          });
}

}  // namespace kith::server::edge
