#include "tests/simulation/client.h"

#include <algorithm>

namespace kith::sim {

using client::Core;
using client::Output;

namespace {
constexpr std::int64_t kRestartMs = 50;
}  // namespace

Client::Client(Surroundings surroundings, std::string the_name, Chance entropy)
    : name(std::move(the_name)), around_(surroundings), entropy_(entropy) {}

Client::~Client() = default;

template <class Input>
void Client::feed(Input input) {
  if (!core_) return;
  outputs_.push_back(input(*core_, UnixMillis{around_.time.now_ms() + clock_error_ms}));
  if (std::exchange(is_carrying_, true)) return;
  // A disk that is quick enough for nobody to notice, or not.
  const std::int64_t disk_ms = around_.faults.chance().below(8) == 0 ? around_.faults.chance().between(1, 20) : 0;
  later(disk_ms, [this] { carry_out_next(); });
}

void Client::later(std::int64_t after_ms, std::function<void()> what) {
  around_.time.after(after_ms, [this, life = lives, what = std::move(what)] {
    if (life == lives && core_) what();
  });
}

void Client::start() {
  if (core_ || is_retired_) return;
  ++lives;
  chats.clear();
  connection_.clear();
  wake_at_ms_.reset();
  core_ = std::make_unique<Core>(entropy_);
  std::vector<client::Row> boot;
  const auto end = rows_.lower_bound(to_bytes(client::kBootTo));
  for (auto row = rows_.lower_bound(to_bytes(client::kBootFrom)); row != end; ++row) {
    boot.push_back({row->first, to_secret(row->second)});
  }
  around_.trace.note(around_.time.now_ms(), name, "starts");
  feed([&](Core& core, UnixMillis now) { return core.start(now, boot); });
}

void Client::stop() {
  if (!core_) return;
  around_.trace.note(around_.time.now_ms(), name, "ends");
  ++lives;
  core_.reset();
  outputs_.clear();
  is_carrying_ = false;
  waiting_.clear();
  connection_.clear();
  forget_lines();
}

void Client::kill() {
  stop();
  around_.time.after(kRestartMs, [this, life = lives] {
    if (life == lives) start();
  });
}

void Client::retire() {
  stop();
  is_retired_ = true;
}

void Client::restore(std::map<Bytes, Bytes> rows) {
  KITH_CHECK(!core_);
  around_.trace.note(around_.time.now_ms(), name, "is restored from a backup");
  rows_ = std::move(rows);
}

void Client::forget_lines() {
  for (const auto& [socket, line] : std::exchange(lines_, {})) around_.network.abandon(line);
}

void Client::set_network(bool up) {
  if (up == has_network_) return;
  around_.trace.note(around_.time.now_ms(), name, up ? "has a network" : "has no network");
  has_network_ = up;
  if (up) return;
  for (const auto& [socket, line] : std::exchange(lines_, {})) {
    around_.network.abandon(line);
    feed([&](Core& core, UnixMillis now) { return core.socket_closed(now, socket); });
  }
}

std::int64_t Client::tell(Json command, std::function<void(const Json&)> answered) {
  const std::int64_t id = next_command_++;
  if (!core_) return id;
  command["id"] = id;
  const std::string text = command.dump();
  around_.trace.add(around_.time.now_ms(), Trace::What::command, name, as_view(text));
  waiting_[id] = std::move(answered);
  feed([&](Core& core, UnixMillis now) { return core.command(now, text); });
  return id;
}

// ---- outputs ----

bool Client::is_killed_here() {
  if (!around_.faults.happens(Fault::client_killed)) return false;
  kill();
  return true;
}

void Client::carry_out_next() {
  const std::int64_t life = lives;
  while (life == lives && !outputs_.empty()) {
    const Output output = std::move(outputs_.front());
    outputs_.pop_front();
    if (is_killed_here() || !persist(output.persist)) return;
    if (is_killed_here()) return leave_unseen(output.show);
    for (const auto& what : output.transmit) {
      carry(what);
      if (life != lives) return leave_unseen(output.show);
    }
    if (is_killed_here()) return leave_unseen(output.show);
    for (const std::string& text : output.show) {
      show(text);
      if (life != lives) return;
    }
    for (const auto& load : output.load) later(around_.faults.chance().between(0, 3), [this, load] { answer(load); });
    wake_at_ms_ = output.wake_at ? std::optional(output.wake_at->value) : std::nullopt;
  }
  if (life != lives) return;
  is_carrying_ = false;
  if (wake_at_ms_) {
    const std::int64_t in_ms = std::max<std::int64_t>(*wake_at_ms_ - clock_error_ms - around_.time.now_ms(), 0);
    later(in_ms, [this, at = *wake_at_ms_] {
      if (wake_at_ms_ != at) return;
      wake_at_ms_.reset();
      feed([](Core& core, UnixMillis now) { return core.tick(now); });
    });
  }
}

bool Client::persist(const client::Batch& batch) {
  if (batch.empty()) return true;
  std::uint64_t generation = 0;
  const auto at = rows_.find(to_bytes(client::kGenerationKey));
  if (at != rows_.end()) {
    for (const std::uint8_t byte : at->second) generation = generation << 8U | byte;
  }
  KITH_CHECK(generation == batch.generation);
  for (const auto& write : batch.writes) {
    if (write.value) {
      rows_[write.key] = to_bytes(*write.value);
    } else {
      rows_.erase(write.key);
    }
  }
  return true;
}

void Client::carry(const client::Transmit& what) {
  if (const auto* open = std::get_if<client::OpenSocket>(&what)) {
    const std::uint32_t socket = open->socket;
    const auto in_this_life = [this, life = lives](auto then) {
      return [this, life, then](auto... arguments) {
        if (life == lives) then(std::move(arguments)...);
      };
    };
    lines_[socket] = around_.network.connect(
        name, has_network_,
        {.opened = in_this_life(
             [this, socket] { feed([&](Core& core, UnixMillis now) { return core.socket_opened(now, socket); }); }),
         .frame = in_this_life([this, socket](const Bytes& frame) {
           feed([&](Core& core, UnixMillis now) { return core.socket_frame(now, socket, frame); });
         }),
         .closed = in_this_life([this, socket] {
           lines_.erase(socket);
           feed([&](Core& core, UnixMillis now) { return core.socket_closed(now, socket); });
         })});
  } else if (const auto* send = std::get_if<client::SendFrame>(&what)) {
    const auto line = lines_.find(send->socket);
    if (line != lines_.end()) around_.network.send(line->second, send->frame);
  } else if (const auto* closed = std::get_if<client::CloseSocket>(&what)) {
    const auto line = lines_.find(closed->socket);
    if (line == lines_.end()) return;
    around_.network.close(line->second);
    lines_.erase(line);
  } else if (const auto* request = std::get_if<client::HttpRequest>(&what)) {
    around_.network.request(name, has_network_, *request, [this, life = lives, id = request->id](HttpAnswer answer) {
      if (life != lives) return;
      if (!has_network_) answer = {};
      feed([&](Core& core, UnixMillis now) { return core.http_response(now, id, answer.status, answer.body); });
    });
  }
}

void Client::answer(const client::Load& load) {
  std::vector<client::Row> found;
  const auto from = rows_.lower_bound(load.from);
  const auto to = rows_.lower_bound(load.to);
  const auto take = [&](const auto& row) {
    found.push_back({row.first, to_secret(row.second)});
    return found.size() < load.limit;
  };
  if (load.from < load.to && load.limit > 0) {
    if (load.reverse) {
      for (auto row = to; row != from && take(*std::prev(row)); --row) {
      }
    } else {
      for (auto row = from; row != to && take(*row); ++row) {
      }
    }
  }
  feed([&](Core& core, UnixMillis now) { return core.loaded(now, load.id, std::move(found)); });
}

void Client::leave_unseen(const std::vector<std::string>& texts) {
  for (const std::string& text : texts)
    around_.trace.add(around_.time.now_ms(), Trace::What::unseen, name, as_view(text));
}

void Client::show(const std::string& text) {
  around_.trace.add(around_.time.now_ms(), Trace::What::shown, name, as_view(text));
  const Json event = Json::parse(text);
  const std::string& type = event.at("type").get_ref<const std::string&>();
  if (type == "connection") connection_ = event["state"];
  if (type == "chat") chats[event["chat"]["conversation"]] = event["chat"];
  if (type == "account") {
    account = event["account"];
    if (account.contains("recovery_key")) {
      recovery_key.clear();
      for (const Json& group : account["recovery_key"]) recovery_key += group.get<std::string>() + " ";
    }
  }
  const std::int64_t life = lives;
  if (on_shown) on_shown(*this, event);
  if (life != lives) return;
  if (type == "done" || type == "failed") {
    const auto waiting = waiting_.find(event["id"].get<std::int64_t>());
    if (waiting == waiting_.end()) return;
    const auto answered = std::move(waiting->second);
    waiting_.erase(waiting);
    if (answered) answered(event);
  }
}

}  // namespace kith::sim
