#include "load/http_response.h"

#include <algorithm>
#include <charconv>

namespace kith::load {
namespace {

constexpr std::size_t kMaxHeadBytes = 16 * 1024;
constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> header_value(const std::string& headers, std::string_view name) {
  for (std::size_t at = 0; at < headers.size();) {
    const auto end = std::min(headers.find("\r\n", at), headers.size());
    const std::string_view line(headers.data() + at, end - at);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name)) {
      const auto first = line.find_first_not_of(" \t", colon + 1);
      if (first == std::string_view::npos) return "";
      return std::string(line.substr(first, line.find_last_not_of(" \t") - first + 1));
    }
    at = end + 2;
  }
  return std::nullopt;
}

Result<std::optional<HttpResponse>> HttpReader::read(ByteView& bytes) {
  while (true) {
    if (!in_body_) {
      // Byte by byte where a head may end, so that nothing of what follows it is taken.
      while (!bytes.empty() && !head_.ends_with("\r\n\r\n")) {
        head_.push_back(static_cast<char>(bytes.front()));
        bytes = bytes.subspan(1);
        if (head_.size() > kMaxHeadBytes) return fail(Errc::unexpected, "an HTTP head is too long");
      }
      if (!head_.ends_with("\r\n\r\n")) return std::nullopt;
      KITH_TRY(const bool is_final, read_head());
      if (!is_final) continue;
    }
    const auto size = std::min(body_left_, bytes.size());
    response_.body.append(as_text(bytes.first(size)));
    bytes = bytes.subspan(size);
    body_left_ -= size;
    if (body_left_ > 0) return std::nullopt;
    in_body_ = false;
    return std::exchange(response_, {});
  }
}

Result<bool> HttpReader::read_head() {
  const std::string head = std::exchange(head_, {});
  const auto status = number(std::string_view(head).substr(std::min<std::size_t>(9, head.size()), 3));
  if (!head.starts_with("HTTP/1.1 ") || !status) return fail(Errc::unexpected, "the answer is not HTTP/1.1");
  if (*status >= 100 && *status < 200 && *status != 101) return false;
  response_.status = static_cast<int>(*status);
  response_.headers = head.substr(head.find("\r\n") + 2);
  body_left_ = 0;
  if (*status != 101 && *status != 204) {
    const auto length = number(header_value(response_.headers, "content-length").value_or(""));
    if (!length || *length > kMaxBodyBytes) return fail(Errc::unexpected, "an HTTP body has no length, or is too long");
    body_left_ = *length;
  }
  in_body_ = true;
  return true;
}

}  // namespace kith::load
