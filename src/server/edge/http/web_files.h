// The web client's files, as they are served: whole in memory, precompressed, with a strict Content-Security-Policy.
//
// Files under /assets/ carry a hash in their name and are cached for ever; everything else is asked for again with its
// ETag. A path that names no file and has no extension is the application's own route and gets index.html. Owns only
// the index; the bytes belong to the binary. Immutable and thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/edge/http/message.h"

namespace kith::server::edge {

struct WebFile {
  std::string_view path;  // "/index.html"
  std::string_view type;  // Content-Type
  std::string_view etag;  // with its quotes
  std::string_view bytes;
  std::string_view gzip;    // empty where it is not smaller
  std::string_view brotli;  // likewise
};

class WebFiles {
 public:
  // `files` outlive this and have an /index.html.
  explicit WebFiles(std::span<const WebFile> files);

  // For GET and HEAD. 404 where there is no such file.
  [[nodiscard]] Response get(const Request& request) const;

 private:
  [[nodiscard]] const WebFile* find(std::string_view path) const;
  std::unordered_map<std::string_view, const WebFile*> by_path_;
};

// Whether an Accept-Encoding header (RFC 9110 section 12.5.3) names this coding with a weight other than zero.
[[nodiscard]] bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace kith::server::edge
