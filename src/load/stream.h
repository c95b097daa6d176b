// A non-blocking TCP connection on a Reactor. Owns its descriptor. What is sent within one turn leaves in one system
// call.
#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>

#include "load/reactor.h"

namespace kith::load {

// An IPv4 address and port, in the form of the socket calls.
struct Address {
  sockaddr_in value{};
  // "127.0.0.1" and a port; nothing when the text is no IPv4 address.
  static std::optional<Address> from(const std::string& ip, std::uint16_t port);
  // 127.0.0.2 and up: enough local addresses that no pair of them runs out of ports.
  static Address loopback(std::size_t number);
};

class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  virtual void on_connected() = 0;
  // The bytes are valid during the call only, and may be changed in place.
  virtual void on_data(ByteSpan bytes) = 0;
  // Refused, reset or ended by the other side; once. `why` is a sentence for people.
  virtual void on_closed(const std::string& why) = 0;
};

class Stream final : private ReadyHandler {
 public:
  Stream(Reactor& reactor, StreamOwner& owner) : reactor_(reactor), owner_(owner) {}
  ~Stream() override { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Begins to connect; on_connected or on_closed follows in a later turn. False: the system refused at once (errno says
  // why).
  [[nodiscard]] bool connect(const Address& to, const std::optional<Address>& from);
  // Takes over a descriptor that accept() gave.
  void adopt(int fd);
  void send(ByteView bytes) {
    Bytes& out = begin_send();
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  // The same without a copy: append to what this returns, in the same turn.
  Bytes& begin_send();
  // Bytes that the kernel has not taken yet.
  [[nodiscard]] std::size_t unsent_bytes() const { return out_.size() - sent_; }
  void close();
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  friend class Reactor;
  void on_ready(std::uint32_t epoll_events) override;
  void flush();
  void read();
  void fail(int error);

  Reactor& reactor_;
  StreamOwner& owner_;
  int fd_ = -1;
  bool connecting_ = false;
  bool dirty_ = false;
  bool waits_writable_ = false;
  Bytes out_;
  std::size_t sent_ = 0;
};

}  // namespace kith::load
