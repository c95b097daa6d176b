// What one socket still has to send, in order. Responses are always kept; hints only up to kMaxHintBytes, beyond which
// they are dropped, and one Resync follows when everything else has gone out. Shared hints are sent from where they
// lie, never copied, and everything that has gathered leaves in one system call.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "server/domain/ports/bus.h"
#include "server/edge/ws/socket_calls.h"
#include "ws/frame.h"

namespace kith::server::edge {

class Outgoing {
 public:
  static constexpr std::size_t kMaxHintBytes = 64 * 1024;

  // A message of ours: its WebSocket header is put before it.
  void add(kith::ws::Opcode opcode, Bytes payload);
  // Bytes that are complete as they are.
  void add_raw(Bytes bytes);
  // A complete WebSocket message, shared. False if it was dropped.
  bool add_hint(domain::SharedBytes message);
  // Hints were lost before they came here.
  void owe_resync() { owes_resync_ = true; }

  enum class Sent : std::uint8_t {
    all,
    some,    // the socket takes no more now
    broken,  // nor will it ever
  };
  // Sends as much as the socket takes, without waiting.
  Sent send(int socket, const SocketCalls& calls = SocketCalls::kernel());

  [[nodiscard]] bool empty() const { return items_.empty() && !owes_resync_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // All that ever left; it stands still while the peer takes nothing.
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  struct Item {
    kith::ws::FrameHeader header{kith::ws::Opcode::binary, 0};
    bool has_header = false;
    Bytes own;
    domain::SharedBytes hint;  // instead of `own`
    [[nodiscard]] std::size_t size() const { return (has_header ? header.view().size() : 0) + body().size(); }
    [[nodiscard]] ByteView body() const { return hint ? ByteView(*hint) : ByteView(own); }
  };
  void push(Item item);
  void pop(std::size_t sent_bytes);
  void release();

  std::vector<Item> items_;
  std::size_t first_ = 0;       // items before it are gone
  std::size_t first_sent_ = 0;  // bytes of the first item that are gone
  std::size_t bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::size_t hint_bytes_ = 0;
  bool owes_resync_ = false;
};

}  // namespace kith::server::edge
