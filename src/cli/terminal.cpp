#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kith::cli {

Terminal::Terminal() {
  ::tcgetattr(STDIN_FILENO, &before_);
  termios raw = before_;
  ::cfmakeraw(&raw);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  // The alternate screen, and pasted text marked as such.
  write("\x1b[?1049h\x1b[?2004h\x1b[2J");
}

Terminal::~Terminal() {
  write("\x1b[?2004l\x1b[?25h\x1b[0m\x1b[?1049l");
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

ScreenSize Terminal::size() const {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) return {};
  return {.columns = std::max<std::size_t>(window.ws_col, 20), .rows = std::max<std::size_t>(window.ws_row, 6)};
}

void Terminal::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace kith::cli
