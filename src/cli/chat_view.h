// One conversation as a picture of so many columns and rows: what is known of its messages, how far it is scrolled, and
// the lines that show it. Pure: no terminal, no clock but the time given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line_editor.h"
#include "cli/names.h"
#include "cli/recipient.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace kith::cli {

class ChatView {
 public:
  // `names` may change, and outlives this.
  ChatView(const Recipient& recipient, bool has_colour, const Names& names)
      : title_(recipient.title), is_group_(recipient.is_group()), has_colour_(has_colour), names_(names) {}

  // A message of schema/core.d.ts, new or changed.
  void put(const Json& message);
  void erase(const std::string& id);
  void set_title(std::string title) { title_ = std::move(title); }
  // Why nothing can be written, in the place of the input; empty where it can.
  void set_closed(std::string why) { closed_ = std::move(why); }
  void set_receipts(std::uint64_t delivered, std::uint64_t read);
  // The first message behind this seq that is not one's own gets the "new" line above it.
  void set_unread_after(std::uint64_t seq) { unread_after_ = seq; }
  // A word on the connection in the header; empty: none.
  void set_connection(std::string text) { connection_ = std::move(text); }
  // A line above the input, until the next one.
  void set_notice(std::string text) { notice_ = std::move(text); }

  void scroll(std::ptrdiff_t lines);
  void scroll_to_end() { scrolled_ = 0; }
  [[nodiscard]] bool is_at_end() const { return scrolled_ == 0; }
  // Whether the picture drawn last began with the oldest message known.
  [[nodiscard]] bool reaches_oldest() const { return reaches_oldest_; }
  [[nodiscard]] double oldest_order() const;
  [[nodiscard]] std::uint64_t newest_received_seq() const { return newest_received_; }
  [[nodiscard]] std::vector<std::string> failed_messages() const;  // ids
  // The last message that can be answered (1), the one before it (2), ...; nothing where there are not so many.
  struct Answerable {
    std::string id;
    std::string line;  // "Ana: shall we?"
  };
  [[nodiscard]] std::optional<Answerable> from_end(std::size_t place) const;
  [[nodiscard]] bool is_empty() const { return messages_.empty(); }

  // The whole screen as the bytes that draw it.
  std::string draw(const LineEditor& editor, ScreenSize size, std::int64_t now_ms);

 private:
  struct Message {
    std::string sender;
    std::string text;
    std::string state;
    std::string failure;
    std::uint64_t seq = 0;
    std::int64_t time_ms = 0;
    bool mine = false;
    bool is_unsupported = false;
    std::vector<std::string> own_names{};  // what in the text names the user
    std::string quote{};                   // what it answers
    Json notice{};                         // null, or a line that nobody wrote
  };
  // The rows below the rule, and where in them the cursor is; none where nothing can be written.
  struct Input {
    std::vector<std::string> rows;
    std::size_t cursor_row = 0, cursor_column = 0;
    bool has_cursor = false;
  };
  using Place = std::pair<double, std::string>;  // order, id

  [[nodiscard]] std::string paint(std::string_view text, const char* code) const;
  [[nodiscard]] std::string rule(std::string_view label, std::size_t width, const char* code) const;
  [[nodiscard]] std::string state_of(const Message& message) const;
  [[nodiscard]] std::string mark_of(const Message& message, std::string_view ticks) const;
  [[nodiscard]] bool is_unread(const Message& message) const;
  [[nodiscard]] std::string sender_of(const Message& message) const;
  [[nodiscard]] std::vector<std::string> centred(std::string_view text, std::size_t width) const;
  [[nodiscard]] std::vector<std::string> lines_of(const Message& message, std::size_t width) const;
  [[nodiscard]] std::vector<std::string> lines_of_notice(const Message& message, std::size_t width,
                                                         std::int64_t now_ms) const;
  [[nodiscard]] std::vector<std::string> lines_with_separators(std::map<Place, Message>::const_iterator it,
                                                               std::size_t width, std::int64_t now_ms) const;
  [[nodiscard]] std::string status_rule(std::size_t width) const;
  [[nodiscard]] Input input(const LineEditor& editor, ScreenSize size) const;
  std::vector<std::string> window(std::size_t width, std::size_t height, std::int64_t now_ms);
  [[nodiscard]] std::string header(std::size_t width) const;

  std::string title_;
  std::string closed_;
  bool is_group_;
  bool has_colour_;
  const Names& names_;
  std::map<Place, Message> messages_;
  std::map<std::string, double> orders_;  // by id
  std::uint64_t delivered_ = 0, read_ = 0, unread_after_ = UINT64_MAX, newest_received_ = 0;
  std::string connection_, notice_;
  std::size_t scrolled_ = 0;  // lines below the window
  bool reaches_oldest_ = false;
};

}  // namespace kith::cli
