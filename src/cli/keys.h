// What was typed, from the bytes that a terminal sends (xterm's sequences, which everything in use understands). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

struct Key {
  enum class Kind : std::uint8_t {
    text,  // `text` was typed or pasted; pasted text may hold line breaks
    enter,
    newline,
    backspace,
    erase,
    left,
    right,
    word_left,
    word_right,
    home,
    end,
    up,
    down,
    page_up,
    page_down,
    kill_to_end,
    kill_to_start,
    kill_word,
    redraw,
    retry,
    escape,
    complete,      // Tab
    interrupt,     // Ctrl-C
    end_of_input,  // Ctrl-D
  };
  Kind kind = Kind::text;
  std::string text;
  friend bool operator==(const Key&, const Key&) = default;
};

// Takes bytes in any pieces. Unknown sequences are swallowed whole.
class KeyReader {
 public:
  std::vector<Key> read(std::string_view bytes);

 private:
  void take_pasted(std::vector<Key>& keys);
  bool take_one(std::vector<Key>& keys);
  bool take_sequence(std::vector<Key>& keys);
  bool take_text(std::vector<Key>& keys);

  std::string pending_;
  bool is_pasting_ = false;
};

}  // namespace kith::cli
