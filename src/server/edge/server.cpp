#include "server/edge/server.h"

#include <boost/asio/post.hpp>

namespace kith::server::edge {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when there are no file descriptors left
}  // namespace

std::expected<std::unique_ptr<Server>, std::string> Server::start(Parts parts, Options options) {
  std::unique_ptr<Server> server(new Server(std::move(parts), std::move(options)));
  if (auto listening = server->listen(); !listening) return std::unexpected(std::move(listening).error());
  server->accept();
  server->accepting_ = std::thread([raw = server.get()] { raw->io_.run(); });
  return server;
}

Server::Server(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}

Server::~Server() {
  // The socket that is being accepted belongs to an I/O thread's context: it goes before the threads do.
  stop_accepting();
  if (accepting_.joinable()) accepting_.join();
  threads_.clear();
}

void Server::stop_accepting() {
  asio::post(io_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
}

std::expected<void, std::string> Server::listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return std::unexpected("cannot listen on " + options_.address + ": it is not a network address");
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) {
    return std::unexpected("cannot listen on " + options_.address + " port " + std::to_string(options_.port) + ": " +
                           error.message());
  }
  port_ = acceptor_.local_endpoint().port();
  for (unsigned i = 0; i < options_.io_threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(
        parts_, options_, [this] { return !is_draining_.load(std::memory_order_relaxed) && parts_.is_healthy(); }));
  }
  return {};
}

std::size_t Server::connections() const {
  std::size_t sum = 0;
  for (const auto& thread : threads_) sum += thread->connections();
  return sum;
}

void Server::accept() {
  IoThread& thread = *threads_[next_++ % threads_.size()];
  acceptor_.async_accept(thread.io(), [this, &thread](const boost::system::error_code& error, tcp::socket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (error) return accept_later();
    // Over the limit the door is shut again at once: that costs the least.
    if (connections() < options_.max_connections) {
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      thread.adopt(std::move(socket));
    }
    accept();
  });
}

void Server::accept_later() {
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) accept();
  });
}

void Server::drain() {
  if (is_draining_.exchange(true)) return;
  stop_accepting();
  for (const auto& thread : threads_) thread->drain();
}

void Server::wait() {
  for (const auto& thread : threads_) thread->join();
  if (accepting_.joinable()) accepting_.join();
}

}  // namespace kith::server::edge
