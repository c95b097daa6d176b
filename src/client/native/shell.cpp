#include "client/native/shell.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace kith::client::native {
namespace {

std::string stopped_event(const Failure<Errc>& why) {
  const char* reason = why.code == Errc::taken_over ? "taken_over" : "storage_failed";
  return nlohmann::json{{"type", "stopped"}, {"reason", reason}, {"message", why.detail}}.dump();
}

std::string refused_after_stop(std::string_view command) {
  const auto parsed = nlohmann::json::parse(command, nullptr, false);
  nlohmann::json event{{"type", "failed"}, {"id", 0}, {"error", "stopped"}, {"message", "This client has stopped."}};
  if (parsed.is_object() && parsed.contains("id") && parsed["id"].is_number_integer()) event["id"] = parsed["id"];
  return event.dump();
}

// Posts its turn when the last owner lets go.
struct Finally {
  Finally(Loop& l, std::function<void()> t) : loop(l), turn(std::move(t)) {}
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;
  ~Finally() { loop.post(std::move(turn)); }
  Loop& loop;
  std::function<void()> turn;
};

}  // namespace

template <class F>
auto Shell::guarded(F f) {
  return [alive = is_alive_, f = std::move(f)](auto&&... arguments) mutable {
    if (*alive) f(std::forward<decltype(arguments)>(arguments)...);
  };
}

Shell::Shell(Loop& loop, Store store, ServerUrl server, Entropy& entropy, Show show)
    : loop_(loop),
      store_(std::move(store)),
      server_(std::move(server)),
      entropy_(entropy),
      show_(std::move(show)),
      core_(std::make_unique<Core>(entropy)),
      http_(loop, server_),
      alarm_(loop) {}

Shell::~Shell() { *is_alive_ = false; }

Result<void> Shell::start() {
  KITH_TRY(const auto rows, store_.boot());
  take(core_->start(loop_.now(), rows));
  return {};
}

void Shell::command(std::string_view json) {
  if (core_) {
    take(core_->command(loop_.now(), json));
  } else {
    loop_.post(guarded([this, event = refused_after_stop(json)] { show_(event); }));
  }
}

void Shell::take(Output output) {
  waiting_.push_back(std::move(output));
  if (std::exchange(is_turn_posted_, true)) return;
  loop_.post(guarded([this] { carry_out(); }));
}

void Shell::carry_out() {
  is_turn_posted_ = false;
  auto outputs = std::exchange(waiting_, {});
  if (!core_) return;
  if (auto persisted = persist(outputs); !persisted) return end(persisted.error());
  for (auto& output : outputs) {
    for (auto& what : output.transmit) transmit(what);
  }
  const auto alive = is_alive_;
  for (const auto& output : outputs) {
    for (const auto& event : output.show) {
      show_(event);
      if (!*alive) return;
    }
  }
  for (const auto& output : outputs) {
    for (const auto& load : output.load) {
      answer(load);
      if (!core_) return;
    }
  }
  // While newer outputs wait, theirs is the time that counts.
  if (!waiting_.empty()) return;
  alarm_.set(outputs.back().wake_at, guarded([this] {
               if (core_) take(core_->tick(loop_.now()));
             }));
}

Result<void> Shell::persist(const std::vector<Output>& outputs) {
  std::map<Bytes, const std::optional<SecretBytes>*> newest;
  std::optional<std::uint64_t> generation;
  for (const auto& output : outputs) {
    if (output.persist.empty()) continue;
    if (!generation) generation = output.persist.generation;
    for (const auto& write : output.persist.writes) newest[write.key] = &write.value;
  }
  if (!generation) return {};
  Batch merged{.generation = *generation, .writes = {}};
  merged.writes.reserve(newest.size());
  for (const auto& [key, value] : newest) merged.writes.push_back({key, *value});
  return store_.commit(merged);
}

void Shell::transmit(Transmit& what) {
  if (const auto* open = std::get_if<OpenSocket>(&what)) {
    open_socket(open->socket);
  } else if (const auto* frame = std::get_if<SendFrame>(&what)) {
    // A socket that broke meanwhile: the core has been told, or will be.
    if (const auto found = sockets_.find(frame->socket); found != sockets_.end()) found->second->send(frame->frame);
  } else if (const auto* close = std::get_if<CloseSocket>(&what)) {
    if (const auto found = sockets_.find(close->socket); found != sockets_.end()) {
      found->second->close(close->code, nullptr);
      sockets_.erase(found);
    }
  } else if (const auto* request = std::get_if<HttpRequest>(&what)) {
    http_.request(*request, [this, id = request->id](int status, const std::string& body) {
      if (core_) take(core_->http_response(loop_.now(), id, status, body));
    });
  }
}

void Shell::open_socket(std::uint32_t number) {
  const auto closed = [this, number](const Failure<Errc>&) {
    sockets_.erase(number);
    if (core_) take(core_->socket_closed(loop_.now(), number));
  };
  const auto message = [this, number](ByteView frame) {
    if (core_) take(core_->socket_frame(loop_.now(), number, frame));
  };
  const auto opened = [this, number] {
    if (core_) take(core_->socket_opened(loop_.now(), number));
  };
  sockets_[number] = std::make_unique<WebSocket>(
      loop_, server_, entropy_, WebSocketEvents{.opened = opened, .message = message, .closed = closed});
}

void Shell::answer(const Load& load) {
  auto rows = store_.load(load.from, load.to, load.limit, load.reverse);
  if (!rows) return end(rows.error());
  take(core_->loaded(loop_.now(), load.id, std::move(*rows)));
}

void Shell::finish(std::function<void()> done) {
  core_.reset();
  alarm_.set(std::nullopt, nullptr);
  waiting_.clear();
  const auto all_closed = std::make_shared<Finally>(loop_, std::move(done));
  for (auto& [number, socket] : sockets_) socket->close(1000, [all_closed] {});
  sockets_.clear();
}

void Shell::end(const Failure<Errc>& why) {
  core_.reset();
  sockets_.clear();
  alarm_.set(std::nullopt, nullptr);
  waiting_.clear();
  show_(stopped_event(why));
}

}  // namespace kith::client::native
