// Whether the leaves of a conversation agree with the signed device lists of its users, with the notes of those who
// leave and the marks of devices that cannot follow, and what there is to commit so that they do. Compared on every
// connection before the first message leaves, and again whenever the server says that a list changed or that a device
// has to go first.
//
// The server names the lists and notes; what makes them a user's is checked here: a list is signed under a generation
// that the identity of the user's leaves vouches for, and never an older version than one that was seen; a note or
// a mark by the leaf as it is. A server can withhold them; it cannot add a device, or take one or somebody away.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/core/commit_plan.h"
#include "client/core/json.h"
#include "client/core/newcomers.h"
#include "client/core/record.h"
#include "client/core/suspicions.h"
#include "keys/group_rules.h"
#include "mls/key_package.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;
struct HttpAnswer;

class Devices {
 public:
  explicit Devices(Chat& chat) : chat_(chat), suspicions_(chat), newcomers_(chat) {}

  // Something changed: compare again.
  void look();
  // The server says so to all at once: who has nothing to send waits a little, since one commit is enough.
  void hinted();
  // Another group, or one in another epoch.
  void group_moved();
  // This device has come into the group, or back, and has not checked who came meanwhile: nothing is sent before those
  // whose generation is over are on the newest list.
  void came_in();
  // This device has just made the group: nobody has told its user's other devices of it.
  void founded(std::int64_t at_ms) { newcomers_.group_was_founded(at_ms); }
  // A commit of somebody that carries these authenticated data was applied. All apply it alike; but where it followed
  // an older list than one that was seen, nothing is sent until a newer one was followed.
  void followed(ByteView authenticated_data);
  // What was to be committed on these grounds cannot be, or was refused: without those who are new by its lists, until
  // these change again.
  void failed(const keys::Grounds& grounds);
  // Nothing is sent before the lists were compared and what differs is committed.
  [[nodiscard]] bool holds_back() const;
  // Nothing, where the leaves agree with the lists as far as can be.
  [[nodiscard]] std::optional<CommitPlan> difference() const;

  [[nodiscard]] bool has_work() const;
  void advance();
  void disconnected();

 private:
  enum class Step : std::uint8_t { unknown, asking, claiming, known };
  using Name = Newcomers::Name;

  void answered(const wire::Body& body);
  void take(keys::FollowedList followed, const std::vector<keys::Seat>& seats);
  void take(keys::LeaveNote note);
  void take(keys::BrokenMark mark, ByteView key_package);
  void replace_broken(CommitPlan& plan) const;
  void take_away_who_left(CommitPlan& plan, std::set<UserId>& gone) const;
  void spare_who_is_to_stay(CommitPlan& plan, std::set<UserId>& stay) const;
  void forget_roles(CommitPlan& plan, const std::set<UserId>& gone) const;
  void give_up(const Name& name);
  [[nodiscard]] std::string owner_of(const UserId& user) const;  // "Ann's", for a sentence
  void refuse(const UserId& user, const std::string& why);
  void doubt(const UserId& user);
  void end_doubts();
  void settle_suspicions();
  bool ask_of_doubtful();
  void told(const UserId& user, const HttpAnswer& answer);
  void claim_next();
  void claimed(const UserId& user, const HttpAnswer& answer);
  [[nodiscard]] std::vector<keys::Seat> seats() const;
  [[nodiscard]] bool is_listed(const keys::DeviceList& list, const keys::Seat& seat) const;
  void await_newcomers();
  void try_later(std::int64_t after_ms);

  Chat& chat_;
  Suspicions suspicions_;
  Step step_ = Step::unknown;
  bool wanted_ = false;
  std::int64_t retry_at_ = 0;  // on Machine::clock_ms
  Newcomers::Lists lists_;
  std::set<UserId> asked_;  // for their list, since the server was asked last
  std::map<UserId, keys::LeaveNote> leaving_;
  std::map<Name, std::pair<keys::BrokenMark, mls::VerifiedKeyPackage>> broken_;
  Newcomers newcomers_;
  std::int64_t look_when_due_at_ = 0;  // on Machine::clock_ms; 0: not by itself
};

}  // namespace kith::client
