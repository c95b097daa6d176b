// Reads one direction of a WebSocket connection (RFC 6455 section 5), in whatever pieces its bytes arrive. No I/O.
//
// Owns the bytes of a frame that is still incomplete and the fragments of a message that is; between messages it owns
// nothing, so an idle connection costs sizeof(Parser). A message that lies whole in the bytes fed is given out in
// place. Memory follows what was received, never what a header promises, and stays under twice the limit plus one
// frame.
//
// The peer is hostile: whatever breaks the protocol gives one `failed` event with the code to close with, as early as
// the bytes show it, and nothing after it. Knows no extension (so RSV bits are errors) and writes nothing: answering a
// ping or a close is its user's.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "ws/frame.h"

namespace kith::ws {

// Whose frames are read. A client's must be masked, a server's must not.
enum class Sender : std::uint8_t { client, server };

struct ParserOptions {
  Sender sender = Sender::client;
  bool accepts_text = false;  // otherwise a text frame fails with unsupported_data
  std::uint32_t max_message_bytes = 1 << 20;
};

struct Event {
  enum class Kind : std::uint8_t {
    none,    // nothing more in the bytes fed
    text,    // a whole message, checked to be UTF-8
    binary,  // a whole message
    ping,
    pong,
    close,   // close_code is the peer's, no_status if it gave none; payload its reason. The last event.
    failed,  // close_code is what to close with; payload a sentence for people. The last event.
  };
  Kind kind = Kind::none;
  CloseCode close_code = CloseCode::no_status;
  ByteView payload{};  // valid until the next call of next() or feed()
};

class Parser {
 public:
  explicit Parser(ParserOptions options) : options_(options) {}

  // From the next frame on; what has been taken already stays.
  void set_max_message_bytes(std::uint32_t bytes) { options_.max_message_bytes = bytes; }

  // The next bytes of the stream. They are changed (unmasked) in place and must stay until next() has answered `none`,
  // `close` or `failed`; only then may more be fed.
  void feed(ByteSpan bytes);

  // The next event. Control frames come out between the fragments that they were sent between. O(bytes) in all.
  Event next();

  // What was fed and not read yet; the parser forgets it. For whoever must stop between two events and feed the rest
  // later: the bytes are as they came, but those of an event given out before are gone.
  ByteView take_unread() {
    drop_given_out();
    return std::exchange(input_, {});
  }

  // What is held for incomplete frames and messages.
  [[nodiscard]] std::size_t buffered_bytes() const { return pending_.capacity() + message_.capacity(); }
  // Whether a frame or a message has begun and not ended.
  [[nodiscard]] bool is_in_message() const { return !pending_.empty() || is_fragmented_; }

 private:
  struct Header {
    bool fin = false;
    Opcode opcode{};
    std::size_t size = 2;       // of the header itself; grows as its bytes become known
    std::uint64_t payload = 0;  // known once `size` bytes are there
    CloseCode error = CloseCode::no_status;
    const char* why = nullptr;
  };

  // Reads as much of a header as is there; it is whole if seen.size() >= size.
  [[nodiscard]] Header read_header(ByteView seen) const;
  [[nodiscard]] const char* refuses_first_byte(std::uint8_t first) const;
  // Moves input into pending_ until it holds `size` bytes; false if the input ended before.
  bool gather(std::size_t size);
  Event take(const Header& header, ByteSpan frame);
  Event take_data(const Header& header, ByteView payload);
  Event take_close(ByteView payload);
  Event fail(CloseCode code, const char* why);
  void drop_given_out();

  ParserOptions options_;
  bool is_ended_ = false;
  bool is_fragmented_ = false;  // a data frame without FIN came, its last fragment has not
  bool fragments_are_text_ = false;
  bool gave_out_pending_ = false;
  bool gave_out_message_ = false;
  ByteSpan input_;
  Bytes pending_;  // the beginning of an incomplete frame, as received
  Bytes message_;  // the payloads of the fragments so far
};

}  // namespace kith::ws
