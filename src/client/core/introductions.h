// Who came into a group once this device could not follow it any more. Whoever comes back from outside comes to the
// word of somebody whom it knew there; where the server shows the word of somebody else, the log may tell who that is.
// It is followed by what of each commit is public, from the newest epoch that this device was in, as the server keeps
// it and somebody whom it knew has signed it.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "base/ids.h"
#include "keys/device.h"
#include "mls/public_group.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class Introductions {
 public:
  // With the error of a server that did not show all there is. Not called when the connection is lost meanwhile.
  using Then = std::function<void(const wire::Error*)>;

  explicit Introductions(Chat& chat) : chat_(chat) {}

  // Goes on where it ended. Needs a free slot of the connection.
  void follow(const Then& then);
  // Came, and was still there where it ended. In this life, and until the group is lost anew or this device is in.
  [[nodiscard]] bool know(const keys::DeviceCredential& who) const;
  // Likewise when places may count in another history.
  void begin_anew();

 private:
  void read(const Then& then);
  void take(const wire::Entries& answer, const Then& then);
  void note_who_stays();

  Chat& chat_;
  std::optional<mls::PublicGroup> group_;
  std::map<UserId, Seq> came_;
  std::map<UserId, Bytes> known_;  // of those, their identity keys
  Seq read_;
};

}  // namespace kith::client
