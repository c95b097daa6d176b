// Commands of schema/core.d.ts: read, checked, and handed to the part that does them. Every command gets exactly one
// answer.
#pragma once

#include <string>
#include <string_view>

#include "client/core/http_calls.h"
#include "client/core/json.h"

namespace kith::client {

// Where the answer to a command goes. Copied into whatever waits for the server.
class Reply {
 public:
  Reply(Machine& machine, std::int64_t id) : machine_(&machine), id_(id) {}
  // `results`: an object; null is the same as an empty one.
  void done(Json results) const;
  void failed(const std::string& error, const std::string& message) const;
  // What the server said.
  void failed(const HttpAnswer& answer) const;

 private:
  Machine* machine_;
  std::int64_t id_;
};

class Chat;
struct MessageRecord;
struct Draft;

class Commands {
 public:
  explicit Commands(Machine& machine) : machine_(machine) {}
  void run(std::string_view text);

 private:
  void dispatch(const std::string& type, const Reply& reply, const Json& command);
  void send(const Reply& reply, const Json& command);
  static void send_to(Chat& chat, const Reply& reply, const Draft& draft);
  static void add(Chat& chat, const Reply& reply, const Draft& draft, const MessageRecord* answered);
  void with_chat(const Reply& reply, const Json& command, void (Commands::*run)(Chat&, const Reply&, const Json&));
  void retry(Chat& chat, const Reply& reply, const Json& command);
  void list_messages(Chat& chat, const Reply& reply, const Json& command);
  void mark_read(Chat& chat, const Reply& reply, const Json& command);
  void set_notifications(Chat& chat, const Reply& reply, const Json& command);
  void mute(Chat& chat, const Reply& reply, const Json& command);
  void receipts(Chat& chat, const Reply& reply, const Json& command);
  void open_chat(const Reply& reply, const Json& command);

  Machine& machine_;
};

}  // namespace kith::client
