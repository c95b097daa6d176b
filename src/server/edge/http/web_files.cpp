#include "server/edge/http/web_files.h"

#include "base/check.h"
#include "server/edge/http/text.h"

namespace kith::server::edge {

namespace {

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

bool is_hashed(std::string_view path) { return path.starts_with("/assets/"); }

bool has_extension(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || any_item(if_none_match, [etag](std::string_view item) {
           return (item.starts_with("W/") ? item.substr(2) : item) == etag;
         });
}

}  // namespace

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  return any_item(accept_encoding, [coding](std::string_view item) {
    const std::size_t semicolon = item.find(';');
    if (!same_ignoring_case(trimmed(item.substr(0, semicolon)), coding)) return false;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trimmed(item.substr(semicolon + 1));
    return !weight.starts_with("q=0") || weight.find_first_of("123456789") != std::string_view::npos;
  });
}

WebFiles::WebFiles(std::span<const WebFile> files) {
  for (const WebFile& file : files) by_path_.emplace(file.path, &file);
  KITH_CHECK(by_path_.contains("/index.html"));
}

const WebFile* WebFiles::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) return found->second;
  return has_extension(path) ? nullptr : by_path_.at("/index.html");
}

Response WebFiles::get(const Request& request) const {
  const WebFile* file = find(request.path);
  if (file == nullptr)
    return {.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "not found\n", .fixed_body = {}};
  Response response{
      .headers = {{"Content-Type", std::string(file->type)},
                  {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                  {"Cache-Control", is_hashed(file->path) ? "public, max-age=31536000, immutable" : "no-cache"},
                  {"ETag", std::string(file->etag)},
                  {"Vary", "Accept-Encoding"}},
      .body = {},
      .fixed_body = file->bytes};
  if (names_etag(request.if_none_match, file->etag)) {
    response.status = 304;
    response.fixed_body = {};
  } else if (!file->brotli.empty() && accepts_coding(request.accept_encoding, "br")) {
    response.fixed_body = file->brotli;
    response.headers.push_back({"Content-Encoding", "br"});
  } else if (!file->gzip.empty() && accepts_coding(request.accept_encoding, "gzip")) {
    response.fixed_body = file->gzip;
    response.headers.push_back({"Content-Encoding", "gzip"});
  }
  return response;
}

}  // namespace kith::server::edge
