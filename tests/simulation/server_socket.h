// A live socket at a node, frame by frame: what the edge's Session does, without bytes, timers and budgets.
#pragma once

#include <memory>
#include <vector>

#include "server/edge/ws/watched.h"
#include "server/service/live_devices.h"
#include "tests/simulation/server_node.h"
#include "wire/frame.h"

namespace kith::sim {

class ServerSocket final : public server::service::LiveDevice, public std::enable_shared_from_this<ServerSocket> {
 public:
  ServerSocket(ServerNode& node, ServerNode::SocketNumber number, ServerNode::Peer peer);
  ~ServerSocket() override;
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  void receive(Bytes frame);
  void say_goodbye();
  // The node forgets it; `tells_peer`: it hears of it.
  void close(bool tells_peer);

  [[nodiscard]] const server::domain::Caller& caller() const override { return caller_; }
  void hear(const server::domain::BusMessage& message) override;

 private:
  enum class State : std::uint8_t { fresh, greeting, live, closed };
  static constexpr std::size_t kMaxUnanswered = 32;

  void handle(Bytes frame);
  void look_later();
  Task<void> look_again(std::shared_ptr<ServerSocket> self);
  Task<void> greet(std::shared_ptr<ServerSocket> self, std::uint32_t id);
  Task<void> serve(std::shared_ptr<ServerSocket> self, Bytes bytes, wire::Frame frame);
  void refuse(wire::ErrorCode code, std::uint32_t id, std::string_view why);
  void resync_later();

  ServerNode& node_;
  ServerNode::SocketNumber number_;
  ServerNode::Peer peer_;
  State state_ = State::fresh;
  server::domain::Caller caller_{};
  std::unique_ptr<server::domain::Bus::Subscription> subscription_;
  std::optional<server::service::LiveDevices::Place> place_;
  server::edge::Watched watched_;
  std::vector<std::uint32_t> unanswered_;
  std::vector<Bytes> held_;  // what came while it was not its turn
  bool is_draining_ = false;
  bool owes_resync_ = false;
};

}  // namespace kith::sim
