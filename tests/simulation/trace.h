// What happened, in order: a hash of all of it, and the last of it as text for whoever looks into a failure.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace kith::sim {

class Trace {
 public:
  static constexpr std::size_t kKept = 4000;

  // unseen: it was to be shown, and what led to it is stored, but the client died before.
  enum class What : std::uint8_t { note, to_server, to_client, request, answer, shown, command, unseen };

  // `prints`: each line as it comes.
  explicit Trace(bool prints = false) : prints_(prints) {}

  // `bytes`: of a frame, as it is; of everything else text.
  void add(std::int64_t now_ms, What what, std::string_view who, ByteView bytes);
  void note(std::int64_t now_ms, std::string_view who, std::string_view text) {
    add(now_ms, What::note, who, as_view(text));
  }

  // Who listens, from now on, and may not add; an empty one ends it.
  using Listener = std::function<void(std::int64_t now_ms, What what, std::string_view who, ByteView bytes)>;
  void listen(const void* who, Listener listener);

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  // The last `count` lines.
  [[nodiscard]] std::string text(std::size_t count = kKept) const;

 private:
  struct Line {
    std::int64_t now_ms = 0;
    What what{};
    std::string who;
    Bytes bytes;
  };
  static std::string text_of(const Line& line);
  void mix(std::uint64_t word);

  bool prints_;
  std::uint64_t hash_ = 0x9E3779B97F4A7C15;
  std::deque<Line> last_;
  std::vector<std::pair<const void*, Listener>> listeners_;
};

// A frame's kind and what matters in it, in one line.
[[nodiscard]] std::string text_of_frame(ByteView frame);

}  // namespace kith::sim
