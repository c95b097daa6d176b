// One HTTP/1.1 request and its answer. A connection each: registration and look-ups are rare, live traffic is the
// socket's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "client/core/core.h"
#include "client/native/loop.h"
#include "client/native/server_url.h"

namespace kith::client::native {

inline constexpr std::size_t kMaxAnswerBytes = 1 << 20;

class HttpClient {
 public:
  // Status 0: no whole answer within 30 seconds, a broken connection, or an answer over kMaxAnswerBytes.
  using Answered = std::function<void(int status, std::string body)>;

  HttpClient(Loop& loop, ServerUrl server);
  // Gives up what is under way; nothing is called any more.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Calls back once, from the loop.
  void request(const HttpRequest& request, Answered answered);

 private:
  struct Exchange;
  void end(std::uint64_t number, int status, std::string body);

  Loop& loop_;
  ServerUrl server_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace kith::client::native
