#include "client/native/http.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>

#include "client/native/stream.h"

namespace kith::client::native {
namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds kTimeout{30};

Bytes request_bytes(const ServerUrl& server, const HttpRequest& request) {
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: " + server.authority() +
                     "\r\nUser-Agent: kith\r\nAccept: application/json\r\nConnection: close\r\n";
  if (!request.bearer.empty()) text += "Authorization: Bearer " + request.bearer + "\r\n";
  if (!request.body.empty()) text += "Content-Type: application/json\r\n";
  if (!request.body.empty() || request.method != "GET")
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  text += "\r\n" + request.body;
  return to_bytes(text);
}

}  // namespace

struct HttpClient::Exchange {
  explicit Exchange(Loop& loop) : deadline(loop) {
    parser.eager(true);
    parser.body_limit(kMaxAnswerBytes);
    parser.header_limit(16 * 1024);
  }

  // True once the answer is whole or can't become so.
  bool take(ByteView bytes) {
    // What the parser leaves comes again in front of what is next.
    append(rest, bytes);
    while (!parser.is_done() && !rest.empty()) {
      boost::system::error_code error;
      const std::size_t used = parser.put(boost::asio::buffer(rest), error);
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(used));
      if (error == http::error::need_more) return false;
      if (error) return true;
    }
    return parser.is_done();
  }

  void end_of_stream() {
    boost::system::error_code error;
    if (parser.got_some() && !parser.is_done()) parser.put_eof(error);
  }

  Alarm deadline;
  http::response_parser<http::string_body> parser;
  Bytes rest;
  Answered answered;
  std::unique_ptr<Stream> stream;
};

HttpClient::HttpClient(Loop& loop, ServerUrl server) : loop_(loop), server_(std::move(server)) {}
HttpClient::~HttpClient() = default;

void HttpClient::request(const HttpRequest& request, Answered answered) {
  const std::uint64_t number = next_number_++;
  auto& exchange = *(exchanges_[number] = std::make_unique<Exchange>(loop_));
  exchange.answered = std::move(answered);
  const auto finish = [this, number] {
    auto& parser = exchanges_.at(number)->parser;
    const bool is_whole = parser.is_done();
    end(number, is_whole ? static_cast<int>(parser.get().result_int()) : 0,
        is_whole ? std::move(parser.get().body()) : "");
  };
  exchange.deadline.set(loop_.now() + kTimeout, [this, number] { end(number, 0, ""); });
  exchange.stream = Stream::connect(
      loop_, server_,
      {.opened = [this, number,
                  bytes = request_bytes(server_, request)] { exchanges_.at(number)->stream->write(bytes); },
       .received =
           [this, number, finish](ByteSpan bytes) {
             if (exchanges_.at(number)->take(bytes)) finish();
           },
       .closed =
           [this, number, finish](const Failure<Errc>&) {
             exchanges_.at(number)->end_of_stream();
             finish();
           }});
}

void HttpClient::end(std::uint64_t number, int status, std::string body) {
  const auto exchange = std::move(exchanges_.extract(number).mapped());
  exchange->answered(status, std::move(body));
}

}  // namespace kith::client::native
