// Asks the server for what joining needs: the GroupInfo and the tree of an epoch, the latter piece by piece. Nothing of
// it is verified here; how much a server may send is bounded.
#pragma once

#include <functional>
#include <optional>

#include "wire/frame.h"

namespace kith::client {

class Machine;

// An epoch as the server shows it.
struct ShownGroup {
  Epoch epoch;
  Bytes group_info;
  Bytes tree;  // the value of a ratchet_tree extension
};

class GroupReader {
 public:
  static constexpr std::size_t kMaxTreeBytes = std::size_t{64} * 1024 * 1024;
  // With what was shown, or with the error that the server answered. Not called when the connection is lost meanwhile.
  using Then = std::function<void(const ShownGroup*, const wire::Error*)>;

  // Needs a free slot of the connection. Epoch 0: the present one. `proof`: of who is not in (keys::JoinProof).
  static void ask(Machine& machine, const ConversationId& conversation, Epoch epoch, Then then, Bytes proof = {});
};

}  // namespace kith::client
