// Everything that a run consists of: nodes over one store and one bus, people with their devices, what lies between
// them, and what was seen of all of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/people.h"
#include "tests/simulation/truth.h"

namespace kith::sim {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t steps = 100;
  std::string profile = "calm";
  std::size_t people = 0;            // at the beginning; 0: as chance has it
  bool prints = false;               // the trace, as it comes
  std::vector<Fault> without;        // of the profile's
  std::set<std::uint64_t> left_out;  // steps of the workload, the first is 0
};

// A message that somebody's program took, by the name that it has in the log.
struct Said {
  Device* by = nullptr;
  std::int64_t in_life = 0;
  std::string conversation;
  std::string text;
  bool is_acked = false;      // the program showed it as being in the log, ...
  std::int64_t acked_ms = 0;  // ... first at this time
  bool has_failed = false;    // or that it could not be sent
};

struct World {
  explicit World(const Options& options);
  ~World();

  // Nothing goes wrong any more and everybody is there. False where that never comes about.
  bool settle();
  // Online, and everything that it was asked has been answered.
  [[nodiscard]] bool is_at_rest(const Device& device) const;
  // What is looked at is of one moment: it is done again where somebody wrote to a log meanwhile, as clients do by
  // themselves now and then.
  void look(const std::function<void()>& at);
  // Asks and lets the world go on until there is an answer; null where none comes.
  Json ask(Client& client, Json command);
  // Everything that a chat shows, oldest first; a failure where it cannot be had.
  std::vector<Json> messages_of(Device& device, const std::string& conversation);
  // For whoever has no device left.
  [[nodiscard]] Entrance way_back() const;
  void fail(std::string what);
  // What somebody's program showed under this name; the name itself where none did.
  [[nodiscard]] std::string text_of(const std::string& message_id) const;

  const Options options;
  VirtualTime time;
  Chance chance;
  Trace trace;
  Faults faults;
  Cluster cluster;
  std::vector<std::unique_ptr<ServerNode>> nodes;
  Network network;
  People people;
  Truth truth;
  struct Backup {
    server::adapters::MemoryEngine::Backup engine;
    Truth truth;
  };
  std::optional<Backup> backup;
  int restores = 0;
  std::int64_t restored_ms = 0;  // the last time

  std::map<std::string, Said> said;  // by message id
  // Likewise, of everything that its author's program showed or lists, or a reader's where that one was killed before.
  std::map<std::string, std::string> texts;
  // Of every device: what it warned of, with how often.
  std::map<std::string, int> warnings;
  std::vector<std::string> failures;
  // The names of people whose programs have been changed: what these do may leave their own commands unanswered.
  std::set<std::string> misusing;

 private:
  void listen(Device& device, const Json& event);
  void learn_text(const Json& message);
  // Its owner, who is told that it is no use any more, comes in with another one where no other is left.
  void throw_away(Device& device);
  void flush_later();
};

}  // namespace kith::sim
