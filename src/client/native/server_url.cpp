#include "client/native/server_url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace kith::client::native {
namespace {

Result<void> take_scheme(std::string_view& text, ServerUrl& url) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return fail(Errc::bad_url, "a server begins with http:// or https://");
  std::string scheme(text.substr(0, colon));
  std::ranges::transform(scheme, scheme.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss") {
    return fail(Errc::bad_url, "a server begins with http:// or https://");
  }
  url.tls = scheme == "https" || scheme == "wss";
  url.port = url.tls ? 443 : 80;
  text.remove_prefix(colon + 3);
  return {};
}

bool is_host_character(unsigned char c, bool in_brackets) {
  return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || (in_brackets && c == ':');
}

}  // namespace

Result<ServerUrl> ServerUrl::parse(std::string_view text) {
  ServerUrl url;
  KITH_TRY_VOID(take_scheme(text, url));
  if (text.ends_with('/')) text.remove_suffix(1);
  const bool in_brackets = text.starts_with('[');
  std::size_t host_end = in_brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos) return fail(Errc::bad_url, "the server's address lacks its \"]\"");
  const auto host = text.substr(in_brackets ? 1 : 0, host_end - (in_brackets ? 1 : 0));
  if (host.empty() || host.size() > 253 ||
      !std::ranges::all_of(host, [&](unsigned char c) { return is_host_character(c, in_brackets); })) {
    return fail(Errc::bad_url, "that is not the name or address of a server");
  }
  url.host = host;
  text.remove_prefix(std::min(text.size(), in_brackets ? host_end + 1 : host_end));
  if (text.empty()) return url;
  if (text.front() != ':') return fail(Errc::bad_url, "nothing may follow the server's name but a port");
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || url.port == 0) {
    return fail(Errc::bad_url, "that is not a port");
  }
  return url;
}

std::string ServerUrl::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string ServerUrl::text() const { return (tls ? "https://" : "http://") + authority(); }

}  // namespace kith::client::native
