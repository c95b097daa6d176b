// The WebSocket parser against any bytes in any pieces: what it says must not depend on where the stream was cut, and
// what it holds must follow what came. The first byte chooses the side and the size of the pieces.
#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "ws/parser.h"

namespace {

using kith::Bytes;
using kith::ByteSpan;
using kith::ws::Event;
using kith::ws::Parser;
using kith::ws::ParserOptions;

constexpr std::uint32_t kMaxMessageBytes = 4096;

std::vector<std::string> hear(Bytes bytes, ParserOptions options, std::size_t piece) {
  Parser parser(options);
  std::vector<std::string> heard;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(ByteSpan(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    for (Event event = parser.next(); event.kind != Event::Kind::none; event = parser.next()) {
      KITH_CHECK(event.payload.size() <= kMaxMessageBytes);
      heard.push_back(std::to_string(static_cast<int>(event.kind)) + " " +
                      std::to_string(static_cast<int>(event.close_code)) + " " +
                      std::string(kith::as_text(event.payload)));
      if (event.kind == Event::Kind::close || event.kind == Event::Kind::failed) return heard;
    }
    KITH_CHECK(parser.buffered_bytes() <= 4 * (at + piece) + 64);
    KITH_CHECK(parser.buffered_bytes() <= 4 * kMaxMessageBytes + 64);
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ParserOptions options{.sender = (data[0] & 1) != 0 ? kith::ws::Sender::client : kith::ws::Sender::server,
                              .accepts_text = (data[0] & 2) != 0,
                              .max_message_bytes = kMaxMessageBytes};
  const Bytes bytes(data + 1, data + size);
  const std::size_t piece = 1 + (data[0] >> 2);
  KITH_CHECK(hear(bytes, options, bytes.size()) == hear(bytes, options, piece));
  return 0;
}
