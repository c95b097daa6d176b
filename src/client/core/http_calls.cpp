#include "client/core/http_calls.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
constexpr std::int64_t kMaxRetryMs = 3'600'000;
constexpr std::size_t kMaxMessageBytes = 500;
}  // namespace

std::string HttpAnswer::error() const {
  if (status == 0) return "offline";
  const auto name = text_field(body, "error");
  return name && is_path_safe(*name) ? *name : "internal";
}

std::string HttpAnswer::message() const {
  if (status == 0) return "The server cannot be reached.";
  auto text = text_field(body, "message").value_or("The server could not do this.");
  if (text.size() > kMaxMessageBytes) text.resize(kMaxMessageBytes);
  return text;
}

std::int64_t HttpAnswer::retry_after_ms() const {
  return std::min(number_field(body, "retry_after_ms").value_or(0), kMaxRetryMs);
}

void HttpCalls::send(const char* method, std::string path, std::string bearer, const Json& body, Handler handler) {
  send_text(method, std::move(path), std::move(bearer), body.is_null() ? std::string{} : dump(body),
            std::move(handler));
}

void HttpCalls::send_text(const char* method, std::string path, std::string bearer, std::string body, Handler handler) {
  const std::uint32_t id = ++next_id_;
  waiting_.emplace(id, std::move(handler));
  machine_.transmit(HttpRequest{
      .id = id, .method = method, .path = std::move(path), .bearer = std::move(bearer), .body = std::move(body)});
}

void HttpCalls::answered(std::uint32_t id, int status, std::string_view body) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return;
  const Handler handler = std::move(at->second);
  waiting_.erase(at);
  const bool readable = status >= 100 && status < 600 && body.size() <= kMaxAnswerBytes;
  handler(HttpAnswer{.status = readable ? status : 0, .body = readable ? parse_object(body) : Json()});
}

bool is_path_safe(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace kith::client
