// A server at which Ann and Bob talk with all the devices of a forger's Scene.
#pragma once

#include "server/domain/conversation.h"
#include "server/domain/records.h"
#include "server/service/test/world.h"
#include "tests/support/forger/messages.h"

namespace kith::server::service::test {

// What of a Scene is sent, and forged.
enum class What : std::uint8_t { commit, return_, entry, beginning };

class Stage {
 public:
  explicit Stage(What what) : what_(what) {
    w_.limits.commits_per_minute = w_.limits.commits_per_member_minute = 1e9;
    w_.restart();
    for (const auto& sent : scene.history) {
      for (const auto& followed : sent.lists) set_list(followed);
      if (what == What::beginning) return;
      const std::string outcome =
          send(sent.request, {sent.by.user, sent.device}, welcomes(sent.request, sent.welcomed));
      KITH_CHECK(outcome == "ok");
    }
    set_list(scene.bobs_list);
    w_.relayed();
  }

  kith::test::Request make(const kith::test::Hands& hands = {}) {
    switch (what_) {
      case What::commit:
        return scene.commit(hands);
      case What::return_:
        return scene.come_back(hands);
      case What::entry:
        return scene.come_in(hands);
      case What::beginning:
        return scene.begin(hands);
    }
    return {};
  }
  // Who sends it, and who is told.
  Caller sender() const { return anns(what_ == What::return_ ? 2 : what_ == What::entry ? 3 : 0); }
  std::vector<DeviceWelcome> welcomes(const kith::test::Request& request) const {
    if (what_ == What::commit) return {{anns(3), request.welcome}};
    if (what_ == What::beginning) return {{bobs(0), request.welcome}, {anns(1), request.welcome}};
    return {};
  }

  // The answer: "ok", what is wrong with a commit, or another error's name.
  std::string send(const kith::test::Request& request) { return send(request, sender(), welcomes(request)); }
  std::string send(const kith::test::Request& request, const Caller& by, const std::vector<DeviceWelcome>& welcomes) {
    auto& service = w_.node->conversations;
    const bool begins = what_ == What::beginning || !request.founding.empty();
    const UserId peer = by.user == scene.ann.user ? scene.bob.user : scene.ann.user;
    const auto answer =
        begins ? w_.run(service.create_direct(
                     by, {peer, next_id(), request.founding, request.commit, request.group_info, welcomes}))
               : w_.run(service.commit(
                     by, {scene.id, next_id(), Epoch{request.epoch}, request.commit, request.group_info, welcomes}));
    if (answer) return "ok";
    if (answer.error().code != Errc::invalid_commit) return std::string(domain::name_of(answer.error().code));
    return answer.error().detail;
  }
  // An application message of the forger's: "ok", or what is wrong with it.
  std::string append(ByteView message, std::uint64_t epoch) {
    const auto answer = w_.run(w_.node->conversations.append(sender(), {scene.id, next_id(), Epoch{epoch}, message}));
    return answer ? "ok" : answer.error().detail;
  }
  // A GroupInfo in the committer's place.
  std::string confirm(const Bytes& info) { return confirm(info, sender()); }
  std::string confirm(const Bytes& info, const Caller& by) {
    const auto answer = w_.run(w_.node->conversations.confirm(by, scene.id, Epoch{scene.group->epoch()}, info));
    if (answer) return "ok";
    return answer.error().code == Errc::invalid_commit ? answer.error().detail
                                                       : std::string(domain::name_of(answer.error().code));
  }
  // A key package of Ann's last device, which is registered by set_device.
  std::string upload(const Bytes& package) { return w_.error(w_.node->key_packages.upload(anns(3), {{package}, {}})); }
  void set_device(std::size_t number) {
    const auto& device = scene.anns[number];
    domain::Transaction t{.partition = domain::account_partition(scene.ann.user)};
    t.writes.push_back({{domain::RowKind::device, to_bytes(device.id.view())},
                        domain::encode(domain::DeviceRecord{{}, device.credential, device.key.public_key, {}, {}})});
    KITH_CHECK(w_.run(w_.store.commit(std::move(t))).has_value());
  }
  std::string dump() const { return w_.dump(); }
  std::pair<Caller, kith::test::Device> third_user() const { return {eve_.caller(), device(eve_)}; }

  Caller anns(std::size_t device) const { return {scene.ann.user, scene.anns[device].id}; }
  Caller bobs(std::size_t device) const { return {scene.bob.user, scene.bobs[device].id}; }

 private:
  static kith::test::Owner owner(const Person& p) { return {p.user, p.identity, *p.generation}; }
  static kith::test::Device device(const Person& p) { return {p.device, p.leaf_key, p.credential}; }
  static std::vector<DeviceWelcome> welcomes(const kith::test::Request& request,
                                             const std::vector<std::pair<UserId, DeviceId>>& to) {
    std::vector<DeviceWelcome> all;
    for (const auto& [user, device] : to) all.push_back({{user, device}, request.welcome});
    return all;
  }
  ClientId next_id() {
    ClientId id;
    id.value = {static_cast<std::uint8_t>(++sent_ >> 8), static_cast<std::uint8_t>(sent_)};
    return id;
  }

  // The account's devices are these, without any conversation taking note.
  void set_list(const keys::FollowedList& followed) {
    domain::Transaction t{.partition = domain::account_partition(followed.list.user)};
    t.writes.push_back({{domain::RowKind::device_list, {}}, followed.list.encode()});
    KITH_CHECK(w_.run(w_.store.commit(std::move(t))).has_value());
  }

  What what_;
  World w_;
  Person ann_ = w_.register_person("+4911");
  Person bob_ = w_.register_person("+4922");
  Person eve_ = w_.register_person("+4933");
  std::uint16_t sent_ = 0;

 public:
  kith::test::Scene scene{owner(ann_), device(ann_), owner(bob_), device(bob_),
                          static_cast<std::uint64_t>(w_.scheduler.now().value / 1000)};
};

}  // namespace kith::server::service::test
