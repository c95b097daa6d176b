#include "ws/parser.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "ws/utf8.h"

namespace kith::ws {

namespace {

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kMaskBit = 0x80;

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t b : bytes) value = value << 8 | b;
  return value;
}

// Freed rather than cleared: a connection that once sent something large goes back to costing nothing.
void drop(Bytes& bytes) { Bytes().swap(bytes); }

}  // namespace

void Parser::feed(ByteSpan bytes) {
  KITH_CHECK(input_.empty() || is_ended_);
  drop_given_out();
  input_ = bytes;
}

void Parser::drop_given_out() {
  if (gave_out_pending_) drop(pending_);
  if (gave_out_message_) drop(message_);
  gave_out_pending_ = gave_out_message_ = false;
}

Event Parser::next() {
  drop_given_out();
  while (!is_ended_) {
    const ByteView seen = pending_.empty() ? ByteView(input_) : ByteView(pending_);
    const Header header = read_header(seen);
    if (header.why != nullptr) return fail(header.error, header.why);
    const bool is_whole = seen.size() >= header.size;
    const std::size_t wanted = is_whole ? header.size + header.payload : header.size;
    if (seen.size() < wanted || !is_whole) {
      if (gather(wanted)) continue;
      // What just came may already show that the frame is bad.
      const Header so_far = read_header(pending_);
      return so_far.why == nullptr ? Event{} : fail(so_far.error, so_far.why);
    }
    if (!pending_.empty()) {
      gave_out_pending_ = true;
      const Event event = take(header, pending_);
      if (event.kind != Event::Kind::none) return event;
      drop_given_out();
    } else {
      const ByteSpan frame = input_.first(wanted);
      input_ = input_.subspan(wanted);
      const Event event = take(header, frame);
      if (event.kind != Event::Kind::none) return event;
    }
  }
  return {};
}

bool Parser::gather(std::size_t size) {
  const std::size_t missing = size - pending_.size();
  const std::size_t taken = std::min(missing, input_.size());
  append(pending_, input_.first(taken));
  input_ = input_.subspan(taken);
  return taken == missing;
}

const char* Parser::refuses_first_byte(std::uint8_t first) const {
  if ((first & kReservedBits) != 0) return "a reserved bit is set";
  const auto opcode = static_cast<Opcode>(first & kOpcodeBits);
  switch (opcode) {
    case Opcode::continuation:
      return is_fragmented_ ? nullptr : "a continuation of nothing";
    case Opcode::text:
    case Opcode::binary:
      return is_fragmented_ ? "a new message inside a fragmented one" : nullptr;
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return (first & kFinBit) == 0 ? "a fragmented control frame" : nullptr;
  }
  return "a reserved opcode";
}

Parser::Header Parser::read_header(ByteView seen) const {
  Header header;
  const auto refuse = [&header](CloseCode code, const char* why) {
    header.error = code;
    header.why = why;
    return header;
  };
  if (seen.empty()) return header;
  if (const char* why = refuses_first_byte(seen[0])) return refuse(CloseCode::protocol_error, why);
  header.fin = (seen[0] & kFinBit) != 0;
  header.opcode = static_cast<Opcode>(seen[0] & kOpcodeBits);
  if (header.opcode == Opcode::text && !options_.accepts_text) {
    return refuse(CloseCode::unsupported_data, "only binary messages are spoken here");
  }
  if (seen.size() < 2) return header;

  const bool is_masked = (seen[1] & kMaskBit) != 0;
  const std::uint8_t short_length = seen[1] & 0x7f;
  if (is_masked != (options_.sender == Sender::client)) {
    return refuse(CloseCode::protocol_error,
                  is_masked ? "a server's frame is masked" : "a client's frame is not masked");
  }
  if (is_control(header.opcode) && short_length > kMaxControlPayloadBytes) {
    return refuse(CloseCode::protocol_error, "a control frame over 125 bytes");
  }
  if (header.opcode == Opcode::close && short_length == 1) {
    return refuse(CloseCode::protocol_error, "a close frame of one byte");
  }
  const std::size_t length_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  header.size = 2 + length_bytes + (is_masked ? 4 : 0);
  header.payload = short_length;
  if (length_bytes != 0) {
    if (seen.size() < 2 + length_bytes) return header;
    header.payload = big_endian(seen.subspan(2, length_bytes));
    if (header.payload < (length_bytes == 2 ? 126 : 0x10000) || header.payload >> 63 != 0) {
      return refuse(CloseCode::protocol_error, "a length that is not in its shortest form");
    }
  }
  const std::uint64_t before = is_control(header.opcode) ? 0 : message_.size();
  if (header.payload > options_.max_message_bytes - std::min<std::uint64_t>(before, options_.max_message_bytes) &&
      !is_control(header.opcode)) {
    return refuse(CloseCode::message_too_big, "the message is too large");
  }
  return header;
}

Event Parser::take(const Header& header, ByteSpan frame) {
  const ByteSpan payload = frame.subspan(header.size);
  if (options_.sender == Sender::client) {
    MaskingKey key{};
    std::memcpy(key.data(), frame.data() + header.size - key.size(), key.size());
    apply_mask(payload, key);
  }
  switch (header.opcode) {
    case Opcode::ping:
      return {.kind = Event::Kind::ping, .payload = payload};
    case Opcode::pong:
      return {.kind = Event::Kind::pong, .payload = payload};
    case Opcode::close:
      return take_close(payload);
    default:
      return take_data(header, payload);
  }
}

Event Parser::take_data(const Header& header, ByteView payload) {
  const bool is_text = header.opcode == Opcode::continuation ? fragments_are_text_ : header.opcode == Opcode::text;
  const bool was_fragmented = is_fragmented_;
  if (was_fragmented || !header.fin) append(message_, payload);
  is_fragmented_ = !header.fin;
  fragments_are_text_ = is_text;
  if (!header.fin) return {};
  if (was_fragmented) {
    payload = message_;
    gave_out_message_ = true;
  }
  if (is_text && !is_utf8(as_text(payload))) return fail(CloseCode::invalid_payload, "the text is not UTF-8");
  return {.kind = is_text ? Event::Kind::text : Event::Kind::binary, .payload = payload};
}

Event Parser::take_close(ByteView payload) {
  if (payload.empty()) {
    is_ended_ = true;
    return {.kind = Event::Kind::close};
  }
  const auto code = static_cast<std::uint16_t>(big_endian(payload.first(2)));
  if (!may_be_sent(code)) return fail(CloseCode::protocol_error, "a close code that is never sent");
  if (!is_utf8(as_text(payload.subspan(2)))) return fail(CloseCode::invalid_payload, "the reason is not UTF-8");
  is_ended_ = true;
  return {.kind = Event::Kind::close, .close_code = static_cast<CloseCode>(code), .payload = payload.subspan(2)};
}

Event Parser::fail(CloseCode code, const char* why) {
  is_ended_ = true;
  input_ = {};
  return {.kind = Event::Kind::failed, .close_code = code, .payload = as_view(why)};
}

}  // namespace kith::ws
