#include <unistd.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/session.h"

namespace kith::cli {
namespace {

// One command a line on stdin, one event a line on stdout: schema/core.d.ts, nothing added, nothing left out. Ends when
// stdin does and everything asked is answered.
class Daemon {
 public:
  explicit Daemon(Session& session) : session_(session) {
    session_.listen([this](std::string_view text, const Json& event) { show(text, event); });
  }

  void run() {
    session_.loop().watch(STDIN_FILENO, [this] { read(); });
    session_.on_interrupt([this] { is_over_ = true; });
    session_.run_until([this] { return is_over_ || (is_input_over_ && unanswered_ == 0); }, std::nullopt);
    session_.loop().forget(STDIN_FILENO);
  }

 private:
  static constexpr std::size_t kMaxLineBytes = 1 << 20;

  void read() {
    char buffer[65536];
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) {
      session_.loop().forget(STDIN_FILENO);
      is_input_over_ = true;
      if (!line_.empty()) command();
      session_.look();
      return;
    }
    for (const char c : std::string_view(buffer, static_cast<std::size_t>(n))) {
      if (c == '\n') {
        command();
      } else if (line_.size() <= kMaxLineBytes) {
        // A line that is too long stays so, and is refused by the core as no command.
        line_.push_back(c);
      }
    }
  }

  void command() {
    const std::string line = std::exchange(line_, {});
    if (line.empty() || line == "\r") return;
    ++unanswered_;
    session_.shell().command(line);
  }

  void show(std::string_view text, const Json& event) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    // One write for all events of a turn.
    if (!std::exchange(is_flush_posted_, true)) {
      session_.loop().post([this] { flush(); });
    }
    const std::string type = event.value("type", "");
    if (type == "done" || type == "failed") --unanswered_;
    if (type == "stopped") std::fflush(stdout);
  }

  void flush() {
    is_flush_posted_ = false;
    // Whoever read our events is gone: nobody is served by going on.
    if (std::fflush(stdout) != 0) is_over_ = true;
  }

  Session& session_;
  std::string line_;
  std::size_t unanswered_ = 0;
  bool is_input_over_ = false;
  bool is_over_ = false;
  bool is_flush_posted_ = false;
};

}  // namespace

void run_daemon(const Settings& settings) {
  // A bot may register through the daemon, so the profile need not be there yet.
  Session session(settings, true);
  Daemon daemon(session);
  session.start();
  if (session.stage() == "new") session.profile().remember_server(session.profile().server());
  daemon.run();
  session.close();
  std::fflush(stdout);
}

}  // namespace kith::cli
