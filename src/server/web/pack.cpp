// kith_web_pack DIST FALLBACK BLOB INDEX: packs the files of DIST (or, where it has no index.html, the page FALLBACK)
// into one BLOB, each with the smaller of its compressed forms, and writes INDEX: one C++ initialiser of PackedFile a
// file (embedded.cpp). Runs at build time, on our own files.
#include <brotli/encode.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "kith_web_pack: %s\n", why.c_str());
  std::exit(1);
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) give_up("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  if (!out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) give_up("cannot write " + path.string());
}

std::string type_of(const fs::path& path) {
  static const std::map<std::string, std::string> types{{".html", "text/html; charset=utf-8"},
                                                        {".js", "text/javascript; charset=utf-8"},
                                                        {".mjs", "text/javascript; charset=utf-8"},
                                                        {".css", "text/css; charset=utf-8"},
                                                        {".json", "application/json"},
                                                        {".webmanifest", "application/manifest+json"},
                                                        {".wasm", "application/wasm"},
                                                        {".svg", "image/svg+xml"},
                                                        {".png", "image/png"},
                                                        {".jpg", "image/jpeg"},
                                                        {".webp", "image/webp"},
                                                        {".ico", "image/x-icon"},
                                                        {".woff2", "font/woff2"},
                                                        {".txt", "text/plain; charset=utf-8"},
                                                        {".map", "application/json"}};
  const auto found = types.find(path.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    give_up("zlib failed");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) give_up("zlib failed");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli(const std::string& bytes) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_DEFAULT_MODE, bytes.size(),
                            reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_FALSE) {
    give_up("brotli failed");
  }
  out.resize(size);
  return out;
}

std::string etag(const std::string& bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    give_up("SHA-256 failed");
  std::string text;
  for (int i = 0; i < 12; ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", digest[static_cast<std::size_t>(i)]);
    text += hex.data();
  }
  return text;
}

struct Pack {
  std::string blob;
  std::string index;

  std::string place(const std::string& bytes) {
    const std::string at = std::to_string(blob.size()) + ", " + std::to_string(bytes.size());
    blob += bytes;
    return "{" + at + "}";
  }
  void add(const std::string& path, const std::string& type, const std::string& bytes) {
    // Small files travel in one packet either way; pictures and fonts are compressed already and do not get smaller.
    const auto smaller = [&bytes](std::string packed) {
      return bytes.size() > 256 && packed.size() < bytes.size() * 95 / 100 ? std::move(packed) : std::string();
    };
    index += "{\"" + path + "\", \"" + type + "\", \"\\\"" + etag(bytes) + "\\\"\", " + place(bytes) + ", " +
             place(smaller(gzip(bytes))) + ", " + place(smaller(brotli(bytes))) + "},\n";
  }
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) give_up("usage: kith_web_pack DIST FALLBACK BLOB INDEX");
  const fs::path dist = arguments[1];
  Pack pack;
  if (fs::exists(dist / "index.html")) {
    std::map<std::string, fs::path> files;  // sorted, so that the result depends on the files alone
    for (const auto& entry : fs::recursive_directory_iterator(dist)) {
      if (entry.is_regular_file()) files.emplace("/" + fs::relative(entry.path(), dist).generic_string(), entry.path());
    }
    for (const auto& [path, file] : files) pack.add(path, type_of(file), read(file));
  } else {
    pack.add("/index.html", type_of("index.html"), read(arguments[2]));
  }
  write(arguments[3], pack.blob);
  write(arguments[4], pack.index);
  return 0;
}
