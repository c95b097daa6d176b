// One node of the server: the real services, and the requests of the edge, over a faulty store and bus, without the
// bytes of HTTP and WebSocket. Killing it destroys its task tree, whatever it was doing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "server/adapters/memory/memory_store.h"
#include "server/edge/access_tokens.h"
#include "server/edge/http/web_files.h"
#include "server/edge/log.h"
#include "server/service/ports.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/faulty_bus.h"
#include "tests/simulation/virtual_time.h"

namespace kith::sim {

class ServerSocket;

// What all nodes of one server share.
struct Cluster {
  Cluster(VirtualTime& the_time, Faults& the_faults, Chance chance);
  ~Cluster();

  VirtualTime& time;
  Faults& faults;
  Chance entropy;
  server::adapters::MemoryEngine engine;
  BusHub bus;
  server::domain::ServerSecrets secrets;
  server::edge::AccessTokens tokens;
  server::edge::WebFiles files;
  server::edge::Log log;
  server::service::Limits limits;
  std::map<std::string, std::string> codes;  // the newest for each address
  std::vector<std::string> errors;           // what was logged as one
  std::unique_ptr<server::domain::OtpSender> sender;
  std::unique_ptr<server::domain::PhoneNumbers> phones;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class ServerNode {
 public:
  ServerNode(Cluster& cluster, std::string name);
  ~ServerNode();
  ServerNode(const ServerNode&) = delete;
  ServerNode& operator=(const ServerNode&) = delete;

  void start();
  // At once; sockets hang up.
  void kill();
  // Tells clients to come back later, and ends when all are gone or time is up.
  void drain();
  [[nodiscard]] bool is_up() const { return life_ != nullptr && !is_draining_; }

  // `answered` is called once, or never where the node dies first.
  void request(const std::string& method, std::string path, std::string bearer, std::string body, std::string source,
               std::function<void(HttpAnswer)> answered);
  struct Peer {
    std::function<void(Bytes frame, bool is_hint)> send;
    std::function<void()> closed;
  };
  using SocketNumber = std::uint64_t;
  SocketNumber open(Peer peer);
  // Of a socket that is gone: nothing.
  void receive(SocketNumber socket, Bytes frame);
  void hang_up(SocketNumber socket);

  // What must be nothing once all is quiet.
  [[nodiscard]] std::size_t unfinished() const;
  [[nodiscard]] std::size_t live_devices() const;
  [[nodiscard]] std::size_t sockets() const;

  const std::string name;
  std::int64_t clock_error_ms = 0;

 private:
  friend class ServerSocket;
  struct Life;

  Cluster& cluster_;
  std::unique_ptr<Life> life_;
  bool is_draining_ = false;
  SocketNumber next_socket_ = 0;
};

}  // namespace kith::sim
