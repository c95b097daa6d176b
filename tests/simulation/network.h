// What lies between clients and nodes: sockets that delay, break and fall silent, and requests that get lost. Each
// socket keeps its order, as TCP does; nothing else has one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/core/core.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/server_node.h"
#include "tests/simulation/trace.h"
#include "tests/simulation/virtual_time.h"

namespace kith::sim {

class Network {
 public:
  using LineNumber = std::uint64_t;
  struct ClientEnd {
    std::function<void()> opened;
    std::function<void(Bytes)> frame;
    std::function<void()> closed;  // also where nobody answered; nothing is heard after it
  };

  Network(VirtualTime& time, Faults& faults, Trace& trace, std::vector<std::unique_ptr<ServerNode>>& nodes)
      : time_(time), faults_(faults), trace_(trace), nodes_(nodes) {}

  // To some node that is up. `has_network`: of the client's machine.
  LineNumber connect(const std::string& who, bool has_network, ClientEnd end);
  void send(LineNumber line, Bytes frame);
  // By the client, which hears nothing more of it.
  void close(LineNumber line);
  // The client's machine or its network is gone: the server hears of it now, or not for a while.
  void abandon(LineNumber line);

  // `answered` is called once.
  void request(const std::string& who, bool has_network, const client::HttpRequest& request,
               std::function<void(HttpAnswer)> answered);

  // A hostile server's hand: looks at what is on its way to a client, and may change it. False drops it.
  std::function<bool(const std::string& who, Bytes& frame)> to_client;
  std::function<void(const std::string& who, const client::HttpRequest& request, HttpAnswer&)> answer_to_client;
  // A hostile member's: what leaves its machine instead of what its program sends.
  std::function<std::vector<Bytes>(const std::string& who, Bytes frame)> from_client;

  [[nodiscard]] std::size_t lines() const { return lines_.size(); }

 private:
  struct Line {
    std::string who;
    ClientEnd client;
    ServerNode* node = nullptr;
    ServerNode::SocketNumber socket = 0;
    std::int64_t last_up_ms = 0;
    std::int64_t last_down_ms = 0;
    bool is_silent = false;
  };
  struct Exchange;

  ServerNode* some_node();
  std::int64_t way();
  // When what leaves now arrives behind what arrives at `last`.
  std::int64_t arrival(std::int64_t& last);
  // Whether the line lives on after a fault that befell this frame.
  bool survives(LineNumber number);
  void opened(LineNumber number);
  void up(LineNumber number, Bytes frame);
  void down(LineNumber number, Bytes frame);
  void fall_silent(LineNumber number);
  void hang_up_at_server(const Line& line);
  void carry(const std::string& who, const client::HttpRequest& request, const std::shared_ptr<Exchange>& exchange);

  VirtualTime& time_;
  Faults& faults_;
  Trace& trace_;
  std::vector<std::unique_ptr<ServerNode>>& nodes_;
  std::map<LineNumber, Line> lines_;
  LineNumber next_ = 0;
};

}  // namespace kith::sim
