#include "client/native/stream.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "client/native/loop_context.h"

namespace kith::client::native {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds kConnectTimeout{15};
constexpr std::chrono::seconds kLingerTimeout{2};
constexpr std::size_t kReadBytes = 64 * 1024;

ssl::context& tls_context() {
  static ssl::context context = [] {
    ssl::context c(ssl::context::tls_client);
    c.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    c.set_verify_mode(ssl::verify_peer);
    error_code error;
    // Without authorities nothing verifies: every connection is then refused, which is what is wanted.
    c.set_default_verify_paths(error);
    return c;
  }();
  return context;
}

// Lives as long as one of its handlers is under way; whoever holds the Stream may go earlier.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, const ServerUrl& server, StreamEvents events)
      : server_(server),
        events_(std::make_shared<StreamEvents>(std::move(events))),
        resolver_(io),
        socket_(io),
        deadline_(io) {}

  void start();
  void write(Bytes bytes);
  void finish(std::function<void()> done);
  void abandon();

 private:
  // Runs `action` on the layer that carries our bytes.
  template <class Action>
  void on_layer(Action&& action) {
    if (tls_) {
      action(*tls_);
    } else {
      action(socket_);
    }
  }
  void connect(const tcp::resolver::results_type& addresses);
  void shake_hands();
  void opened();
  void read();
  void write_next();
  void close(Errc code, std::string detail);
  void close_socket();

  ServerUrl server_;
  // Shared with the call that is under way: a callback may let go of us.
  std::shared_ptr<const StreamEvents> events_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::unique_ptr<ssl::stream<tcp::socket&>> tls_;
  asio::steady_timer deadline_;
  std::array<std::uint8_t, kReadBytes> buffer_{};
  std::deque<Bytes> queue_;
  std::function<void()> finished_;
  bool is_open_ = false;
  bool is_writing_ = false;
  bool is_finishing_ = false;
  bool is_closed_ = false;
};

void Connection::start() {
  deadline_.expires_after(kConnectTimeout);
  deadline_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->close(Errc::network, "the server does not answer");
  });
  resolver_.async_resolve(server_.host, std::to_string(server_.port),
                          [self = shared_from_this()](const error_code& error, const auto& addresses) {
                            if (error) return self->close(Errc::network, "the server's name is not known here");
                            self->connect(addresses);
                          });
}

void Connection::connect(const tcp::resolver::results_type& addresses) {
  if (is_closed_) return;
  asio::async_connect(socket_, addresses, [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
    if (error) return self->close(Errc::network, "the server can't be reached");
    error_code ignored;
    self->socket_.set_option(tcp::no_delay(true), ignored);
    if (self->server_.tls) {
      self->shake_hands();
    } else {
      self->opened();
    }
  });
}

void Connection::shake_hands() {
  if (is_closed_) return;
  tls_ = std::make_unique<ssl::stream<tcp::socket&>>(socket_, tls_context());
  error_code not_an_address;
  asio::ip::make_address(server_.host, not_an_address);
  // Server names are names: RFC 6066 section 3 has no place for an address.
  if (not_an_address) SSL_set_tlsext_host_name(tls_->native_handle(), server_.host.c_str());
  tls_->set_verify_callback(ssl::host_name_verification(server_.host));
  tls_->async_handshake(ssl::stream_base::client, [self = shared_from_this()](const error_code& error) {
    if (!error) return self->opened();
    const bool untrusted = self->tls_ && SSL_get_verify_result(self->tls_->native_handle()) != X509_V_OK;
    self->close(untrusted ? Errc::untrusted : Errc::network,
                untrusted ? "the server's certificate does not hold" : "the server does not speak TLS");
  });
}

void Connection::opened() {
  if (is_closed_) return;
  deadline_.cancel();
  is_open_ = true;
  read();
  if (const auto events = events_) events->opened();
}

void Connection::read() {
  if (is_closed_) return;
  on_layer([this](auto& layer) {
    layer.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const error_code& error, std::size_t n) {
      if (error) return self->close(Errc::network, "the connection ended");
      if (const auto events = self->events_) events->received(ByteSpan(self->buffer_.data(), n));
      self->read();
    });
  });
}

void Connection::write(Bytes bytes) {
  if (is_closed_ || is_finishing_) return;
  queue_.push_back(std::move(bytes));
  if (!is_writing_) write_next();
}

// Everything that waits goes out in one call.
void Connection::write_next() {
  if (is_closed_) return;
  if (queue_.empty()) {
    error_code ignored;
    if (is_finishing_) socket_.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  is_writing_ = true;
  auto bytes = std::make_shared<std::deque<Bytes>>(std::exchange(queue_, {}));
  std::vector<asio::const_buffer> buffers;
  for (const auto& piece : *bytes) buffers.emplace_back(piece.data(), piece.size());
  on_layer([&](auto& layer) {
    asio::async_write(layer, buffers, [self = shared_from_this(), bytes](const error_code& error, std::size_t) {
      self->is_writing_ = false;
      if (error) return self->close(Errc::network, "the connection ended");
      self->write_next();
    });
  });
}

void Connection::finish(std::function<void()> done) {
  events_ = nullptr;
  finished_ = std::move(done);
  is_finishing_ = true;
  if (is_closed_ || !is_open_) return close_socket();
  deadline_.expires_after(kLingerTimeout);
  deadline_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->close_socket();
  });
  if (!is_writing_) write_next();
}

void Connection::abandon() {
  if (is_finishing_) return;
  events_ = nullptr;
  close_socket();
}

void Connection::close(Errc code, std::string detail) {
  if (is_closed_) return;
  close_socket();
  const auto events = std::exchange(events_, nullptr);
  if (events) events->closed({.code = code, .detail = std::move(detail)});
}

void Connection::close_socket() {
  is_closed_ = true;
  deadline_.cancel();
  resolver_.cancel();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  if (auto done = std::exchange(finished_, nullptr)) asio::post(deadline_.get_executor(), std::move(done));
}

class AsioStream final : public Stream {
 public:
  explicit AsioStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  AsioStream(const AsioStream&) = delete;
  AsioStream& operator=(const AsioStream&) = delete;
  ~AsioStream() override { connection_->abandon(); }
  void write(Bytes bytes) override { connection_->write(std::move(bytes)); }
  void finish(std::function<void()> done) override { connection_->finish(std::move(done)); }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<Stream> Stream::connect(Loop& loop, const ServerUrl& server, StreamEvents events) {
  auto connection = std::make_shared<Connection>(loop.context().io, server, std::move(events));
  connection->start();
  return std::make_unique<AsioStream>(std::move(connection));
}

}  // namespace kith::client::native
