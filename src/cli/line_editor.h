// The line that is being written: text, a cursor, and what the keys do to them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/keys.h"

namespace kith::cli {

class LineEditor {
 public:
  // At most what a message may hold; more is not taken.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  // True where the key is one for editing.
  bool press(const Key& key);
  // Puts a text in the place of the last `bytes` before the cursor.
  void replace_before(std::size_t bytes, std::string_view text);
  // The text, which is then gone from here.
  std::string take();

  [[nodiscard]] bool is_empty() const { return text_.empty(); }
  [[nodiscard]] std::string text() const;
  // The part before the cursor.
  [[nodiscard]] std::string before_cursor() const;

 private:
  void insert(std::string_view text);
  [[nodiscard]] std::size_t word_start() const;
  [[nodiscard]] std::size_t word_end() const;

  std::u32string text_;
  std::size_t cursor_ = 0;
};

}  // namespace kith::cli
