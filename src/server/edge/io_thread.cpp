#include "server/edge/io_thread.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/edge/http/connection.h"
#include "server/edge/wire_hint_encoder.h"
#include "server/edge/ws/sockets.h"

namespace kith::server::edge {

namespace asio = boost::asio;

namespace {
constexpr std::chrono::milliseconds kCensus{200};
constexpr std::chrono::milliseconds kDrainCensus{20};
}  // namespace

// Everything that lives on the thread, in the order in which it may know one another.
struct IoThread::Life {
  Life(IoThread& thread, const Parts& parts, const Options& options, std::function<bool()> is_ready)
      : store(parts.store(thread.scheduler_)),
        bus(parts.bus(thread.scheduler_)),
        pins(parts.pins(thread.scheduler_)),
        node({.store = *store,
              .bus = *bus,
              .scheduler = thread.scheduler_,
              .entropy = parts.entropy,
              .hints = hints,
              .codes = parts.codes,
              .phones = parts.phones,
              .secrets = parts.secrets,
              .pins = *pins},
             options.limits),
        site{.node = node,
             .scheduler = thread.scheduler_,
             .tokens = parts.tokens,
             .files = parts.files,
             .log = parts.log,
             .is_ready = std::move(is_ready)},
        sockets({.io = thread.io_,
                 .scheduler = thread.scheduler_,
                 .node = node,
                 .bus = *bus,
                 .tokens = parts.tokens,
                 .entropy = parts.entropy,
                 .log = parts.log,
                 .tasks = tasks,
                 .timing = options.timing,
                 .max_buffered_bytes = options.max_buffered_bytes / options.io_threads}),
        door(site, tasks,
             {.time_limit = options.timing.http,
              .trust_forwarded_for = options.trust_forwarded_for,
              .max_large_body_bytes = options.max_buffered_bytes / options.io_threads / 8},
             [this](int socket, const std::string& answer, ByteView received) {
               sockets.adopt(socket, to_bytes(answer), received);
             }),
        census(thread.io_),
        deadline(thread.io_) {}
  ~Life() { tasks.clear(); }

  std::unique_ptr<domain::Store> store;
  std::unique_ptr<domain::Bus> bus;
  std::unique_ptr<domain::PinStretcher> pins;
  WireHintEncoder hints;
  service::Node node;
  Site site;
  TaskScope tasks;
  Sockets sockets;
  HttpDoor door;
  asio::steady_timer census;
  asio::steady_timer deadline;
};

IoThread::IoThread(const Parts& parts, const Options& options, std::function<bool()> is_ready)
    : work_(asio::make_work_guard(io_)),
      timing_(options.timing),
      thread_([this, &parts, &options, ready = std::move(is_ready)] { run(parts, options, ready); }) {}

IoThread::~IoThread() {
  io_.stop();
  join();
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::run(const Parts& parts, const Options& options, const std::function<bool()>& is_ready) {
  Life life(*this, parts, options, is_ready);
  life_ = &life;
  life.node.start();
  take_census();
  io_.run();
  life_ = nullptr;
}

void IoThread::adopt(asio::ip::tcp::socket socket) {
  asio::post(io_, [this, moved = std::make_shared<asio::ip::tcp::socket>(std::move(socket))] {
    life_->door.adopt(std::move(*moved));
  });
}

// Counts the connections, and while draining sees whether everything is done.
void IoThread::take_census() {
  connections_.store(life_->door.size() + life_->sockets.size(), std::memory_order_relaxed);
  if (is_draining_ && connections() + life_->tasks.size() == 0) return io_.stop();
  life_->census.expires_after(is_draining_ ? kDrainCensus : kCensus);
  life_->census.async_wait([this](const boost::system::error_code& error) {
    if (!error) take_census();
  });
}

void IoThread::begin_drain() {
  if (std::exchange(is_draining_, true)) return;
  life_->door.drain();
  life_->sockets.drain();
  life_->deadline.expires_after(timing_.drain);
  life_->deadline.async_wait([this](const boost::system::error_code& error) {
    if (!error) io_.stop();
  });
  take_census();
}

void IoThread::drain() {
  asio::post(io_, [this] { begin_drain(); });
}

}  // namespace kith::server::edge
