#include "load/http_connection.h"

#include <nlohmann/json.hpp>

#include "base/check.h"

namespace kith::load {

HttpConnection::HttpConnection(Reactor& reactor, Address to, std::optional<Address> from)
    : reactor_(reactor), to_(to), from_(from), stream_(reactor, *this) {}

Task<Result<nlohmann::json>> HttpConnection::request(std::string method, std::string path, std::string bearer,
                                                     nlohmann::json body) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!bearer.empty()) text += "Authorization: Bearer " + bearer + "\r\n";
  const std::string content = method == "GET" ? "" : body.dump();
  if (method != "GET") text += "Content-Type: application/json\r\n";
  text += "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;

  KITH_CO_TRY(const auto response, co_await exchange(std::move(text)));
  auto answer = nlohmann::json::parse(response.body.empty() ? "{}" : response.body, nullptr, false);
  if (response.status >= 200 && response.status < 300) {
    if (answer.is_discarded()) co_return fail(Errc::unexpected, "the answer to " + path + " is not JSON");
    co_return answer;
  }
  const std::string name = answer.is_object() ? answer.value("error", "") : "";
  const std::string sentence = answer.is_object() ? answer.value("message", "") : "";
  co_return fail(Errc::refused,
                 method + " " + path + ": " + std::to_string(response.status) + " " + name + " " + sentence);
}

Task<Result<HttpResponse>> HttpConnection::exchange(std::string request) {
  KITH_CHECK(!waiting_);
  if (!stream_.is_open()) {
    reader_ = {};
    if (!stream_.connect(to_, from_)) co_return fail(Errc::connection, "no connection could be made");
  }
  const auto answered = waiting_.emplace();
  stream_.send(as_view(request));
  co_return co_await answered;
}

void HttpConnection::on_data(ByteSpan received) {
  ByteView bytes = received;
  auto response = reader_.read(bytes);
  if (!response) {
    stream_.close();
    return finish(std::unexpected(std::move(response).error()));
  }
  if (!*response) return;
  if (header_value((*response)->headers, "connection").value_or("") == "close") stream_.close();
  finish(std::move(**response));
}

void HttpConnection::on_closed(const std::string& why) { finish(fail(Errc::connection, why)); }

void HttpConnection::finish(Result<HttpResponse> result) {
  if (!waiting_) return;
  // In a turn of its own: whoever waits may destroy this connection.
  reactor_.post([shot = *std::exchange(waiting_, std::nullopt), result = std::move(result)] { shot.set(result); });
}

}  // namespace kith::load
