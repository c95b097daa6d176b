#include "client/core/test/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kith::client::test {

namespace {
constexpr std::int64_t kLatencyMs = 5;
constexpr std::int64_t kRestartMs = 50;
// In one millisecond. More is somebody who asks to be woken at once again and again.
constexpr int kMostTurns = 100'000;
}  // namespace

// ---- Client ----

template <class Input>
void Client::feed(Input input) {
  if (core_) carry_out(input(*core_, UnixMillis{world_.now() + clock_error_ms}));
}

void Client::later(std::int64_t after_ms, std::function<void()> what) {
  world_.at(world_.now() + after_ms, [this, life = life_, what = std::move(what)] {
    if (life == life_ && core_) what();
  });
}

void Client::start() {
  if (core_) return;
  ++life_;
  events.clear();
  messages.clear();
  answers_.clear();
  unanswered_.clear();
  new_messages = 0;
  core_ = std::make_unique<Core>(entropy_);
  std::vector<Row> boot;
  for (const auto& [key, value] : rows) {
    if (key >= to_bytes(kBootFrom) && key < to_bytes(kBootTo)) boot.push_back({key, to_secret(value)});
  }
  feed([&](Core& core, UnixMillis now) { return core.start(now, boot); });
}

void Client::stop() {
  core_.reset();
  connection_.clear();
  ++life_;
  for (const auto& [socket, connection] : sockets_) {
    world_.connections_.erase(connection);
    world_.server.close(connection);
  }
  sockets_.clear();
}

void Client::crash() {
  stop();
  world_.at(world_.now() + kRestartMs, [this, life = life_] {
    if (life == life_) start();
  });
}

void Client::set_network(bool up) {
  network_ = up;
  if (up) return;
  for (const auto& [socket, connection] : std::exchange(sockets_, {})) {
    world_.connections_.erase(connection);
    world_.server.close(connection);
    feed([&](Core& core, UnixMillis now) { return core.socket_closed(now, socket); });
  }
}

bool Client::boundary() {
  if (++world_.boundaries != world_.crash_at) return false;
  crash();
  return true;
}

void Client::carry_out(Output output) {
  if (boundary()) return;
  check_stored_first(output);
  if (!output.persist.empty()) {
    std::uint64_t generation = 0;
    const auto at = rows.find(to_bytes(kGenerationKey));
    if (at != rows.end()) {
      for (const std::uint8_t b : at->second) generation = generation << 8 | b;
    }
    ASSERT_EQ(generation, output.persist.generation);
    std::set<Bytes> keys;
    for (const Write& write : output.persist.writes) {
      EXPECT_TRUE(keys.insert(write.key).second);
      EXPECT_LE(write.key.size(), 64U);
      if (write.value) {
        rows[write.key] = to_bytes(*write.value);
      } else {
        rows.erase(write.key);
      }
    }
    if (world_.on_written) world_.on_written(*this, output.persist);
  }
  if (boundary()) return;
  for (const Transmit& what : output.transmit) carry(what);
  if (boundary()) return;
  for (const std::string& text : output.show) show(text);
  for (const Load& load : output.load) {
    later(1, [this, load] {
      std::vector<Row> found;
      for (auto it = rows.lower_bound(load.from); it != rows.end() && it->first < load.to; ++it)
        found.push_back({it->first, to_secret(it->second)});
      if (load.reverse) std::reverse(found.begin(), found.end());
      if (found.size() > load.limit) found.resize(load.limit);
      feed([&](Core& core, UnixMillis now) { return core.loaded(now, load.id, std::move(found)); });
    });
  }
  wake_at_ = output.wake_at ? std::optional(output.wake_at->value) : std::nullopt;
  if (wake_at_) {
    later(std::max<std::int64_t>(*wake_at_ - clock_error_ms - world_.now(), 0), [this, at = *wake_at_] {
      if (wake_at_ == at) feed([](Core& core, UnixMillis now) { return core.tick(now); });
    });
  }
}

