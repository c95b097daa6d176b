#include "cli/qr_text.h"

#include <qrencode.h>

#include <memory>

namespace kith::cli {
namespace {

constexpr int kQuiet = 4;  // modules on each side
constexpr std::string_view kBlackOnWhite = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kReset = "\x1b[0m";

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

bool is_dark(const QRcode& code, int column, int row) {
  const bool is_in = column >= 0 && row >= 0 && column < code.width && row < code.width;
  return is_in && (code.data[row * code.width + column] & 1) != 0;
}

}  // namespace

std::vector<std::string> qr_lines(std::string_view text, bool in_colour) {
  const std::unique_ptr<QRcode, Free> code(QRcode_encodeData(
      static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L));
  std::vector<std::string> lines;
  for (int row = -kQuiet; code != nullptr && row < code->width + kQuiet; row += 2) {
    std::string line(in_colour ? kBlackOnWhite : "");
    for (int column = -kQuiet; column < code->width + kQuiet; ++column) {
      const bool upper = is_dark(*code, column, row);
      const bool lower = is_dark(*code, column, row + 1);
      line += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    lines.push_back(line + std::string(in_colour ? kReset : ""));
  }
  return lines;
}

}  // namespace kith::cli
