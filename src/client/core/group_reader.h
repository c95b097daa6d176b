// Asks the server for what joining needs: the GroupInfo and the tree of an epoch, the latter piece by piece. Nothing of
// it is verified before it is opened; how much a server may send is bounded.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "keys/device.h"
#include "keys/group_rules.h"
#include "mls/public_group.h"
#include "wire/frame.h"

namespace kith::client {

class Machine;

// An epoch as the server shows it.
struct ShownGroup {
  Epoch epoch;
  Bytes group_info;
  Bytes tree;  // the value of a ratchet_tree extension
};

// Of those who sit there, as the leaves say, the other one, where the conversation is the direct one of two of them;
// nothing is verified. Nobody, where it cannot be read.
[[nodiscard]] std::optional<UserId> peer_in(const ShownGroup& shown, const ConversationId& conversation,
                                            const UserId& self);

// A group of this conversation that holds in itself: its signature, its tree and the leaves' own signatures. Who they
// are is not verified.
struct OpenedGroup {
  mls::GroupInfo info;
  mls::PublicGroup group;
  [[nodiscard]] bool has(const std::pair<UserId, DeviceId>& device) const;
};
// Or what is wrong with it, as the end of a sentence.
[[nodiscard]] std::expected<OpenedGroup, std::string> opened(const ShownGroup& shown,
                                                             const ConversationId& conversation, keys::GroupKind kind);

class GroupReader {
 public:
  static constexpr std::size_t kMaxTreeBytes = std::size_t{64} * 1024 * 1024;
  // With what was shown, or with the error that the server answered. Not called when the connection is lost meanwhile.
  using Then = std::function<void(const ShownGroup*, const wire::Error*)>;

  // Needs a free slot of the connection. Epoch 0: the present one. `proof`: of who is not in (keys::JoinProof).
  static void ask(Machine& machine, const ConversationId& conversation, Epoch epoch, Then then, Bytes proof = {});
};

}  // namespace kith::client
