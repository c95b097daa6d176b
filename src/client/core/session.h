// The tokens: what authorises requests, and how they are renewed (docs/protocol.md, "Tokens").
//
// A refresh token's successor is stored before it is used; until then the predecessor stays valid, so that a lost
// answer or a crash logs nobody out. A refresh that the server refuses for good ends the session: the core stops with
// "logged_out".
#pragma once

#include <functional>
#include <vector>

#include "client/core/http_calls.h"
#include "client/core/record.h"

namespace kith::client {

class Session {
 public:
  // The token, or empty and the answer that says why there is none.
  using TokenHandler = std::function<void(const std::string& access, const HttpAnswer& why_not)>;

  explicit Session(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // Takes {access_token, expires_in_ms, refresh_token}; false where that is not what it is.
  [[nodiscard]] bool accept(const Json& body);

  // A token that holds for a while, at once or after refreshing.
  void with_token(TokenHandler handler);
  // The server refused the token: the next one is a new one.
  void distrust() { tokens_.access_until_ms = 0; }
  // An authorised request. Refreshes before it where needed, and once more where the server says so.
  void call(const char* method, const std::string& path, const Json& body, HttpCalls::Handler handler);

 private:
  void refresh();
  void refreshed(const HttpAnswer& answer);
  void call_with(const char* method, const std::string& path, const std::string& body, bool again,
                 HttpCalls::Handler handler);

  Machine& machine_;
  TokenRecord tokens_;
  bool refreshing_ = false;
  std::vector<TokenHandler> waiting_;
};

}  // namespace kith::client
