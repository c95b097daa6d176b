#include "server/service/test/world.h"

#include <algorithm>

#include "keys/conversation.h"
#include "keys/recovery_key.h"
#include "mls/profile.h"
#include "server/domain/refresh.h"

namespace kith::server::service::test {

ClientId client_id(std::uint8_t n) {
  ClientId id;
  id.value.fill(n);
  return id;
}

World::World()
    : engine(entropy),
      store(engine, scheduler),
      bus(std::make_unique<CountedBus>(hub.attach(scheduler))),
      secrets(Bytes(domain::ServerSecrets::kMasterBytes, 7)) {
  restart();
}

void World::restart() {
  node.reset();
  node.emplace(ports(), limits);
  for (const auto& device : live_) node->live.enter(*device);
  node->start();
}

Person World::new_person(const std::string& phone) {
  Person person;
  person.phone = phone;
  entropy.fill(person.device.value);
  person.identity = keys::RecoveryKey::generate(entropy).identity_key();
  person.generation = keys::AccountGeneration::generate(0, entropy);
  person.leaf_key = crypto::Suite::product().generate_signature_key(entropy);
  return person;
}

domain::NewAccount World::account_of(Person& person, std::size_t key_packages) {
  const auto begun = ok(node->registrations.begin({.phone = person.phone, .region = {}, .email = {}}, "::1"));
  auto confirmed = ok(node->registrations.confirm(begun.registration, sender.codes[person.phone], "::1"));
  person.user = confirmed.user;
  person.certificate = keys::GenerationCertificate::sign(person.user, *person.generation, person.identity);
  person.credential =
      keys::DeviceCredential::make(person.user, person.device, person.identity.public_key, person.certificate,
                                   *person.generation, 3, person.leaf_key.public_key)
          .encode();
  keys::DeviceList list;
  list.user = person.user;
  list.version = 1;
  list.devices = {{person.device, person.leaf_key.public_key}};
  list.sign(*person.generation);

  domain::NewAccount account{};
  account.registration = begun.registration;
  account.proof = std::move(confirmed.proof);
  account.name = "Person at " + person.phone;
  account.identity_key = person.identity.public_key;
  account.generation = person.certificate.encode();
  account.device = {person.device, "test", person.credential, person.leaf_key.public_key};
  account.device_list = list.encode();
  for (std::size_t i = 0; i < key_packages; ++i) account.key_packages.push_back(key_package(person));
  account.last_resort = key_package(person, true);
  account.sealed_generation = to_bytes("sealed for " + person.phone);
  return account;
}

Person World::register_person(const std::string& phone, std::size_t key_packages) {
  Person person = new_person(phone);
  person.refresh_token = ok(node->accounts.create(account_of(person, key_packages))).refresh_token;
  return person;
}

Bytes World::key_package(Person& person, bool last_resort) {
  mls::LeafParameters leaf;
  leaf.credential = mls::Credential::basic(person.credential);
  leaf.capabilities = mls::profile::capabilities();
  leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(scheduler.now().value / 1000));
  auto made = mls::create_key_package(crypto::Suite::product(), leaf, person.leaf_key, last_resort, entropy);
  Bytes message = mls::encoded_message(made.key_package);
  person.key_packages.push_back(std::move(made));
  return message;
}

keys::AccountGeneration World::generation_of(const Person& person, std::uint32_t number) {
  SecretBytes secret = to_secret(person.generation->secret());
  for (std::uint32_t i = 0; i < number; ++i) secret = to_secret(crypto::sha256(secret));
  return keys::AccountGeneration::from(number, secret).value();
}

keys::GenerationCertificate World::certificate_of(const Person& person, std::uint32_t number) {
  keys::GenerationCertificate certificate = person.certificate;
  for (std::uint32_t i = 0; i < number; ++i)
    certificate = certificate.next(generation_of(person, i + 1), generation_of(person, i)).value();
  return certificate;
}

std::uint32_t World::present_generation(const Person& person) {
  return keys::GenerationCertificate::decode(ok(node->accounts.devices(person.user)).generation).value().generation;
}

Person World::another_device(const Person& of) {
  Person device = of;
  device.key_packages.clear();
  entropy.fill(device.device.value);
  device.leaf_key = crypto::Suite::product().generate_signature_key(entropy);
  const std::uint32_t now = present_generation(of);
  device.credential =
      keys::DeviceCredential::make(of.user, device.device, of.identity.public_key, certificate_of(of, now),
                                   generation_of(of, now), 3, device.leaf_key.public_key)
          .encode();
  return device;
}

domain::DeviceChange World::begin_generation(std::uint64_t version, const std::vector<const Person*>& listed,
                                             const keys::AccountGeneration& generation,
                                             const keys::GenerationCertificate& certificate) {
  const Person& by = *listed.front();
  keys::DeviceList list = list_of(version, listed);
  list.sign(generation);
  const auto present = keys::DeviceList::decode(ok(node->accounts.devices(by.user)).device_list).value();
  domain::DeviceChange change{
      .device_list = list.encode(),
      .added = {},
      .next = domain::NextGeneration{
          .by = by.device, .certificate = certificate.encode(), .handed = {}, .sealed = Bytes{1}}};
  for (const keys::ListedDevice& device : list.devices) {
    if (device.device != by.device && present.find(device.device) != nullptr)
      change.next->handed.push_back({device.device, to_bytes(device.device.view())});
  }
  return change;
}

