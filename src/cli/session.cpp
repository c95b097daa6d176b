#include "cli/session.h"

#include <algorithm>
#include <array>

#include "cli/console.h"
#include "cli/text.h"

namespace kith::cli {
namespace native = client::native;

namespace {

Problem problem_of(const Failure<native::Errc>& failure) {
  switch (failure.code) {
    case native::Errc::in_use:
      return {Exit::in_use,
              "Another kith has this profile open. Close it first; --profile names the profile of another account."};
    case native::Errc::bad_url:
      return {Exit::usage, "--server: " + failure.detail + "."};
    default:
      return {Exit::storage, "This profile's state can't be used: " + failure.detail + "."};
  }
}

// What is said instead of the server's or the core's own sentence, by the name of the error.
constexpr std::array<std::pair<std::string_view, const char*>, 16> kWords{{
    {"wrong_code", "That is not the code."},
    {"code_expired", "The code has expired. Begin again with: kith register"},
    {"too_many_attempts", "Too many wrong codes. Begin again with: kith register"},
    {"pin_needed",
     "The account of this number is locked by a PIN. The lock ends a week after the account was last used."},
    {"no_device", "This person has no device that can receive messages."},
    {"identity_changed", "This person's identity has changed. Compare safety numbers first, with: kith verify"},
    {"not_allowed", "Your role in this group does not allow that."},
    {"group_full", "The group is full."},
    {"last_owner", "You are the group's owner. Hand it over first: kith group role GROUP WHO owner"},
    {"recovery_key_length", "A recovery key has seven groups of four letters and digits."},
    {"recovery_key_character", "A recovery key has only digits, and letters without U."},
    {"recovery_key_checksum", "This key is mistyped somewhere. Compare it with your copy, group by group."},
    {"link_used", "This code was taken up already. Begin again on the new device, which then shows another one."},
    {"link_expired", "This code has run out. Use the one that the new device shows now."},
    {"device_unreachable",
     "One of your devices can't get the new keys: it was away for too long. Open Kith there and try again, or add "
     "--remove-unreachable."},
    {"link_foreign",
     "This code is for another account. Begin again on the new device, with the number or e-mail of yours."},
}};

template <class T>
T take(native::Result<T> result) {
  if (!result) throw problem_of(result.error());
  return *std::move(result);
}

}  // namespace

Problem problem_of(const Json& failure) {
  const std::string error = failure.value("error", "internal");
  const std::string why = as_sentence(failure.value("message", ""));
  const auto retry_ms = failure.value("retry_after_ms", std::int64_t{0});
  const std::string later = retry_ms > 0 ? " Try again in " + duration_text(retry_ms) + "." : "";
  if (error == "offline") return {Exit::offline, "The server can't be reached."};
  if (error == "stopped") return {Exit::stopped, "This profile was taken over or logged out."};
  if (error == "wrong_stage") return {Exit::not_registered, "That is not possible now. " + why};
  if (error == "rate_limited")
    return {Exit::failed, "That was too often." + (later.empty() ? " Try again later." : later)};
  if (error == "overloaded")
    return {Exit::failed, "The server is busy." + (later.empty() ? " Try again soon." : later)};
  if (error == "wrong_pin") {
    const int left = failure.value("attempts_left", 0);
    return {Exit::failed,
            "That is not the PIN." + (left > 0 ? " Attempts left: " + std::to_string(left) + "." : later)};
  }
  if (error == "pin_paused") return {Exit::failed, "Too many wrong PINs." + later};
  for (const auto& [name, words] : kWords) {
    if (error == name) return {Exit::failed, words};
  }
  return {Exit::failed, why.empty() ? "That did not work (" + error + ")." : why};
}

Problem device_removed() {
  return {Exit::stopped,
          "This device was removed from its account. Delete what it kept with: kith forget; then link it anew."};
}

Session::Session(const Settings& settings, bool creates) : profile_(settings) {
  if (!creates && !profile_.exists()) {
    throw Problem{Exit::not_registered,
                  "There is no account in profile \"" + settings.profile + "\" yet. Begin with: kith register"};
  }
  auto server = take(native::ServerUrl::parse(profile_.server()));
  auto store = take(native::Store::open(profile_.directory(), *entropy_));
  shell_ = std::make_unique<native::Shell>(loop_, std::move(store), std::move(server), *entropy_,
                                           [this](std::string_view event) { shown(event); });
  loop_.on_signals({SIGINT, SIGTERM, SIGHUP, SIGWINCH}, [this](int signal) { received_signal(signal); });
}

void Session::start() {
  if (auto started = shell_->start(); !started) throw problem_of(started.error());
  run_until([this] { return !account_.empty(); }, std::nullopt);
}

// No later command hears of it, and a screen is not written over.
Session::~Session() {
  for (const std::string& words : last_words_) remark("kith: " + words);
}

void Session::received_signal(int signal) {
  if (signal == SIGWINCH) {
    if (resized_) resized_();
  } else if (interrupted_) {
    interrupted_();
  } else {
    ending_ = Problem{Exit::interrupted, ""};
  }
  look();
}

void Session::shown(std::string_view text) {
  const Json event = Json::parse(text, nullptr, false);
  if (!event.is_object()) return;
  const std::string type = event.value("type", "");
  last_event_ = loop_.now();
  if (listener_) listener_(text, event);
  if (type == "account") {
    const std::string before = stage();
    account_ = event.at("account");
    if (stage() == "removed" && before != "new" && before != "removed") ending_ = device_removed();
  } else if (type == "archive") {
    is_archive_on_ = event.value("is_on", true);
  } else if (type == "connection") {
    const std::string before = std::exchange(connection_, event.value("state", "offline"));
    if (connection_ == "offline" && before != "offline") ++failed_attempts_;
    if (connection_ == "online") failed_attempts_ = 0;
    if (connection_ == "syncing") syncing_since_ = loop_.now();
    if (connection_ == "online") round_trip_ = loop_.now() - syncing_since_;
  } else if (type == "done" || type == "failed") {
    if (auto found = asked_.extract(event.value("id", 0))) found.mapped()(Answer{event});
  } else if (type == "warning" && event.value("code", "") == "join_declined") {
    last_words_.push_back(safe_line(event.value("message", "")));
  } else if (type == "stopped") {
    const std::string reason = event.value("reason", "");
    const auto code = reason == "storage_failed" ? Exit::storage : Exit::stopped;
    if (reason == "forgotten") return look();
    ending_ = Problem{code, safe_line(event.value("message", "The client has stopped."))};
  }
  look();
}

void Session::look() {
  if (ending_ || (holds_ != nullptr && (*holds_)())) loop_.stop();
}

bool Session::run_until(const std::function<bool()>& holds, std::optional<std::chrono::milliseconds> timeout) {
  bool is_over = false;
  native::Alarm alarm(loop_);
  if (timeout) {
    alarm.set(loop_.now() + *timeout, [&] {
      is_over = true;
      loop_.stop();
    });
  }
  const auto* outer = std::exchange(holds_, &holds);
  while (!ending_ && !is_over && !holds()) loop_.run();
  holds_ = outer;
  if (ending_) throw *ending_;
  return holds();
}

void Session::send(Json command, std::function<void(const Answer&)> answered) {
  const int id = next_id_++;
  command["id"] = id;
  asked_[id] = std::move(answered);
  shell_->command(command.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer Session::ask(Json command) {
  std::optional<Answer> answer;
  send(std::move(command), [&](const Answer& a) { answer = a; });
  run_until([&] { return answer.has_value(); }, std::nullopt);
  return *std::move(answer);
}

Json Session::must(Json command) {
  auto answer = ask(std::move(command));
  if (!answer.is_done()) throw cli::problem_of(answer.event);
  return std::move(answer.event);
}

bool Session::come_online(std::chrono::milliseconds timeout) {
  const int failed_before = failed_attempts_;
  run_until([&] { return connection_ == "online" || failed_attempts_ >= failed_before + 2; }, timeout);
  return connection_ == "online";
}

bool Session::catch_up(std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  const UnixMillis end = loop_.now() + timeout;
  if (!come_online(timeout)) return false;
  const auto quiet = std::clamp(3 * round_trip_, milliseconds(250), milliseconds(3000));
  for (auto now = loop_.now(); now < end && now - last_event_ < quiet; now = loop_.now()) {
    run_until([] { return false; }, std::min(quiet - (now - last_event_), end - now));
  }
  return connection_ == "online";
}

void Session::start_with_account() {
  start();
  if (stage() == "ready") return;
  if (stage() == "removed") throw device_removed();
  if (stage() == "new")
    throw Problem{Exit::not_registered, "This profile has no account yet. Begin with: kith register"};
  throw Problem{Exit::not_registered, "Registration is not finished. Go on with: kith register"};
}

void Session::close() {
  if (!shell_) return;
  bool is_closed = false;
  ending_.reset();
  asked_.clear();
  shell_->finish([&] {
    is_closed = true;
    loop_.stop();
  });
  run_until([&] { return is_closed; }, std::chrono::seconds(3));
  shell_.reset();
}

}  // namespace kith::cli
