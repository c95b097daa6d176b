#include "server/web/embedded.h"

#include <array>
#include <cstddef>
#include <vector>

// KITH_WEB_BLOB names the file that pack wrote.
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".hidden kith_web_blob\n"
    ".globl kith_web_blob\n"
    "kith_web_blob:\n"
    ".incbin \"" KITH_WEB_BLOB
    "\"\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char kith_web_blob[];  // NOLINT: named by the assembler above

namespace kith::server {

namespace {

struct Place {
  std::size_t at;
  std::size_t size;
  [[nodiscard]] std::string_view view() const { return {kith_web_blob + at, size}; }
};

struct PackedFile {
  const char* path;
  const char* type;
  const char* etag;
  Place plain;
  Place gzip;
  Place brotli;
};

constexpr PackedFile kFiles[] = {
#include "web_files.inc"
};

}  // namespace

std::span<const edge::WebFile> embedded_web_files() {
  static const std::vector<edge::WebFile> files = [] {
    std::vector<edge::WebFile> all;
    for (const PackedFile& file : kFiles) {
      all.push_back({.path = file.path,
                     .type = file.type,
                     .etag = file.etag,
                     .bytes = file.plain.view(),
                     .gzip = file.gzip.view(),
                     .brotli = file.brotli.view()});
    }
    return all;
  }();
  return files;
}

}  // namespace kith::server