keys::DeviceList World::list_of(std::uint64_t version, const std::vector<const Person*>& listed) {
  keys::DeviceList list;
  list.user = listed.front()->user;
  list.version = version;
  for (const Person* device : listed) list.devices.push_back({device->device, device->leaf_key.public_key});
  return list;
}

domain::DeviceChange World::device_change(std::uint64_t version, const std::vector<const Person*>& listed,
                                          const std::vector<Person*>& added) {
  const Person& by = *listed.front();
  keys::DeviceList list = list_of(version, listed);
  const auto present = keys::DeviceList::decode(ok(node->accounts.devices(by.user)).device_list).value();
  const bool is_revoking = std::ranges::any_of(
      present.devices, [&](const keys::ListedDevice& device) { return list.find(device.device) == nullptr; });
  const std::uint32_t number = present_generation(by);
  list.sign(generation_of(by, number));
  domain::DeviceChange change{.device_list = list.encode(), .added = {}};
  if (is_revoking)
    change = begin_generation(version, listed, generation_of(by, number + 1), certificate_of(by, number + 1));
  for (Person* device : added) {
    change.added.push_back({{device->device, "another", device->credential, device->leaf_key.public_key},
                            {key_package(*device), key_package(*device)},
                            key_package(*device, true)});
  }
  return change;
}

keys::FollowedList World::followed(const Person& person, const domain::DeviceChange& change) {
  const auto list = keys::DeviceList::decode(change.device_list).value();
  return {certificate_of(person, list.generation), list};
}

SecretBytes World::sign_refresh(const Person& person, ByteView token) const {
  const auto signature =
      crypto::Suite::product().sign(person.leaf_key, domain::refresh_statement(person.caller(), token));
  return to_secret(signature);
}

Beginning World::begin_direct(Person& from, const Person& to, std::uint8_t client) {
  const auto suite = crypto::Suite::product();
  const auto id = keys::direct_conversation(from.user, to.user);
  mls::CreateOptions create;
  create.group_id = keys::group_id(id, 0);
  create.leaf.credential = mls::Credential::basic(from.credential);
  create.leaf.capabilities = mls::profile::capabilities();
  create.leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(scheduler.now().value / 1000));
  create.extensions = {mls::profile::required_capabilities()};
  auto group = mls::Group::create(suite, create, from.leaf_key, entropy);
  KITH_CHECK(group.has_value());

  mls::CommitOptions commit;
  commit.tree_in_welcome = false;
  const auto claimed = ok(node->key_packages.claim(from.caller(), to.user));
  for (const auto& one : claimed)
    commit.adds.push_back(*mls::VerifiedKeyPackage::verify_message(one.key_package, suite, {}));
  auto pending = group->commit(commit, entropy);
  KITH_CHECK(pending.has_value());
  Beginning beginning{id, group->group_info(true), std::move(*pending), {}, client_id(client)};
  for (const auto& one : claimed) beginning.welcomes.push_back({{to.user, one.device}, {}});
  for (auto& welcome : beginning.welcomes) welcome.payload = beginning.pending.welcome;
  return beginning;
}

mls::Group World::start_direct(Person& from, const Person& to) {
  Beginning beginning = begin_direct(from, to);
  ok(node->conversations.create_direct(from.caller(), beginning.request(to.user)));
  relayed();
  return std::move(beginning.pending.next);
}

void World::relayed() {
  run([](OutboxRelay& relay) -> Task<bool> {
    co_await relay.drain();
    co_return true;
  }(node->relay));
}

Bytes World::message(mls::Group& group, std::string_view text) { return *group.protect({}, as_view(text), entropy); }

AppendRequest World::request(mls::Group& group, const ConversationId& id, std::uint8_t client,
                             const Bytes& payload) const {
  return {id, client_id(client), Epoch{group.epoch()}, payload};
}

void HeardTexts::hear(const domain::BusMessage& message) {
  if (!message.concerns(caller_.device)) return;
  switch (message.kind) {
    case domain::BusMessageKind::frame:
      texts->push_back((message.watched ? "watching: " : "") + std::string(as_text(*message.frame)));
      break;
    case domain::BusMessageKind::logged_out:
      texts->emplace_back("logged out");
      break;
    case domain::BusMessageKind::lost:
      texts->emplace_back("lost");
      break;
  }
}

std::shared_ptr<std::vector<std::string>> World::listen(const Person& person) {
  HeardTexts& device = *live_.emplace_back(std::make_unique<HeardTexts>(person.caller()));
  node->live.enter(device);
  subscriptions_.push_back(
      bus->subscribe(person.user, [&device](const domain::BusMessage& message) { device.hear(message); }));
  return device.texts;
}

}  // namespace kith::server::service::test
