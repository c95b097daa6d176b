// A real client core in a shell that keeps its rows in memory, and that can be killed at every boundary of an output:
// before it persists, before it transmits, before it shows. Inputs may come while outputs still wait for the disk.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/core/core.h"
#include "tests/simulation/network.h"

namespace kith::sim {

using Json = nlohmann::json;

class Client {
 public:
  struct Surroundings {
    VirtualTime& time;
    Faults& faults;
    Trace& trace;
    Network& network;
  };

  Client(Surroundings surroundings, std::string name, Chance entropy);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();
  // Without a word; what was not persisted is gone.
  void stop();
  // The same, and starts again a little later.
  void kill();
  // For good: its owner threw it away.
  void retire();
  void set_network(bool up);
  [[nodiscard]] bool is_running() const { return core_ != nullptr; }
  [[nodiscard]] bool is_retired() const { return is_retired_; }
  [[nodiscard]] bool has_network() const { return has_network_; }
  [[nodiscard]] bool is_online() const { return is_running() && connection_ == "online"; }
  [[nodiscard]] std::string stage() const { return account.value("stage", ""); }
  [[nodiscard]] bool is_ready() const { return is_running() && stage() == "ready"; }

  // The number that the answer will carry. `answered` is called with it unless this life ends first.
  std::int64_t tell(Json command, std::function<void(const Json&)> answered = {});
  [[nodiscard]] std::size_t unanswered() const { return waiting_.size(); }

  // A copy of what is stored, and back to it: as people do with disks and virtual machines.
  [[nodiscard]] std::map<Bytes, Bytes> rows() const { return rows_; }
  void restore(std::map<Bytes, Bytes> rows);

  const std::string name;
  std::int64_t clock_error_ms = 0;
  // As last shown.
  Json account = Json::object();
  std::map<std::string, Json> chats;  // by conversation
  std::string recovery_key;           // in all lives
  std::int64_t lives = 0;
  // Whatever is shown, as it is shown.
  std::function<void(Client&, const Json&)> on_shown;

 private:
  template <class Input>
  void feed(Input input);
  // In this life, if it lasts.
  void later(std::int64_t after_ms, std::function<void()> what);
  void carry_out_next();
  // Each part of an output, and false where the client was killed before it.
  bool persist(const client::Batch& batch);
  void carry(const client::Transmit& what);
  void answer(const client::Load& load);
  void show(const std::string& text);
  void leave_unseen(const std::vector<std::string>& texts);
  bool is_killed_here();
  void forget_lines();

  Surroundings around_;
  Chance entropy_;
  std::unique_ptr<client::Core> core_;
  std::map<Bytes, Bytes> rows_;
  std::deque<client::Output> outputs_;
  bool is_carrying_ = false;
  bool has_network_ = true;
  bool is_retired_ = false;
  std::string connection_;
  std::map<std::uint32_t, Network::LineNumber> lines_;
  std::int64_t next_command_ = 1;
  std::map<std::int64_t, std::function<void(const Json&)>> waiting_;
  std::optional<std::int64_t> wake_at_ms_;
};

}  // namespace kith::sim
