// A node over the store in memory, on virtual time, with people who have real keys, key packages and MLS groups.
#pragma once

#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "keys/followed_list.h"
#include "mls/group.h"
#include "server/adapters/memory/in_process_bus.h"
#include "server/adapters/memory/memory_store.h"
#include "server/service/node.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/quick_stretcher.h"
#include "tests/support/seeded_entropy.h"

namespace kith::server::service::test {

using domain::Caller;
using domain::Errc;

// One person with one device, as a client holds it.
struct Person {
  std::string phone;
  UserId user;
  DeviceId device;
  crypto::SignatureKeyPair identity;
  std::optional<keys::AccountGeneration> generation;
  keys::GenerationCertificate certificate;
  crypto::SignatureKeyPair leaf_key;
  Bytes credential;
  SecretBytes refresh_token;
  std::vector<mls::KeyPackageSecrets> key_packages;
  [[nodiscard]] Caller caller() const { return {user, device}; }
};

// What a device sends to begin a direct conversation, and the group that it leads to.
struct Beginning {
  ConversationId id;
  Bytes founding;
  mls::PendingCommit pending;
  std::vector<DeviceWelcome> welcomes;
  ClientId client_id;
  [[nodiscard]] CreateDirectRequest request(const UserId& peer) const {
    return {peer, client_id, founding, pending.commit, pending.group_info, welcomes};
  }
};

class FakePhones final : public domain::PhoneNumbers {
 public:
  Result<std::string> to_e164(std::string_view text, std::string_view) const override {
    if (text.size() < 4 || text[0] != '+') return domain::fail(Errc::invalid_argument, "phone");
    return std::string(text);
  }
};

class FakeSender final : public domain::OtpSender {
 public:
  Task<Result<void>> send(domain::Address to, std::string code) override {
    ++sent;
    if (fails) co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
    codes[to.text] = std::move(code);
    co_return Result<void>{};
  }
  std::map<std::string, std::string> codes;
  int sent = 0;
  bool fails = false;
};

// Hints as text: "entry 1", "mail 2", "cursor 3/2"; of a group "cursors 3/2 4/4"; "block 1: what", "block 1: erased".
class TextHints final : public domain::HintEncoder {
 public:
  domain::SharedBytes entry(const ConversationId&, const domain::Entry& e) override {
    return text("entry " + std::to_string(e.seq.value));
  }
  domain::SharedBytes mail(const domain::Mail& m) override { return text("mail " + std::to_string(m.seq.value)); }
  domain::SharedBytes changes(const ConversationId&) override { return text("changes"); }
  domain::SharedBytes cursor(const ConversationId&, const domain::UserCursor& c) override {
    return text("cursor " + std::to_string(c.position.delivered.value) + "/" + std::to_string(c.position.read.value));
  }
  domain::SharedBytes archive(const domain::ArchiveBlock& block) override {
    const std::string what(block.erased ? "erased" : as_text(block.payload));
    return text("block " + std::to_string(block.seq.value) + ": " + what);
  }
  domain::SharedBytes cursors(const ConversationId&, const std::vector<domain::UserCursor>& all) override {
    std::string told = "cursors";
    for (const auto& c : all)
      told += " " + std::to_string(c.position.delivered.value) + "/" + std::to_string(c.position.read.value);
    return text(told);
  }
  int encoded = 0;

 private:
  domain::SharedBytes text(const std::string& t) {
    ++encoded;
    return std::make_shared<const Bytes>(to_bytes(t));
  }
};

// The bus as it is, with a count of what is put on it.
class CountedBus final : public domain::Bus {
 public:
  explicit CountedBus(std::unique_ptr<domain::Bus> bus) : bus_(std::move(bus)) {}
  std::unique_ptr<Subscription> subscribe(UserId user, Handler handler) override {
    return bus_->subscribe(user, std::move(handler));
  }
  void publish(UserId user, domain::BusMessage message) override {
    ++to_users;
    bus_->publish(user, std::move(message));
  }
  std::unique_ptr<Subscription> subscribe_conversations(ConversationHandler handler) override {
    return bus_->subscribe_conversations(std::move(handler));
  }
  void publish_to_members(domain::ConversationMessage message) override {
    ++to_members;
    bus_->publish_to_members(std::move(message));
  }
  int to_users = 0;
  int to_members = 0;

