// A profile that is open: the shell of client/native, spoken to in sequence. ask() sends one command and runs the loop
// until its answer; events that come meanwhile go to the listener and to what the session itself keeps (account,
// connection). Throws Problem when the state can't be opened, was taken over, or the user interrupts.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/problem.h"
#include "cli/profile.h"
#include "client/native/loop.h"
#include "client/native/shell.h"
#include "client/native/system_entropy.h"

namespace kith::cli {

using Json = nlohmann::json;

// The answer to a command: the `done` or `failed` event.
struct Answer {
  Json event;
  [[nodiscard]] bool is_done() const { return event.at("type") == "done"; }
  [[nodiscard]] std::string error() const { return is_done() ? "" : event.value("error", "internal"); }
};

class Session {
 public:
  // Opens the profile. `creates`: a profile that is not there yet is made; otherwise that is a Problem.
  Session(const Settings& settings, bool creates);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Every event, as text and parsed, before anything else looks at it.
  void listen(std::function<void(std::string_view text, const Json& event)> listener) {
    listener_ = std::move(listener);
  }

  // Starts the core and runs until it has shown the account as it is stored. Once, before anything below.
  void start();

  // Sends a command (its id is given here) and waits for the answer.
  Answer ask(Json command);
  // The same where nothing but `done` will do: throws the Problem that fits the error.
  Json must(Json command);
  // Sends without waiting.
  void send(Json command, std::function<void(const Answer&)> answered);

  // Runs the loop until `holds` (looked at after every event), or the time is over: then false.
  bool run_until(const std::function<bool()>& holds, std::optional<std::chrono::milliseconds> timeout);
  // Waits for the connection; false if there is none within the time, or two attempts have failed.
  bool come_online(std::chrono::milliseconds timeout);
  // Online, and everything that was waiting at the server is here. The core does not say when that is: "online" follows
  // the first sync, new conversations and logs are read behind it. So this waits until nothing has happened for three
  // round trips, as the sync has shown them to be; what is slower comes with the next start.
  bool catch_up(std::chrono::milliseconds timeout);
  // Looks at what run_until waits for, also without an event.
  void look();

  // start(), and throws the Problem that fits unless the account is ready.
  void start_with_account();
  [[nodiscard]] const Json& account() const { return account_; }
  [[nodiscard]] std::string stage() const { return account_.value("stage", "new"); }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  // Whether the account's history is kept, as far as this device knows.
  [[nodiscard]] bool is_archive_on() const { return is_archive_on_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] client::native::Loop& loop() { return loop_; }
  [[nodiscard]] Entropy& entropy() { return *entropy_; }

  // For a command that hands raw commands on itself (the daemon).
  [[nodiscard]] client::native::Shell& shell() { return *shell_; }
  // SIGINT and SIGTERM end run_until with a Problem; others get them instead with this.
  void on_interrupt(std::function<void()> interrupted) { interrupted_ = std::move(interrupted); }
  void on_resize(std::function<void()> resized) { resized_ = std::move(resized); }

  // Says goodbye to the server and lets what is queued leave.
  void close();

 private:
  void shown(std::string_view text);
  void received_signal(int signal);

  Profile profile_;
  std::unique_ptr<Entropy> entropy_ = client::native::system_entropy();
  client::native::Loop loop_;
  std::unique_ptr<client::native::Shell> shell_;
  std::function<void(std::string_view, const Json&)> listener_;
  std::function<void()> interrupted_;
  std::function<void()> resized_;
  std::map<int, std::function<void(const Answer&)>> asked_;
  int next_id_ = 1;
  Json account_ = Json::object();
  std::string connection_ = "offline";
  bool is_archive_on_ = true;
  int failed_attempts_ = 0;  // to connect, in a row
  UnixMillis syncing_since_, last_event_;
  std::chrono::milliseconds round_trip_{0};
  std::vector<std::string> last_words_;  // said when the command is over
  std::optional<Problem> ending_;
  const std::function<bool()>* holds_ = nullptr;
};

// A core's or server's error as a sentence and exit code: of a `failed` event, or of what else has `error` and
// `message`.
Problem problem_of(const Json& failure);
// The account's stage is "removed".
Problem device_removed();

}  // namespace kith::cli
