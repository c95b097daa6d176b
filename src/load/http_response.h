// Answers of HTTP/1.1 as far as kithd gives them: a status, a Content-Length, a body. Sans-I/O.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "load/result.h"

namespace kith::load {

struct HttpResponse {
  int status = 0;
  std::string headers;  // as received, without the status line
  std::string body;
};

// The value of a header, without spaces around it; names compare without case.
std::optional<std::string> header_value(const std::string& headers, std::string_view name);

class HttpReader {
 public:
  // Takes bytes from the front of `bytes` until an answer is whole; `bytes` is left with what comes after it.
  // Errors: unexpected (no HTTP, a body of unknown length, over 1 MiB). Interim answers (1xx) other than 101 are
  // skipped.
  Result<std::optional<HttpResponse>> read(ByteView& bytes);

 private:
  Result<bool> read_head();
  std::string head_;
  HttpResponse response_;
  std::size_t body_left_ = 0;
  bool in_body_ = false;
};

}  // namespace kith::load