 private:
  std::unique_ptr<domain::Bus> bus_;
};

// A live device, as texts: what reaches it by its user, and what by a conversation.
class HeardTexts final : public LiveDevice {
 public:
  explicit HeardTexts(const Caller& caller) : caller_(caller) {}
  [[nodiscard]] const Caller& caller() const override { return caller_; }
  void hear(const domain::BusMessage& message) override;
  std::shared_ptr<std::vector<std::string>> texts = std::make_shared<std::vector<std::string>>();

 private:
  Caller caller_;
};

class World {
 public:
  World();

  template <class T>
  T run(Task<T> task) {
    return scheduler.run(std::move(task));
  }
  // The value, or a test failure.
  template <class T>
  T ok(Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) {
      ADD_FAILURE() << domain::name_of(result.error().code) << ": " << result.error().detail;
      KITH_CHECK(result.has_value());
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  // The error's name, or "ok".
  template <class T>
  std::string error(Task<Result<T>> task) {
    const auto result = run(std::move(task));
    return result ? "ok" : std::string(domain::name_of(result.error().code));
  }
  std::string dump() const { return engine.dump(); }

  // Everything up to the account, without creating it.
  Person new_person(const std::string& phone);
  domain::NewAccount account_of(Person& person, std::size_t key_packages = 3);
  Person register_person(const std::string& phone, std::size_t key_packages = 3);
  // A key package of the person's device, kept in person.key_packages.
  Bytes key_package(Person& person, bool last_resort = false);
  // Generation `number` of this person's account, which began with the one before it, without the recovery key.
  static keys::AccountGeneration generation_of(const Person& person, std::uint32_t number);
  static keys::GenerationCertificate certificate_of(const Person& person, std::uint32_t number);
  // The number of the present one.
  std::uint32_t present_generation(const Person& person);
  // Another device of the same person, certified by the present generation.
  Person another_device(const Person& of);
  // The person's next device list, with what the devices bring that are new on it. Where devices go it begins a
  // generation, as the first of `listed` does.
  domain::DeviceChange device_change(std::uint64_t version, const std::vector<const Person*>& listed,
                                     const std::vector<Person*>& added);
  // The same devices or fewer under this next generation, which the first of them begins.
  domain::DeviceChange begin_generation(std::uint64_t version, const std::vector<const Person*>& listed,
                                        const keys::AccountGeneration& generation,
                                        const keys::GenerationCertificate& certificate);
  static keys::DeviceList list_of(std::uint64_t version, const std::vector<const Person*>& listed);  // not signed
  // What members follow of such a change.
  static keys::FollowedList followed(const Person& person, const domain::DeviceChange& change);
  SecretBytes sign_refresh(const Person& person, ByteView token) const;

  // Claims the peer's key packages and makes the first commit.
  Beginning begin_direct(Person& from, const Person& to, std::uint8_t client = 1);
  // Both in, `from` with the group returned.
  mls::Group start_direct(Person& from, const Person& to);
  // Waits until the outbox is empty.
  void relayed();
  Bytes message(mls::Group& group, std::string_view text);
  AppendRequest request(mls::Group& group, const ConversationId& id, std::uint8_t client, const Bytes& payload) const;

  // What a device hears: text hints ("watching: " before those that only sockets hear that watch), "logged out",
  // "lost".
  std::shared_ptr<std::vector<std::string>> listen(const Person& person);

  kith::test::ManualScheduler scheduler;
  kith::test::SeededEntropy entropy;
  adapters::MemoryEngine engine;
  adapters::MemoryStore store;
  adapters::InProcessBus hub;
  std::unique_ptr<CountedBus> bus;
  FakePhones phones;
  FakeSender sender;
  TextHints hints;
  kith::test::QuickStretcher pins{scheduler};
  domain::ServerSecrets secrets;
  Limits limits;
  std::optional<Node> node;
  void restart();
  // On the same store, as in a cluster.
  Node another_node() { return Node(ports(), limits); }

 private:
  Ports ports() { return {store, *bus, scheduler, entropy, hints, sender, phones, secrets, pins}; }
  std::vector<std::unique_ptr<HeardTexts>> live_;
  std::vector<std::unique_ptr<domain::Bus::Subscription>> subscriptions_;
};

ClientId client_id(std::uint8_t n);

// "ok", or the error's name and its sentence.
template <class T>
std::string told(const Result<T>& result) {
  if (result) return "ok";
  return std::string(domain::name_of(result.error().code)) + ": " + result.error().detail;
}

}  // namespace kith::server::service::test
