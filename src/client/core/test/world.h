// A model server and some clients on one virtual clock. Each client is a core in a shell that keeps its rows in memory
// and can crash at every boundary of an output: before it persists, before it transmits, before it shows. Everything
// runs from one seed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/core/core.h"
#include "tests/support/model_server.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client::test {

using Json = nlohmann::json;
using kith::test::ModelServer;

class World;

class Client {
 public:
  Client(World& world, std::string name, std::uint64_t seed) : name(std::move(name)), world_(world), entropy_(seed) {}

  void start();
  // Loses everything that was not persisted, and starts again a little later.
  void crash();
  void stop();
  [[nodiscard]] bool is_running() const { return core_ != nullptr; }
  // No sockets and no answers while this is false.
  void set_network(bool up);

  // Gives a command and lets the world run until it is answered; nullopt where a crash or too much time came first.
  std::optional<Json> ask(Json command);
  // The same without waiting.
  void tell(Json command);
  void tell_text(const std::string& text);
  // Commands of this life that have no answer yet.
  [[nodiscard]] const std::set<std::int64_t>& unanswered() const { return unanswered_; }
  // As last shown.
  [[nodiscard]] bool is_online() const { return connection_ == "online"; }

  std::string name;
  std::map<Bytes, Bytes> rows;
  Json account;                          // as last shown
  std::string recovery_key;              // as last shown, in all lives
  Json join_requests;                    // likewise
  std::vector<Json> events;              // all that was shown since the last start
  std::map<std::string, Json> messages;  // by id, as last shown
  std::map<std::string, int> warnings;   // how often each code was shown, in all lives
  int new_messages = 0;                  // shown with is_new that are not mine, since the last start
  std::int64_t clock_error_ms = 0;       // by which its clock is ahead of the world's

 private:
  friend class World;
  void carry_out(Output output);
  void check_stored_first(const Output& output);
  void carry(const Transmit& what);
  void show(const std::string& text);
  // True: crashed here.
  bool boundary();
  template <class Input>
  void feed(Input input);
  void later(std::int64_t after_ms, std::function<void()> what);

  World& world_;
  kith::test::SeededEntropy entropy_;
  std::unique_ptr<Core> core_;
  std::uint64_t life_ = 0;
  std::set<Bytes> sent_;  // payloads of appends, in all lives
  bool network_ = true;
  std::string connection_;
  std::map<std::uint32_t, ModelServer::ConnectionId> sockets_;
  std::int64_t next_command_ = 1;
  std::map<std::int64_t, Json> answers_;
  std::set<std::int64_t> unanswered_;
  std::optional<std::int64_t> wake_at_;
};

class World {
 public:
  explicit World(std::uint64_t seed = 1) : entropy_(seed) {}

  Client& add(const std::string& name);
  // Runs until the condition holds; false where `limit_ms` of virtual time did not bring it about.
  bool run_until(const std::function<bool()>& condition, std::int64_t limit_ms = 120'000);
  void run_for(std::int64_t ms);
  [[nodiscard]] std::int64_t now() const { return now_ms_; }
  std::uint64_t random_below(std::uint64_t bound);
  // What the server has sent is on its way; for whoever speaks to it without a client.
  void deliver_sent();

  ModelServer server;
  // Looks at (and may change) each frame on its way to a client; false drops it.
  std::function<bool(Client&, wire::Frame&)> to_client;
  // The same for the bytes, last of all.
  std::function<void(Client&, Bytes&)> bytes_to_client;
  // And for the answers to requests.
  std::function<void(ModelServer::HttpReply&)> http_to_client;
  // Looks at each batch once it is written.
  std::function<void(Client&, const Batch&)> on_written;
  // A copy more for each hint, and a random delay of up to this long.
  bool double_hints = false;
  std::int64_t hint_delay_ms = 0;
  // On top of everything's way, at random up to this much; what goes over one socket keeps its order.
  std::int64_t jitter_ms = 0;
  // Every warning, with who showed it.
  std::vector<std::string> said;
  // The boundary at which the next crash happens, counted from 1 over all clients; 0: never.
  std::uint64_t crash_at = 0;
  std::uint64_t boundaries = 0;

 private:
  friend class Client;
  void at(std::int64_t when, std::function<void()> what);
  void deliver(ModelServer::Sent sent);
  std::int64_t way();
  // When something arrives that leaves now behind what arrives at `last`.
  std::int64_t arrival(std::int64_t& last);

  std::int64_t now_ms_ = 1'700'000'000'000;
  std::uint64_t next_event_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<ModelServer::ConnectionId, std::pair<Client*, std::uint32_t>> connections_;
  std::map<ModelServer::ConnectionId, std::int64_t> last_up_, last_down_;
  kith::test::SeededEntropy entropy_;
};

}  // namespace kith::client::test
