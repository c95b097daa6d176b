#include "tests/simulation/server_node.h"

#include <array>

#include "server/domain/ports/otp_sender.h"
#include "server/domain/ports/phone.h"
#include "tests/simulation/node_life.h"
#include "tests/simulation/server_socket.h"

namespace kith::sim {

namespace {

constexpr std::int64_t kDrainMs = 5000;
constexpr std::array<server::edge::WebFile, 1> kFiles{
    {{.path = "/index.html", .type = "text/html", .etag = "\"0\"", .bytes = "", .gzip = "", .brotli = ""}}};

class Sender final : public server::domain::OtpSender {
 public:
  explicit Sender(std::map<std::string, std::string>& codes) : codes_(codes) {}
  Task<server::domain::Result<void>> send(server::domain::Address to, std::string code) override {
    codes_[to.text] = std::move(code);
    co_return server::domain::Result<void>{};
  }

 private:
  std::map<std::string, std::string>& codes_;
};

// Everybody types numbers as they are meant.
class Phones final : public server::domain::PhoneNumbers {
 public:
  server::domain::Result<std::string> to_e164(std::string_view text, std::string_view) const override {
    return std::string(text);
  }
};

server::edge::Method method_of(std::string_view name) {
  using server::edge::Method;
  return name == "GET" ? Method::get : name == "POST" ? Method::post : name == "PUT" ? Method::put : Method::other;
}

struct Asked {
  std::string path, bearer, body, source;
  server::edge::Method method{};
};

Task<void> answer(const server::edge::Site& site, std::unique_ptr<Asked> asked,
                  std::function<void(HttpAnswer)> answered) {
  server::edge::Request request{.method = asked->method,
                                .path = asked->path,
                                .body = asked->body,
                                .authorization = asked->bearer,
                                .accept_encoding = {},
                                .if_none_match = {},
                                .source = asked->source};
  server::edge::Response response = co_await server::edge::answer(site, request);
  answered({static_cast<int>(response.status), std::move(response.body)});
}

}  // namespace

Cluster::Cluster(VirtualTime& the_time, Faults& the_faults, Chance chance)
    : time(the_time),
      faults(the_faults),
      entropy(chance),
      engine(entropy),
      bus(the_faults),
      secrets(Bytes(server::domain::ServerSecrets::kMasterBytes, 7)),
      tokens(Bytes(server::edge::AccessTokens::kSeedBytes, 9)),
      files(kFiles),
      log(server::edge::LogLevel::error, [this](const std::string& line) { errors.push_back(line); }),
      sender(std::make_unique<Sender>(codes)),
      phones(std::make_unique<Phones>()) {}

Cluster::~Cluster() = default;

ServerNode::ServerNode(Cluster& cluster, std::string the_name) : name(std::move(the_name)), cluster_(cluster) {}
ServerNode::~ServerNode() { kill(); }

void ServerNode::start() {
  if (life_) return;
  is_draining_ = false;
  life_ = std::make_unique<Life>(*this);
  life_->node.start();
}

void ServerNode::kill() {
  if (!life_) return;
  const auto sockets = life_->sockets;
  for (const auto& [number, socket] : sockets) socket->close(true);
  life_.reset();
}

void ServerNode::drain() {
  if (!is_up()) return;
  is_draining_ = true;
  const auto sockets = life_->sockets;
  for (const auto& [number, socket] : sockets) socket->say_goodbye();
  cluster_.time.after(kDrainMs, [this, life = life_.get()] {
    if (life_.get() == life && is_draining_) kill();
  });
}

void ServerNode::request(const std::string& method, std::string path, std::string bearer, std::string body,
                         std::string source, std::function<void(HttpAnswer)> answered) {
  if (!is_up()) return;
  life_->tasks.spawn(answer(life_->site,
                            std::make_unique<Asked>(Asked{.path = std::move(path),
                                                          .bearer = bearer.empty() ? "" : "Bearer " + bearer,
                                                          .body = std::move(body),
                                                          .source = std::move(source),
                                                          .method = method_of(method)}),
                            std::move(answered)));
}

ServerNode::SocketNumber ServerNode::open(Peer peer) {
  KITH_CHECK(is_up());
  const SocketNumber number = ++next_socket_;
  life_->sockets[number] = std::make_shared<ServerSocket>(*this, number, std::move(peer));
  return number;
}

void ServerNode::receive(SocketNumber socket, Bytes frame) {
  if (!life_) return;
  const auto at = life_->sockets.find(socket);
  if (at != life_->sockets.end()) at->second->receive(std::move(frame));
}

void ServerNode::hang_up(SocketNumber socket) {
  if (!life_) return;
  const auto at = life_->sockets.find(socket);
  if (at != life_->sockets.end()) at->second->close(false);
}

std::size_t ServerNode::unfinished() const {
  return life_ ? life_->tasks.size() + life_->node.conversations.unfinished() : 0;
}
std::size_t ServerNode::live_devices() const { return life_ ? life_->node.live.size() : 0; }
std::size_t ServerNode::sockets() const { return life_ ? life_->sockets.size() : 0; }

}  // namespace kith::sim
