#include "client/core/machine.h"

#include <algorithm>
#include <array>

namespace kith::client {

namespace {
constexpr std::int64_t kClockStartMs = 1'000'000;  // any value well above 0, which means "no deadline"

std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

SecretBytes number_row(std::uint64_t number) {
  SecretBytes out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
  return out;
}
}  // namespace

Machine::Machine(Entropy& randomness)
    : entropy(randomness),
      http(*this),
      account(*this),
      registration(*this),
      coming_in(*this),
      new_device(*this),
      recovery(*this),
      session(*this),
      connection(*this),
      sync(*this),
      mailbox(*this),
      contacts(*this),
      key_packages(*this),
      generations(*this),
      linking(*this),
      own_devices(*this),
      chats(*this),
      arrivals(*this),
      archive(*this),
      commands(*this),
      group_commands(*this),
      own_requests(*this),
      safety_commands(*this),
      archive_commands(*this),
      clock_ms_(kClockStartMs) {}

void Machine::begin(UnixMillis now) {
  // Deadlines follow the shell's clock forward and ignore its jumps back.
  if (begun_ && now > now_) clock_ms_ += (now - now_).count();
  begun_ = true;
  now_ = now;
}

Output Machine::finish() {
  if (!stopped_) {
    chats.run();
    mailbox.advance();
    arrivals.advance();
    contacts.tell();
    archive.advance();
    chats.run();
    chats.flush();
  }
  Output out = std::exchange(out_, {});
  out.persist.generation = generation_;
  for (auto& [key, value] : writes_) {
    if (key == row_key::generation()) ++generation_;
    out.persist.writes.push_back({key, std::move(value)});
  }
  writes_.clear();
  if (stopped_) return out;
  std::optional<std::int64_t> at;
  for (const auto& next : {connection.wake_at(), sync.wake_at(), chats.wake_at(), mailbox.wake_at(), arrivals.wake_at(),
                           new_device.wake_at(), recovery.wake_at(), generations.wake_at(), archive.wake_at()})
    at = earlier(at, next);
  if (at) out.wake_at = UnixMillis{now_.value + std::max<std::int64_t>(*at - clock_ms_, 0)};
  return out;
}

void Machine::put(Bytes key, SecretBytes value) {
  std::optional<SecretBytes> kept(std::move(value));
  loads.wrote(key, kept);
  writes_.insert_or_assign(std::move(key), std::move(kept));
}

void Machine::erase(Bytes key) {
  loads.wrote(key, std::nullopt);
  writes_.insert_or_assign(std::move(key), std::nullopt);
}

void Machine::load(Bytes from, Bytes to, std::uint32_t limit, bool reverse, Loads::Handler handler) {
  out_.load.push_back(loads.ask(std::move(from), std::move(to), limit, reverse, std::move(handler)));
}

void Machine::warn(const char* code, const std::string& message, const ConversationId* conversation) {
  Json event = {{"type", "warning"}, {"code", code}, {"message", message}};
  if (conversation != nullptr) event["conversation"] = conversation->text();
  show(event);
}

void Machine::stop(const char* reason, const std::string& message) {
  if (stopped_) return;
  stopped_ = true;
  show({{"type", "stopped"}, {"reason", reason}, {"message", message}});
}

std::uint64_t Machine::random_below(std::uint64_t bound) {
  std::array<std::uint8_t, 8> bytes{};
  entropy.fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t b : bytes) value = value << 8 | b;
  return bound == 0 ? 0 : value % bound;
}

ClientId Machine::new_client_id() {
  ClientId id;
  entropy.fill(id.value);
  return id;
}

void Machine::start(const std::vector<Row>& boot) {
  if (std::exchange(started_, true)) return;
  bool readable = true;
  for (const Row& row : boot) {
    const std::string_view key = as_text(row.key);
    const ByteView rest = ByteView(row.key).subspan(std::min<std::size_t>(row.key.size(), 2));
    if (key == kGenerationKey) {
      for (const std::uint8_t b : row.value) generation_ = generation_ << 8 | b;
    } else if (key == "ba") {
      readable = account.restore(row.value) && readable;
    } else if (key == "bt") {
      readable = session.restore(row.value) && readable;
    } else if (key == "bs") {
      readable = sync.restore(row.value) && readable;
    } else if (key == "br") {
      registration.restore(row.value);
    } else if (key == "bl") {
      readable = new_device.restore(row.value) && readable;
    } else if (key == "bv") {
      readable = recovery.restore(row.value) && readable;
    } else if (key == "bn") {
      readable = generations.restore(row.value) && readable;
    } else if (key == "bj") {
      readable = own_requests.restore(row.value) && readable;
    } else if (key == "bh") {
      readable = archive.restore(row.value) && readable;
    } else if (key.starts_with("bo")) {
      readable = archive.keys.restore(rest, row.value) && readable;
    } else if (key.starts_with("bg")) {
      readable = chats.restore_foretold(rest, row.value) && readable;
    } else if (key.starts_with("bk")) {
      readable = key_packages.restore(rest, row.value) && readable;
    } else if (key.starts_with("bc")) {
      readable = chats.restore(rest, row.value) && readable;
    } else if (key.starts_with("bp")) {
      readable = contacts.restore(row.value) && readable;
    }
  }
  if (!readable) return stop("storage_failed", "What is stored here cannot be read.");
  put(row_key::generation(), number_row(generation_ + 1));
  account.show();
  connection.show();
  if (account.stage() == Stage::removed) return;
  for (const auto& [user, contact] : contacts.all()) contacts.show(contact);
  chats.show_all();
  own_requests.show();
  archive.start();
  registration.resume();
  connection.wanted();
}

}  // namespace kith::client
