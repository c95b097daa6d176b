// People who have a link that needs an approval, ask to come in, and whom this user may let in: as far as the server
// told. Asked for with the changes of the group (Devices), and not stored.
//
// The server names them; that they have the link, and are the people who were known under their ids, is checked here.
#pragma once

#include <vector>

#include "base/ids.h"
#include "keys/invite.h"

namespace kith::client {

class Chat;

class JoinRequests {
 public:
  explicit JoinRequests(Chat& chat) : chat_(chat) {}

  // All that the server has now. Who has a link that needs no approval is taken along by the next commit (Members).
  void told(const std::vector<keys::JoinProof>& proofs);
  [[nodiscard]] const std::vector<UserId>& who_asks() const { return asking_; }
  void declined(const UserId& user);
  // Another group, or one in another epoch: who came, and who asks by a link that is gone, does not ask any more.
  void group_moved();

 private:
  Chat& chat_;
  std::vector<UserId> asking_;
};

}  // namespace kith::client
