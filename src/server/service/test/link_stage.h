// Somebody with a device, somebody else, and a link for tests to spoil.
#pragma once

#include <functional>

#include "keys/conversation.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {

inline constexpr domain::LinkName kName{{0x10, 0x80}};
inline constexpr domain::LinkName kOther{{0x20}};

struct LinkStage {
  LinkService& links() { return w_.node->links; }
  static SecretBytes token(std::uint8_t n = 1) { return SecretBytes(domain::kLinkTokenBytes, n); }
  LinkService::Offered offered(std::uint8_t n = 1) {
    return {token(n), {.phone = "+4911", .region = {}, .email = {}}, kOffer, w_.scheduler.now() + domain::kLinkLife};
  }

  // What each answers: "ok", or the error's name; of poll, the state.
  std::string offer(const domain::LinkName& name = kName, std::uint8_t n = 1) {
    return w_.error(links().offer(name, offered(n), "::1"));
  }
  std::string claim(const Person& by, const domain::LinkName& name = kName) {
    return w_.error(links().claim(by.caller(), name));
  }
  std::string finish(const Person& by) { return w_.error(links().finish(by.caller(), kName, kSealed)); }
  std::string poll() {
    const auto progress = w_.run(links().poll(kName, token()));
    if (!progress) return std::string(domain::name_of(progress.error().code));
    constexpr const char* kStates[] = {"waiting", "claimed", "finished"};
    return kStates[static_cast<std::size_t>(progress->state)];
  }
  void make_finished() {
    EXPECT_EQ(offer(), "ok");
    EXPECT_EQ(claim(ann_), "ok");
    EXPECT_EQ(finish(ann_), "ok");
  }

  // The list that `listed` stand on, with what this device brings.
  domain::DeviceChange comes(std::uint64_t version, const std::vector<const Person*>& listed, Person& device) {
    return w_.device_change(version, listed, {&device});
  }
  Task<Result<Grant>> add(const domain::DeviceChange& coming) {
    return links().add_device(kName, token(), coming.added.at(0), coming.device_list);
  }
  // Do these tokens work for the device?
  bool is_in(const Person& device, const Grant& grant) {
    const auto signature = w_.sign_refresh(device, grant.refresh_token);
    return w_.error(w_.node->accounts.check_access(device.caller())) == "ok" &&
           w_.error(w_.node->accounts.refresh(device.caller(), grant.refresh_token,
                                              {signature.begin(), signature.end()})) == "ok";
  }
  // ann_'s laptop stands on version 2 of the list, and has tokens.
  void add_laptop() {
    make_finished();
    const auto grant = w_.ok(add(comes(2, {&ann_, &anns_laptop_}, anns_laptop_)));
    EXPECT_TRUE(is_in(anns_laptop_, grant));
    w_.scheduler.run_for(std::chrono::hours(2));
  }

  const Bytes kOffer{1, 2, 3};
  const Bytes kSealed{4, 5, 6};
  World w_;
  Person ann_ = w_.register_person("+4911");
  Person anns_laptop_ = w_.another_device(ann_);
  Person bob_ = w_.register_person("+4922");
};

}  // namespace kith::server::service::test
