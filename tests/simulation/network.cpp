#include "tests/simulation/network.h"

namespace kith::sim {

namespace {
constexpr std::int64_t kTimeoutMs = 30'000;        // of a request
constexpr std::int64_t kServerSilenceMs = 75'000;  // after which a server takes a socket for dead
}  // namespace

struct Network::Exchange {
  std::function<void(HttpAnswer)> answered;
  bool is_over = false;
  void end(HttpAnswer answer) {
    if (!std::exchange(is_over, true)) answered(std::move(answer));
  }
};

ServerNode* Network::some_node() {
  std::vector<ServerNode*> up;
  for (const auto& node : nodes_) {
    if (node->is_up()) up.push_back(node.get());
  }
  return up.empty() ? nullptr : faults_.chance().of(up);
}

std::int64_t Network::way() {
  std::int64_t ms = faults_.chance().between(1, 12);
  if (faults_.happens(Fault::frame_delayed)) ms += faults_.chance().skewed(40, 9);
  return ms;
}

std::int64_t Network::arrival(std::int64_t& last) {
  last = std::max(last, time_.now_ms() + way());
  return last;
}

Network::LineNumber Network::connect(const std::string& who, bool has_network, ClientEnd end) {
  const LineNumber number = ++next_;
  Line& line = lines_[number];
  line.who = who;
  line.client = std::move(end);
  time_.after(way(), [this, number, has_network] {
    const auto at = lines_.find(number);
    if (at == lines_.end()) return;
    ServerNode* node = has_network ? some_node() : nullptr;
    if (node == nullptr) {
      const auto closed = std::move(at->second.client.closed);
      lines_.erase(at);
      return closed();
    }
    at->second.node = node;
    at->second.socket = node->open({.send = [this, number](Bytes frame, bool) { down(number, std::move(frame)); },
                                    .closed =
                                        [this, number] {
                                          const auto known = lines_.find(number);
                                          if (known == lines_.end()) return;
                                          known->second.node = nullptr;
                                          // What was said before it arrives before it.
                                          time_.at(arrival(known->second.last_down_ms), [this, number] {
                                            const auto line = lines_.find(number);
                                            if (line == lines_.end() || line->second.is_silent) return;
                                            const auto closed = std::move(line->second.client.closed);
                                            lines_.erase(line);
                                            closed();
                                          });
                                        }});
    const auto opened = at->second.client.opened;
    opened();
  });
  return number;
}

bool Network::survives(LineNumber number) {
  if (faults_.happens(Fault::connection_cut)) {
    const Line line = lines_.at(number);
    hang_up_at_server(line);
    lines_.erase(number);
    time_.after(way(), line.client.closed);
    return false;
  }
  if (faults_.happens(Fault::half_open)) {
    fall_silent(number);
    return false;
  }
  return true;
}

void Network::hang_up_at_server(const Line& line) {
  if (line.node == nullptr) return;
  // In a turn of its own: whoever is speaking over the line goes on.
  time_.after(0, [node = line.node, socket = line.socket] { node->hang_up(socket); });
}

void Network::fall_silent(LineNumber number) {
  Line& line = lines_.at(number);
  if (std::exchange(line.is_silent, true)) return;
  time_.after(kServerSilenceMs, [node = line.node, socket = line.socket] {
    if (node != nullptr) node->hang_up(socket);
  });
}

void Network::send(LineNumber number, Bytes frame) {
  const auto at = lines_.find(number);
  if (at == lines_.end()) return;
  if (!from_client) return up(number, std::move(frame));
  for (Bytes& instead : from_client(at->second.who, std::move(frame))) up(number, std::move(instead));
}

void Network::up(LineNumber number, Bytes frame) {
  const auto at = lines_.find(number);
  if (at == lines_.end()) return;
  if (at->second.is_silent || !survives(number)) return;
  time_.at(arrival(at->second.last_up_ms), [this, number, frame = std::move(frame)]() mutable {
    const auto line = lines_.find(number);
    if (line == lines_.end() || line->second.is_silent || line->second.node == nullptr) return;
    trace_.add(time_.now_ms(), Trace::What::to_server, line->second.who, frame);
    line->second.node->receive(line->second.socket, std::move(frame));
  });
}

void Network::down(LineNumber number, Bytes frame) {
  const auto at = lines_.find(number);
  if (at == lines_.end() || at->second.is_silent || !survives(number)) return;
  time_.at(arrival(at->second.last_down_ms), [this, number, frame = std::move(frame)]() mutable {
    const auto line = lines_.find(number);
    if (line == lines_.end() || line->second.is_silent) return;
    if (to_client && !to_client(line->second.who, frame)) return;
    trace_.add(time_.now_ms(), Trace::What::to_client, line->second.who, frame);
    const auto deliver = line->second.client.frame;
    deliver(std::move(frame));
  });
}

void Network::close(LineNumber number) {
  const auto at = lines_.find(number);
  if (at == lines_.end()) return;
  const Line line = at->second;
  lines_.erase(at);
  // Behind what was sent before it.
  if (line.node == nullptr || line.is_silent) return;
  time_.at(std::max(line.last_up_ms, time_.now_ms()) + 1,
           [node = line.node, socket = line.socket] { node->hang_up(socket); });
}

void Network::abandon(LineNumber number) {
  const auto at = lines_.find(number);
  if (at == lines_.end()) return;
  const Line line = at->second;
  lines_.erase(at);
  if (line.node == nullptr || line.is_silent) return;
  const std::int64_t after = faults_.is_over() || faults_.chance().below(4) > 0 ? 0 : kServerSilenceMs;
  time_.after(after, [node = line.node, socket = line.socket] { node->hang_up(socket); });
}

void Network::request(const std::string& who, bool has_network, const client::HttpRequest& request,
                      std::function<void(HttpAnswer)> answered) {
  auto exchange = std::make_shared<Exchange>(Exchange{.answered = std::move(answered)});
  time_.after(kTimeoutMs, [exchange] { exchange->end({}); });
  const bool is_lost = faults_.happens(Fault::request_lost);
  if (!has_network || (is_lost && faults_.chance().below(2) == 0)) {
    return time_.after(way(), [exchange] { exchange->end({}); });
  }
  if (is_lost) return;
  carry(who, request, exchange);
  if (faults_.happens(Fault::request_doubled)) carry(who, request, exchange);
}

void Network::carry(const std::string& who, const client::HttpRequest& request,
                    const std::shared_ptr<Exchange>& exchange) {
  time_.after(way(), [this, who, request, exchange] {
    ServerNode* node = some_node();
    if (node == nullptr) return exchange->end({});
    trace_.add(time_.now_ms(), Trace::What::request, who,
               as_view(request.method + " " + request.path + " at " + node->name + " " + request.body));
    node->request(request.method, request.path, request.bearer, request.body, who,
                  [this, who, request, exchange](HttpAnswer answer) {
                    if (faults_.happens(Fault::answer_lost)) return;
                    time_.after(way(), [this, who, request, exchange, answer = std::move(answer)]() mutable {
                      if (answer_to_client) answer_to_client(who, request, answer);
                      trace_.add(time_.now_ms(), Trace::What::answer, who,
                                 as_view(std::to_string(answer.status) + " " + answer.body));
                      exchange->end(std::move(answer));
                    });
                  });
  });
}

}  // namespace kith::sim
