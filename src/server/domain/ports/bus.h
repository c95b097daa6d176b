// The Bus port: live hints to whoever has a user's sockets. At most once: a message may be lost, never doubled by the
// bus itself, and every reader repairs itself from its log. It knows nothing of frames: the bytes are ready to be sent
// as they are.
//
// An instance belongs to one Scheduler: handlers run on its thread, never inside publish(). Adapters share one hub
// behind many.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

enum class BusMessageKind : std::uint8_t {
  frame,       // send `frame` to the user's sockets
  logged_out,  // close the sockets of `only`: its tokens were revoked
  lost,        // messages were dropped on the way here: tell the client to sync. Made by the bus, to every handler.
};

struct BusMessage {
  BusMessageKind kind = BusMessageKind::frame;
  SharedBytes frame{};  // kind frame
  // Devices of the user that it is published for: ids are the devices' own choice, so another user may have the same.
  std::optional<DeviceId> except{};  // the one that caused it and knows already
  std::optional<DeviceId> only{};    // for this one alone
  // Is this one for that device?
  [[nodiscard]] bool concerns(const DeviceId& device) const {
    return (!except || *except != device) && (!only || *only == device);
  }
};

class Bus {
 public:
  // Ends the subscription when destroyed; after that the handler is not called again.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  using Handler = std::function<void(const BusMessage&)>;

  virtual ~Bus() = default;
  // A handler may subscribe, publish, and end its own or other subscriptions.
  virtual std::unique_ptr<Subscription> subscribe(UserId user, Handler handler) = 0;
  virtual void publish(UserId user, BusMessage message) = 0;
};

}  // namespace kith::server::domain
