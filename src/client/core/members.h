// What this user wants of a group's people and policy, and how it gets into the next commits.
//
// Whom the user wants in is stored, so that a restart goes on: their key packages are claimed one person after the
// other, and a commit adds as many as are ready. Everything else is a wish that somebody waits for an answer to: it is
// looked at again, with the roles of then, whenever a commit is made, until one that has it is in the log.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/core/claimed_packages.h"
#include "client/core/commands.h"
#include "client/core/commit_plan.h"

namespace kith::client {

class Chat;

struct Wish {
  Reply reply;
  std::optional<UserId> remove{};
  std::optional<std::pair<UserId, keys::Role>> role{};
  std::optional<keys::Who> may_send{};
  std::optional<keys::Who> may_edit{};
  std::optional<keys::Who> may_add{};
  std::optional<keys::Invite> invite{};
  std::optional<keys::PublicKey> revoke{};  // an invite
  Json result{};                            // the answer, when it is done
  bool is_out = false;                      // in the commit that is on its way
};

class Members {
 public:
  static constexpr std::size_t kMaxWanted = 10'000;  // people, at a time
  static constexpr std::size_t kBatch = 64;          // people of one commit
  static constexpr std::size_t kMaxDevices = 192;    // that it adds

  explicit Members(Chat& chat) : chat_(chat) {}

  // Answered, where somebody waits, when each of them is in or cannot be.
  void add(const std::vector<UserId>& users, const std::optional<Reply>& reply);
  void change(Wish wish);
  // Somebody who has a link that lets in whoever has it, and does not get in alone: taken along by the next commit.
  void take_along(const keys::JoinProof& proof);

  // Whether there is something to commit now.
  [[nodiscard]] bool wants_commit() const;
  // An invite that the next commits make.
  [[nodiscard]] bool wants_invite(const keys::PublicKey& key) const;
  // Puts it into the plan. Wishes that the roles do not allow are answered.
  void join_in(CommitPlan& plan);
  // What an admin's commit does beside whatever it is made for: links that have expired go.
  void tidy(CommitPlan& plan) const;
  [[nodiscard]] bool is_out() const;
  // A commit of all this would be larger than a request may be: fewer people at a time.
  void shrink();
  // That commit is in the log; or another one was first; or the server did not take it.
  void committed();
  void lost_race();
  void refused(const std::string& error, const std::string& message);
  // Whoever is in is not wanted any more.
  void group_moved();
  // This user is not in the group any more.
  void dissolve();

  [[nodiscard]] bool has_work() const;
  void advance();

 private:
  struct Asked {
    Reply reply;
    std::set<UserId> left;
    Json not_added = Json::array();
  };
  enum class Verdict : std::uint8_t { fine, nothing_to_do, later, not_allowed, not_there };

  [[nodiscard]] std::optional<UserId> next_to_claim() const;
  [[nodiscard]] bool is_wanted(const UserId& user) const;
  void forget_unwanted();
  void claimed(const UserId& user, const std::vector<ClaimedPackage>& packages);
  void cannot_add(const UserId& user, const std::string& error, const std::string& message);
  void settle(const UserId& user, const std::optional<Json>& why_not);
  void answer_whoever_asked();
  void join_in_adds(CommitPlan& plan);
  Verdict judge(const Wish& wish, CommitPlan& plan, keys::GroupPolicy& policy) const;
  Verdict judge_removal(const UserId& user, CommitPlan& plan, keys::GroupPolicy& policy) const;
  Verdict judge_invite(const Wish& wish, keys::GroupPolicy& policy) const;
  Verdict judge_role(const UserId& user, keys::Role role, keys::GroupPolicy& policy) const;
  static void answer(const Wish& wish, Verdict verdict);

  Chat& chat_;
  std::vector<Wish> wishes_;
  std::vector<Asked> asked_;
  std::map<UserId, keys::JoinProof> along_;  // who has a link
  std::map<UserId, std::vector<ClaimedPackage>> ready_;
  std::set<UserId> out_;  // in the commit that is on its way
  std::size_t batch_ = kBatch;
  bool claiming_ = false;
  std::int64_t retry_at_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