// A message's bytes leave for the first time in an output that also stores them, and the ratchet that they used up.
void Client::check_stored_first(const Output& output) {
  for (const Transmit& what : output.transmit) {
    const auto* send = std::get_if<SendFrame>(&what);
    const auto frame =
        send != nullptr ? wire::decode(send->frame) : wire::Result<wire::Frame>(fail(wire::Errc::malformed));
    const auto* append = frame ? std::get_if<wire::Append>(&frame->body) : nullptr;
    if (append == nullptr || !sent_.insert(to_bytes(append->payload)).second) continue;
    bool bytes = false;
    bool ratchet = false;
    for (const Write& write : output.persist.writes) {
      const bool of_group = write.value && write.key[0] == 'g' && write.key.size() > 33;
      if (of_group && write.key[33] == 'r') ratchet = true;
      if (of_group && write.key[33] == 'q') bytes |= !std::ranges::search(*write.value, append->payload).empty();
    }
    EXPECT_TRUE(bytes) << "a message left that is not stored";
    EXPECT_TRUE(ratchet) << "a message left whose ratchet is not stored";
  }
}

void Client::carry(const Transmit& what) {
  if (const auto* open = std::get_if<OpenSocket>(&what)) {
    later(kLatencyMs, [this, socket = open->socket] {
      if (!network_) return feed([&](Core& core, UnixMillis now) { return core.socket_closed(now, socket); });
      const auto connection = world_.server.open();
      sockets_[socket] = connection;
      world_.connections_[connection] = {this, socket};
      feed([&](Core& core, UnixMillis now) { return core.socket_opened(now, socket); });
    });
  } else if (const auto* send = std::get_if<SendFrame>(&what)) {
    const auto at = sockets_.find(send->socket);
    if (at == sockets_.end()) return;
    // What was written to a socket arrives even if the writer dies right after.
    const std::int64_t when = world_.arrival(world_.last_up_[at->second]);
    world_.at(when, [this, connection = at->second, frame = send->frame] {
      world_.server.receive(connection, frame);
      world_.deliver_sent();
    });
  } else if (const auto* closed = std::get_if<CloseSocket>(&what)) {
    const auto at = sockets_.find(closed->socket);
    if (at == sockets_.end()) return;
    world_.connections_.erase(at->second);
    world_.server.close(at->second);
    sockets_.erase(at);
  } else if (const auto* request = std::get_if<HttpRequest>(&what)) {
    world_.at(world_.now() + world_.way(), [this, life = life_, request = *request] {
      ModelServer::HttpReply reply{0, ""};
      if (network_) reply = world_.server.http(request.method, request.path, request.bearer, request.body);
      world_.deliver_sent();
      if (world_.http_to_client) world_.http_to_client(reply);
      if (life != life_) return;
      later(world_.way(), [this, id = request.id, reply] {
        feed([&](Core& core, UnixMillis now) {
          return core.http_response(now, id, network_ ? reply.status : 0, reply.body);
        });
      });
    });
  }
}

void Client::show(const std::string& text) {
  Json event = Json::parse(text);
  const std::string type = event["type"];
  if (type == "connection") connection_ = event["state"];
  if (type == "account") {
    account = event["account"];
    if (account.contains("recovery_key")) {
      recovery_key.clear();
      for (const Json& group : account["recovery_key"]) recovery_key += group.get<std::string>() + " ";
    }
  }
  if (type == "join_requests") join_requests = event["requests"];
  if (type == "warning") {
    ++warnings[event["code"]];
    world_.said.push_back(name + ": " + event["message"].get<std::string>());
  }
  if (type == "message") {
    messages[event["message"]["id"]] = event["message"];
    if (event["is_new"] && !event["message"]["mine"]) ++new_messages;
  }
  if (type == "done" || type == "failed") {
    answers_[event["id"]] = event;
    unanswered_.erase(event["id"].get<std::int64_t>());
  }
  events.push_back(std::move(event));
}

