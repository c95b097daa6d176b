// What speaks against the server's word on somebody's devices, until it has lasted. A list that is older than one that
// was seen, or leaves that are not those on the newest list, are what a server shows that lies; for a moment every
// server shows them, since a conversation hears of a list after the account has it, and leaves follow by a commit of
// whoever is there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/ids.h"

namespace kith::client {

class Chat;

class Suspicions {
 public:
  static constexpr std::int64_t kPatienceMs = 120'000;
  static constexpr std::int64_t kLookAgainMs = 15'000;

  explicit Suspicions(Chat& chat) : chat_(chat) {}

  // The server is asked anew: what does not come again is over.
  void begin() { now_.clear(); }
  void add(const UserId& user, std::string sentence) { now_.insert_or_assign(user, std::move(sentence)); }
  // Warns of what has lasted, once. Answers when to ask the server again, on Machine::clock_ms.
  [[nodiscard]] std::optional<std::int64_t> settle();

 private:
  struct Lasting {
    std::int64_t since_ms = 0;
    bool is_told = false;
  };

  Chat& chat_;
  std::map<UserId, std::string> now_;
  std::map<UserId, Lasting> lasting_;
};

}  // namespace kith::client
