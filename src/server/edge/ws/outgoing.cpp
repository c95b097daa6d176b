#include "server/edge/ws/outgoing.h"

#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "server/edge/ws/translate.h"

namespace kith::server::edge {

namespace {

constexpr std::size_t kMaxPieces = 128;  // of one system call
constexpr std::size_t kKeptItems = 8;    // room that an idle socket keeps

const domain::SharedBytes& resync() {
  static const domain::SharedBytes message = shared_message({.id = 0, .body = wire::Resync{}});
  return message;
}

struct Pieces {
  std::array<iovec, kMaxPieces> pieces;
  std::size_t count = 0;
  // Adds what is left of `bytes` after `skip`, and takes that off `skip`.
  void add(ByteView bytes, std::size_t& skip) {
    const std::size_t skipped = std::min(skip, bytes.size());
    skip -= skipped;
    bytes = bytes.subspan(skipped);
    if (!bytes.empty()) pieces[count++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  }
};

}  // namespace

void Outgoing::push(Item item) {
  bytes_ += item.size();
  items_.push_back(std::move(item));
}

void Outgoing::add(kith::ws::Opcode opcode, Bytes payload) {
  const kith::ws::FrameHeader header(opcode, payload.size());
  push({.header = header, .has_header = true, .own = std::move(payload), .hint = {}});
}

void Outgoing::add_raw(Bytes bytes) { push({.own = std::move(bytes), .hint = {}}); }

bool Outgoing::add_hint(domain::SharedBytes message) {
  if (owes_resync_ || hint_bytes_ + message->size() > kMaxHintBytes) {
    owes_resync_ = true;
    return false;
  }
  hint_bytes_ += message->size();
  push({.own = {}, .hint = std::move(message)});
  return true;
}

Outgoing::Sent Outgoing::send(int socket, const SocketCalls& calls) {
  for (;;) {
    if (items_.empty() && owes_resync_) {
      owes_resync_ = false;
      add_hint(resync());
    }
    if (items_.empty()) return Sent::all;
    Pieces pieces;
    std::size_t skip = first_sent_;
    for (std::size_t i = first_; i < items_.size() && pieces.count + 2 <= kMaxPieces; ++i) {
      const Item& item = items_[i];
      if (item.has_header) pieces.add(item.header.view(), skip);
      pieces.add(item.body(), skip);
    }
    msghdr message{};
    message.msg_iov = pieces.pieces.data();
    message.msg_iovlen = pieces.count;
    const ssize_t sent = calls.send(socket, message);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::some : Sent::broken;
    }
    pop(static_cast<std::size_t>(sent));
  }
}

void Outgoing::pop(std::size_t sent_bytes) {
  bytes_ -= sent_bytes;
  sent_bytes_ += sent_bytes;
  first_sent_ += sent_bytes;
  while (first_ < items_.size() && first_sent_ >= items_[first_].size()) {
    Item& item = items_[first_];
    first_sent_ -= item.size();
    if (item.hint) hint_bytes_ -= item.hint->size();
    item = {};
    ++first_;
  }
  if (first_ == items_.size()) return release();
  // A reader that never quite catches up must not leave a trail of what is gone.
  if (first_ >= kMaxPieces && first_ >= items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Outgoing::release() {
  items_.clear();
  first_ = 0;
  if (items_.capacity() > kKeptItems) items_ = {};
}

}  // namespace kith::server::edge
