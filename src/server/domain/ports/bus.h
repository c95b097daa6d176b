// The Bus port: live hints to whoever has a user's sockets, and to all nodes at once what concerns a conversation of
// many. At most once: a message may be lost, never doubled by the bus itself, and every reader repairs itself from its
// log. It knows nothing of frames: the bytes are ready to be sent as they are.
//
// An instance belongs to one Scheduler: handlers run on its thread, never inside publish(). Adapters share one hub
// behind many.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "server/domain/entry.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

enum class BusMessageKind : std::uint8_t {
  frame,       // send `frame` to the user's sockets
  logged_out,  // close the sockets of `only`: its tokens were revoked
  lost,        // messages were dropped on the way here: tell the client to sync. Made by the bus, to every handler, and
               // published for a user by who cannot know whether its messages were
};

struct BusMessage {
  BusMessageKind kind = BusMessageKind::frame;
  SharedBytes frame{};  // kind frame
  // Devices of the user that it is published for: ids are the devices' own choice, so another user may have the same.
  std::optional<DeviceId> except{};  // the one that caused it and knows already
  std::optional<DeviceId> only{};    // for this one alone
  // For sockets that watch this conversation's receipts alone.
  std::optional<ConversationId> watched{};
  // Is this one for that device?
  [[nodiscard]] bool concerns(const DeviceId& device) const {
    return (!except || *except != device) && (!only || *only == device);
  }
};

// One message for all members of a conversation: every node finds those of them whose sockets it has. Membership is
// told by epochs, so that it means the same wherever and whenever it arrives.
struct ConversationMessage {
  BusMessageKind kind = BusMessageKind::frame;  // or lost
  ConversationId conversation{};
  Epoch epoch{};                   // whoever is in then is told
  SharedBytes frame{};             // null: nothing is to be heard, only who is in changes
  std::optional<Caller> except{};  // the device that caused it and knows already
  bool ends_epoch = false;         // by the commit that `frame` tells of
  std::vector<UserId> came{};      // are told this one and what follows
  std::vector<UserId> gone{};      // are told this one and nothing that follows
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

  using ConversationHandler = std::function<void(const ConversationMessage&)>;
  // Hears of all conversations. As above.
  virtual std::unique_ptr<Subscription> subscribe_conversations(ConversationHandler handler) = 0;
  virtual void publish_to_members(ConversationMessage message) = 0;
};

}  // namespace kith::server::domain