void Client::tell(Json command) {
  command["id"] = next_command_;
  unanswered_.insert(next_command_++);
  feed([&](Core& core, UnixMillis now) { return core.command(now, command.dump()); });
}

void Client::tell_text(const std::string& text) {
  feed([&](Core& core, UnixMillis now) { return core.command(now, text); });
}

std::optional<Json> Client::ask(Json command) {
  if (!core_) return std::nullopt;
  const std::uint64_t life = life_;
  const std::int64_t id = next_command_;
  tell(std::move(command));
  world_.run_until([&] { return life != life_ || answers_.contains(id); });
  return answers_.contains(id) ? std::optional(answers_[id]) : std::nullopt;
}

// ---- World ----

Client& World::add(const std::string& name) {
  clients_.push_back(std::make_unique<Client>(*this, name, 100 + clients_.size() + random_below(1'000'000)));
  return *clients_.back();
}

std::uint64_t World::random_below(std::uint64_t bound) {
  std::array<std::uint8_t, 8> bytes{};
  entropy_.fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t b : bytes) value = value << 8 | b;
  return value % bound;
}

void World::at(std::int64_t when, std::function<void()> what) { events_[{when, next_event_++}] = std::move(what); }

bool World::run_until(const std::function<bool()>& condition, std::int64_t limit_ms) {
  const std::int64_t end = now_ms_ + limit_ms;
  std::int64_t last_ms = now_ms_;
  int turns = 0;
  while (!condition()) {
    turns = std::exchange(last_ms, now_ms_) == now_ms_ ? turns + 1 : 0;
    if (turns > kMostTurns) {
      ADD_FAILURE() << "time stands still";
      events_.clear();
    }
    if (events_.empty() || events_.begin()->first.first > end) {
      now_ms_ = std::max(now_ms_, end);
      return condition();
    }
    const auto next = events_.begin();
    now_ms_ = std::max(now_ms_, next->first.first);
    server.now_ms = std::max(server.now_ms, now_ms_);
    const auto run = std::move(next->second);
    events_.erase(next);
    run();
  }
  return true;
}

void World::run_for(std::int64_t ms) {
  run_until([] { return false; }, ms);
}

std::int64_t World::way() {
  return kLatencyMs +
         (jitter_ms > 0 ? static_cast<std::int64_t>(random_below(static_cast<std::uint64_t>(jitter_ms))) : 0);
}

std::int64_t World::arrival(std::int64_t& last) {
  last = std::max(last, now_ms_ + way());
  return last;
}

void World::deliver_sent() {
  for (ModelServer::Sent& sent : server.take_sent()) deliver(std::move(sent));
}

void World::deliver(ModelServer::Sent sent) {
  const auto frame = wire::decode(sent.frame);
  const bool is_hint = frame && frame->id == 0;
  const auto arrive = [this, sent] {
    const auto to = connections_.find(sent.to);
    if (to == connections_.end()) return;
    auto [client, socket] = to->second;
    if (sent.frame.empty()) {
      client->sockets_.erase(socket);
      connections_.erase(to);
      return client->feed([&, number = socket](Core& core, UnixMillis now) { return core.socket_closed(now, number); });
    }
    Bytes bytes = sent.frame;
    auto decoded = wire::decode(sent.frame);
    if (to_client && decoded) {
      if (!to_client(*client, *decoded)) return;
      bytes = wire::encode(*decoded);
    }
    if (bytes_to_client) bytes_to_client(*client, bytes);
    client->feed([&, number = socket](Core& core, UnixMillis now) { return core.socket_frame(now, number, bytes); });
  };
  const auto when = [&] {
    if (!is_hint || hint_delay_ms == 0) return arrival(last_down_[sent.to]);
    return now_ms_ + kLatencyMs + static_cast<std::int64_t>(random_below(static_cast<std::uint64_t>(hint_delay_ms)));
  };
  at(when(), arrive);
  if (is_hint && double_hints) at(when(), arrive);
}

}  // namespace kith::client::test
