// The terminal of a full-screen chat: raw while this object lives, as it was afterwards. Draws on the alternate screen,
// so that what was there before comes back.
#pragma once

#include <termios.h>

#include <string_view>

namespace kith::cli {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] ScreenSize size() const;
  void write(std::string_view bytes);

 private:
  termios before_{};
};

}  // namespace kith::cli
