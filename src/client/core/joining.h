// How this device comes into a group by an invite link: by an external commit that carries the proof that it has the
// link (founding.h makes it, as for a device that comes back), unless the link needs an approval, which is asked for.
//
// The way in is stored before anything leaves, so that a restart goes on with it; the chat is shown once it is in. What
// the link vouches for is the group's place and that it still has the link; whom the server shows in it, the newcomer
// knows as little as anybody who meets strangers (docs/security.md).
#pragma once

#include <optional>
#include <string>

#include "client/core/commands.h"
#include "client/core/invite_link.h"
#include "keys/invite.h"
#include "mls/public_group.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

// Why a link does not lead in, as an ErrorName and a sentence.
struct WhyNotIn {
  std::string error;
  std::string message;
  bool is_transient = false;
};
[[nodiscard]] WhyNotIn why_not_in(const wire::Error& error);
// Behind the end of any tree: GetGroup for a GroupInfo alone.
inline constexpr std::uint32_t kNoNode = 0xFFFF'FFFF;
// That this account has the link.
[[nodiscard]] keys::JoinProof join_proof(const InviteLink& link, const Machine& machine);

class Joining {
 public:
  explicit Joining(Chat& chat) : chat_(chat) {}

  // Answered when the user is in, or cannot be.
  void begin(const InviteLink& link, const Reply& reply);
  [[nodiscard]] bool is_under_way() const;
  [[nodiscard]] keys::JoinProof proof() const;
  // What is wrong with the group that the server shows to who has the link; empty: nothing.
  [[nodiscard]] std::string wrong_with(const mls::PublicGroup& group) const;
  // The log has our commit, at this place.
  void entered(Seq at, std::int64_t time_ms, const ClientId& id);
  // The user is in, by whatever way was shorter.
  void is_in();
  void refused(const WhyNotIn& why);
  // The server did not take our commit: after so many milliseconds another one is tried, if there is to be one. Of many
  // who come by one link at once, one is first: the others try again, not all at the same time, and who is never first
  // asks whoever is in to take it along.
  [[nodiscard]] std::int64_t refused(const wire::Error& error);

 private:
  void ask_others();

  Chat& chat_;
  std::optional<Reply> reply_;
  int races_lost_ = 0;
};

}  // namespace kith::client
