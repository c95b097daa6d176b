#include "cli/line_editor.h"

#include "cli/text.h"

namespace kith::cli {
namespace {

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) append_code_point(out, c);
  return out;
}

}  // namespace

std::string LineEditor::text() const { return utf8(text_); }
std::string LineEditor::before_cursor() const { return utf8(std::u32string_view(text_).substr(0, cursor_)); }

void LineEditor::replace_before(std::size_t bytes, std::string_view text) {
  std::size_t begin = cursor_;
  while (begin > 0 && utf8(std::u32string_view(text_).substr(begin, cursor_ - begin)).size() < bytes) --begin;
  text_.erase(begin, cursor_ - begin);
  cursor_ = begin;
  insert(text);
}

std::string LineEditor::take() {
  std::string taken = text();
  text_.clear();
  cursor_ = 0;
  return taken;
}

void LineEditor::insert(std::string_view typed) {
  const std::string safe = safe_text(typed);
  if (text().size() + safe.size() > kMaxBytes) return;
  std::u32string points;
  for (std::size_t at = 0; at < safe.size();) points.push_back(next_code_point(safe, at));
  text_.insert(cursor_, points);
  cursor_ += points.size();
}

std::size_t LineEditor::word_start() const {
  std::size_t at = cursor_;
  while (at > 0 && text_[at - 1] == U' ') --at;
  while (at > 0 && text_[at - 1] != U' ') --at;
  return at;
}

std::size_t LineEditor::word_end() const {
  std::size_t at = cursor_;
  while (at < text_.size() && text_[at] == U' ') ++at;
  while (at < text_.size() && text_[at] != U' ') ++at;
  return at;
}

bool LineEditor::press(const Key& key) {
  switch (key.kind) {
    case Key::Kind::text:
      insert(key.text);
      return true;
    case Key::Kind::newline:
      insert("\n");
      return true;
    case Key::Kind::backspace:
      if (cursor_ > 0) text_.erase(--cursor_, 1);
      return true;
    case Key::Kind::erase:
      if (cursor_ < text_.size()) text_.erase(cursor_, 1);
      return true;
    case Key::Kind::left:
      cursor_ -= cursor_ > 0 ? 1 : 0;
      return true;
    case Key::Kind::right:
      cursor_ += cursor_ < text_.size() ? 1 : 0;
      return true;
    case Key::Kind::word_left:
      cursor_ = word_start();
      return true;
    case Key::Kind::word_right:
      cursor_ = word_end();
      return true;
    case Key::Kind::home:
      cursor_ = 0;
      return true;
    case Key::Kind::end:
      cursor_ = text_.size();
      return true;
    case Key::Kind::kill_to_end:
      text_.erase(cursor_);
      return true;
    case Key::Kind::kill_to_start:
      text_.erase(0, cursor_);
      cursor_ = 0;
      return true;
    case Key::Kind::kill_word: {
      const std::size_t start = word_start();
      text_.erase(start, cursor_ - start);
      cursor_ = start;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace kith::cli
