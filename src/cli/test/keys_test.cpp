#include "cli/keys.h"

#include <gtest/gtest.h>

#include "cli/line_editor.h"

namespace kith::cli {
namespace {

using Kind = Key::Kind;

std::vector<Key> read(std::string_view bytes) { return KeyReader().read(bytes); }

TEST(Keys, text_and_keys_are_told_apart) {
  EXPECT_EQ(read("hé\r"), (std::vector<Key>{{Kind::text, "hé"}, {Kind::enter, ""}}));
  EXPECT_EQ(read("\x1b[A\x1bOB\x1b[5~\x1b[1;5D\x1b\r"),
            (std::vector<Key>{
                {Kind::up, ""}, {Kind::down, ""}, {Kind::page_up, ""}, {Kind::word_left, ""}, {Kind::newline, ""}}));
}

TEST(Keys, unknown_sequences_are_swallowed_whole) {
  EXPECT_EQ(read("\x1b[200;1;2Xa"), (std::vector<Key>{{Kind::text, "a"}}));
  EXPECT_EQ(read("\x1b[<0;10;10Ma"), (std::vector<Key>{{Kind::text, "a"}}));
}

TEST(Keys, a_character_that_comes_in_pieces_is_one_character) {
  KeyReader reader;
  EXPECT_EQ(reader.read("\xf0\x9f"), std::vector<Key>{});
  EXPECT_EQ(reader.read("\x98"), std::vector<Key>{});
  EXPECT_EQ(reader.read("\x80x"), (std::vector<Key>{{Kind::text, "😀x"}}));
}

TEST(Keys, pasted_text_is_text_whatever_it_holds_and_however_it_comes) {
  const std::string pasted = "\x1b[200~one\rtwo\x03\x1b[201~x";
  EXPECT_EQ(read(pasted), (std::vector<Key>{{Kind::text, "one\ntwo"}, {Kind::text, "x"}}));
  // The opening mark is one sequence of the terminal; everything behind it may be cut anywhere.
  for (std::size_t cut = 6; cut < pasted.size(); ++cut) {
    KeyReader reader;
    std::string text;
    for (const auto& part : {pasted.substr(0, cut), pasted.substr(cut)}) {
      for (const auto& key : reader.read(part)) {
        EXPECT_EQ(key.kind, Kind::text) << cut;
        text += key.text;
      }
    }
    EXPECT_EQ(text, "one\ntwox") << cut;
  }
}

void type(LineEditor& editor, std::string_view bytes) {
  for (const auto& key : KeyReader().read(bytes)) editor.press(key);
}

TEST(LineEditor, edits_by_characters_and_words) {
  LineEditor editor;
  type(editor, "grüße aus  berlin\x17");
  EXPECT_EQ(editor.text(), "grüße aus  ");
  type(editor, "\x17");
  EXPECT_EQ(editor.text(), "grüße ");
  type(editor, "\x7f\x7f\x1b[D\x7f");
  EXPECT_EQ(editor.text(), "grß");
  EXPECT_EQ(editor.before_cursor(), "gr");
  type(editor, "\x01x\x05y");
  EXPECT_EQ(editor.text(), "xgrßy");
  type(editor, "\x1b[D\x15");
  EXPECT_EQ(editor.text(), "y");
  EXPECT_EQ(editor.take(), "y");
  EXPECT_TRUE(editor.is_empty());
}

TEST(LineEditor, keys_at_the_ends_do_nothing) {
  LineEditor editor;
  type(editor, "\x7f\x1b[3~\x1b[D\x1b[C\x0b\x15\x17\x1b[1;5D\x1b[1;5C");
  EXPECT_TRUE(editor.is_empty());
}

TEST(LineEditor, takes_no_more_than_a_message_may_hold) {
  LineEditor editor;
  editor.press({Kind::text, std::string(LineEditor::kMaxBytes, 'x')});
  editor.press({Kind::text, "y"});
  EXPECT_EQ(editor.text().size(), LineEditor::kMaxBytes);
}

TEST(LineEditorTest, what_stands_before_the_cursor_is_replaced) {
  LineEditor editor;
  editor.press({Kind::text, "hi @zoë!"});
  editor.press({Kind::left, ""});
  editor.replace_before(4, "Zoë ");
  EXPECT_EQ(editor.text(), "hi @Zoë !");
  EXPECT_EQ(editor.before_cursor(), "hi @Zoë ");
  EXPECT_EQ(read("\t"), (std::vector<Key>{{Kind::complete, ""}}));
}

}  // namespace
}  // namespace kith::cli
