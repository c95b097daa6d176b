// The full-screen chat: ChatView's picture on the Terminal, keys to the LineEditor and to the conversation.
#pragma once

#include "cli/chat_view.h"
#include "cli/conversation.h"
#include "cli/keys.h"
#include "cli/line_editor.h"
#include "cli/terminal.h"
#include "client/native/loop.h"

namespace kith::cli {

class ScreenChat final : public Conversation {
 public:
  ScreenChat(Session& session, const Recipient& recipient);

  // Until the user leaves. The terminal is then as it was before, also when a Problem is thrown.
  void run();

 private:
  struct Visit;

  void message(const Json& message, bool is_new) override;
  void message_gone(const std::string& id, const Json& event) override;
  void receipts(std::uint64_t delivered, std::uint64_t read) override { view_.set_receipts(delivered, read); }
  void refused(const std::string& why) override { view_.set_notice(why); }
  void chat_changed() override;
  void connection_changed() override;
  void history_came() override { load_newest(); }
  void changed() override;
  void draw();
  void read_keys();
  void press(const Key& key);
  void enter();
  void show_what_is_answered();
  void complete();

  ChatView view_;
  LineEditor editor_;
  KeyReader keys_;
  client::native::Alarm quiet_;
  Terminal* terminal_ = nullptr;
  bool is_away_told_ = false;  // the server has been away for a while, and the header says so
  bool is_away_ = false;
  bool is_draw_posted_ = false;
  bool is_over_ = false;
};

}  // namespace kith::cli
