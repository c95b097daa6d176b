// Asks the server for what joining needs: the GroupInfo and the tree of an epoch, the latter piece by piece. Nothing of
// it is verified here; how much a server may send is bounded.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "keys/device.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

// An epoch as the server shows it.
struct ShownGroup {
  Epoch epoch;
  Bytes group_info;
  Bytes tree;  // the value of a ratchet_tree extension
};

// Who sits there, as the leaves say; nothing is verified. Nobody, where it cannot be read.
[[nodiscard]] std::vector<keys::DeviceCredential> devices_in(const ShownGroup& shown);
// Of those the other one, where the conversation is the direct one of two of them.
[[nodiscard]] std::optional<UserId> peer_in(const ShownGroup& shown, const ConversationId& conversation,
                                            const UserId& self);

class GroupReader {
 public:
  static constexpr std::size_t kMaxTreeBytes = std::size_t{64} * 1024 * 1024;
  // With what was shown, or with the error that the server answered. Not called when the connection is lost meanwhile.
  using Then = std::function<void(const ShownGroup*, const wire::Error*)>;

  // Needs a free slot of the connection. Epoch 0: the present one. `proof`: of who is not in (keys::JoinProof).
  static void ask(Machine& machine, const ConversationId& conversation, Epoch epoch, Then then, Bytes proof = {});
};

}  // namespace kith::client
