#include "tests/simulation/processes.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

namespace kith::sim {

namespace {

using Clock = std::chrono::steady_clock;

// Of what a process says last.
constexpr std::size_t kMostWords = 4096;
constexpr std::size_t kToldWords = 160;  // of its beginning, and of its end

std::string encoded(const Outcome& outcome) {
  const Json json = {
      {"failures", outcome.failures}, {"trace_hash", outcome.trace_hash}, {"virtual_ms", outcome.virtual_ms},
      {"clients", outcome.clients},   {"entries", outcome.entries},       {"messages", outcome.messages},
      {"events", outcome.events},     {"happened", outcome.happened},     {"points", outcome.points}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Outcome> decoded(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return Outcome{.failures = json["failures"],
                 .trace_hash = json["trace_hash"],
                 .virtual_ms = json["virtual_ms"],
                 .clients = json["clients"],
                 .entries = json["entries"],
                 .messages = json["messages"],
                 .events = json["events"],
                 .happened = json["happened"],
                 .points = json["points"]};
}

void write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The beginning says what it was, the end what it came to; templates' names are in between.
std::string abridged(std::string words) {
  while (!words.empty() && words.back() == '\n') words.pop_back();
  if (words.size() <= 2 * kToldWords) return words;
  return words.substr(0, kToldWords) + " ... " + words.substr(words.size() - kToldWords);
}

struct Pipe {
  Pipe() { KITH_CHECK(::pipe(ends) == 0); }
  int ends[2]{};
};

std::string ending(int status, bool was_ended, int limit_s) {
  if (was_ended) return "it did not end within " + std::to_string(limit_s) + " s";
  if (WIFSIGNALED(status)) return std::string("it crashed: ") + strsignal(WTERMSIG(status));
  return "it ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

struct Processes::Child {
  pid_t process = 0;
  int result = -1;  // files to read from, -1 once they have ended
  int words = -1;
  std::string result_text;
  std::string words_text;
  Clock::time_point began;
  int limit_s = 0;
  bool was_ended = false;
  std::uint64_t number = 0;
  Job job;
  Print print;  // of each line of its words

  [[nodiscard]] bool is_over() const { return result < 0 && words < 0; }

  static void read(int& file, std::string& into) {
    char buffer[16384];
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count > 0) return void(into.append(buffer, static_cast<std::size_t>(count)));
    ::close(file);
    file = -1;
  }

  void take_words() {
    read(words, words_text);
    if (!print) {
      if (words_text.size() > 2 * kMostWords) words_text.erase(0, words_text.size() - kMostWords);
      return;
    }
    std::size_t at = 0;
    for (auto end = words_text.find('\n'); end != std::string::npos; end = words_text.find('\n', at)) {
      print(std::string_view(words_text).substr(at, end - at));
      at = end + 1;
    }
    words_text.erase(0, at);
  }

  void end() {
    if (process > 0) ::kill(process, SIGKILL);
    was_ended = true;
  }

  Report report() {
    int status = 0;
    KITH_CHECK(::waitpid(process, &status, 0) == process);
    Report report;
    report.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    auto outcome = decoded(result_text);
    report.is_whole = outcome.has_value() && status == 0;
    if (outcome) report.outcome = *std::move(outcome);
    if (report.is_whole) return report;
    const std::string told = abridged(words_text);
    report.outcome.failures.push_back(ending(status, was_ended, limit_s) + (told.empty() ? "" : ": " + told));
    return report;
  }
};

Processes::Processes(Work work, std::size_t most, int limit_s)
    : work_(std::move(work)), most_(most), limit_s_(limit_s) {
  KITH_CHECK(most > 0);
}

Processes::Child Processes::start(const Job& job, bool is_heard) const {
  const Pipe result;
  const Pipe words;
  std::fflush(nullptr);
  Child child;
  child.began = Clock::now();
  child.limit_s = limit_s_;
  child.job = job;
  child.process = ::fork();
  KITH_CHECK(child.process >= 0);
  if (child.process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(words.ends[1], STDERR_FILENO);
    if (is_heard) {
      ::dup2(words.ends[1], STDOUT_FILENO);
      // A crash flushes nothing.
      std::setvbuf(stdout, nullptr, _IOLBF, 0);
    }
    write_all(result.ends[1], encoded(work_(job)));
    std::fflush(nullptr);
    ::_exit(0);
  }
  ::close(result.ends[1]);
  ::close(words.ends[1]);
  child.result = result.ends[0];
  child.words = words.ends[0];
  return child;
}

void Processes::attend(std::vector<Child>& children) {
  std::vector<pollfd> files;
  Clock::time_point until = Clock::time_point::max();
  for (const Child& child : children) {
    // Files that have ended are negative, which poll passes over.
    files.push_back({.fd = child.result, .events = POLLIN, .revents = 0});
    files.push_back({.fd = child.words, .events = POLLIN, .revents = 0});
    if (!child.was_ended) until = std::min(until, child.began + std::chrono::seconds(child.limit_s));
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  const bool has_limit = until != Clock::time_point::max();
  ::poll(files.data(), files.size(), has_limit ? static_cast<int>(std::max<std::int64_t>(left, 0)) : -1);
  for (std::size_t i = 0; i < children.size(); ++i) {
    Child& child = children[i];
    if (files[2 * i].revents != 0) Child::read(child.result, child.result_text);
    if (files[2 * i + 1].revents != 0) child.take_words();
    if (!child.was_ended && Clock::now() >= child.began + std::chrono::seconds(child.limit_s)) child.end();
  }
}

void Processes::run(const std::function<std::optional<Job>()>& next,
                    const std::function<bool(const Job&, const Report&)>& take) {
  std::vector<Child> children;
  std::map<std::uint64_t, std::pair<Job, Report>> done;
  std::uint64_t started = 0;
  std::uint64_t taken = 0;
  bool has_more = true;
  while (true) {
    while (has_more && children.size() < most_) {
      auto job = next();
      has_more = job.has_value();
      if (!job) break;
      children.push_back(start(*job, false));
      children.back().number = started++;
    }
    if (children.empty()) return;
    attend(children);
    for (Child& child : children) {
      if (child.is_over()) done.emplace(child.number, std::pair(child.job, child.report()));
    }
    std::erase_if(children, [](const Child& child) { return child.is_over(); });
    for (auto first = done.begin(); first != done.end() && first->first == taken; first = done.erase(first), ++taken) {
      if (take(first->second.first, first->second.second)) continue;
      for (Child& child : children) child.end();
      while (!children.empty()) {
        attend(children);
        for (Child& child : children) {
          if (child.is_over()) (void)child.report();
        }
        std::erase_if(children, [](const Child& child) { return child.is_over(); });
      }
      return;
    }
  }
}

Report Processes::run(const Job& job) {
  std::vector<Child> children;
  children.push_back(start(job, false));
  while (!children.front().is_over()) attend(children);
  return children.front().report();
}

void Processes::print(Job job, const Print& line) {
  job.options.prints = true;
  std::vector<Child> children;
  children.push_back(start(job, true));
  children.front().print = line;
  while (!children.front().is_over()) attend(children);
  const Report report = children.front().report();
  if (!report.is_whole) line(report.outcome.failures.back());
}

}  // namespace kith::sim
