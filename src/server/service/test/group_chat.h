// People around a group: Ann owns it, Bob is an admin and has two devices, Cleo is a member, Dan is outside. Whoever is
// in holds the group and follows its commits.
#pragma once

#include <map>

#include "keys/conversation.h"
#include "keys/grounds.h"
#include "keys/group_policy.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {

// A device that cannot follow, and the key package that it has just made.
struct Broken {
  Person* device;
  keys::BrokenMark mark;
  Bytes key_package;
};

// What a commit does.
struct Doing {
  std::vector<Person*> adds{};
  std::vector<const Person*> removes{};  // devices
  std::optional<keys::GroupPolicy> policy{};
  keys::Grounds grounds{};
  std::vector<Broken> replaces{};
};

class GroupChat : public testing::Test {
 public:
  // Epoch 0 to 1 is the founding, 1 to 2 brings in Bob and Cleo: entries 1 and 2.
  GroupChat();

  ConversationService& service() { return w_.node->conversations; }
  ConversationId id() const { return keys::group_conversation(ann_.user, client_id(1)); }

  // What founds a group of this id, by its founder's first commit, and the group that it leads to.
  struct Founding {
    Bytes founding;
    mls::PendingCommit pending;
    [[nodiscard]] FoundGroupRequest request(std::uint8_t client = 1) const {
      return {client_id(client), founding, pending.commit, pending.group_info};
    }
  };
  Founding founding(const Person& by, const mls::Extensions& extensions, const Doing& doing = {});

  // A commit of whoever is in, not sent yet, ...
  mls::PendingCommit make(const Person& by, const Doing& doing);
  CommitRequest request(const mls::PendingCommit& pending, const Doing& doing = {});
  // ... and sent: "ok", and everybody who is in follows and whoever was added joins; or the error and its sentence.
  std::string send(const Person& by, const mls::PendingCommit& pending, const Doing& doing = {});
  std::string commit(const Person& by, const Doing& doing) { return send(by, make(by, doing), doing); }
  std::string append(const Person& by, domain::EntryKind kind = domain::EntryKind::application);
  std::string append_in(const Person& by, mls::Group& group, domain::EntryKind kind = domain::EntryKind::application);

  keys::LeaveNote note(const Person& by);
  std::string leave(const Person& by) { return leave(by, note(by)); }
  std::string leave(const Person& by, const keys::LeaveNote& note);
  // Takes away the leaves of those who have left, as anybody's client does.
  Doing taking(const std::vector<const Person*>& devices, const std::vector<keys::LeaveNote>& notes);

  Broken broken(Person& device);
  std::string mark(const Broken& broken);
  // Brings these devices back, as anybody's client does.
  Doing replacing(const std::vector<Broken>& all);
  // The marks that a member is told, each with the key package that it names; and how many there are in the store.
  std::vector<keys::BrokenMark> marks();
  std::size_t stored_marks();
  // There is the row that stands for all notes and marks.
  bool is_noted();

  // Seqs that are read behind `after`, and the head: "3 4 of 4"; "trimmed 3", or another error's name.
  std::string read(const Person& by, std::uint64_t after = 0, std::size_t limit_bytes = 1 << 20);
  // What lies in the device's mailbox: "welcome 2", "removed 5".
  std::vector<std::string> mails(const Person& by);
  // Sync tells of the group.
  bool is_listed(const Person& by);
  mls::Group& group(const Person& of) { return groups_.at(of.device); }

  World w_;
  Person ann_, bob_, bobs_second_, cleo_, dan_;
  keys::GroupPolicy policy_;
  std::map<DeviceId, mls::Group> groups_;

 private:
  mls::Group join(const Person& person, const mls::PendingCommit& pending);
  std::uint8_t sent_ = 1;
};

}  // namespace kith::server::service::test
