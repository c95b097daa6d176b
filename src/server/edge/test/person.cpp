#include "server/edge/test/person.h"

#include "keys/conversation.h"
#include "keys/group_policy.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"
#include "mls/profile.h"
#include "server/domain/refresh.h"

namespace kith::server::edge::test {

namespace {

std::uint64_t now_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::string text(ByteView bytes) { return to_base64url(bytes); }

}  // namespace

ClientId client_id(std::uint8_t n) {
  ClientId id;
  id.value.fill(n);
  return id;
}

Person::Person(RunningServer& at, std::string number)
    : server(at),
      phone(std::move(number)),
      identity_(keys::RecoveryKey::generate(at.entropy).identity_key()),
      generation_(keys::AccountGeneration::generate(0, at.entropy)),
      leaf_key_(crypto::Suite::product().generate_signature_key(at.entropy)) {
  at.entropy.fill(device.value);
  HttpClient http(server.port());
  registration = http.post("/v1/registrations", {{"phone", phone}}).json().at("registration");
  const Json confirmed =
      http.post("/v1/registrations/" + registration + "/code", {{"code", server.codes.code_for(phone)}}).json();
  user = *UserId::from_text(confirmed.at("user").get<std::string>());
  proof = confirmed.at("proof");
}

Bytes Person::key_package(bool last_resort) {
  return mls::encoded_message(
      key_packages_.emplace_back(key_package_of(leaf_key_, credential_, last_resort)).key_package);
}

mls::KeyPackageSecrets Person::key_package_of(const crypto::SignatureKeyPair& key, ByteView credential,
                                              bool last_resort) const {
  mls::LeafParameters leaf;
  leaf.credential = mls::Credential::basic(to_bytes(credential));
  leaf.capabilities = mls::profile::capabilities();
  leaf.lifetime = mls::profile::lifetime(now_s());
  return mls::create_key_package(crypto::Suite::product(), leaf, key, last_resort, server.entropy);
}

Bytes Person::credential_of(const DeviceId& of, ByteView leaf_key) const {
  const auto certificate = keys::GenerationCertificate::sign(user, generation_, identity_);
  return keys::DeviceCredential::make(user, of, identity_.public_key, certificate, generation_, 3, leaf_key).encode();
}

Json Person::devices(std::uint64_t version, bool with_second) const {
  keys::DeviceList list;
  list.user = user;
  list.version = version;
  list.devices = {{device, leaf_key_.public_key}};
  Json added = Json::array();
  if (with_second) {
    DeviceId second;
    server.entropy.fill(second.value);
    const auto key = crypto::Suite::product().generate_signature_key(server.entropy);
    const Bytes credential = credential_of(second, key.public_key);
    const auto package = [&](bool last_resort) {
      return text(mls::encoded_message(key_package_of(key, credential, last_resort).key_package));
    };
    list.devices.push_back({second, key.public_key});
    added.push_back({{"device", second.text()},
                     {"name", "second"},
                     {"credential", text(credential)},
                     {"leaf_key", text(key.public_key)},
                     {"key_packages", {package(false)}},
                     {"last_resort", package(true)}});
  }
  list.sign(generation_);
  return {{"device_list", text(list.encode())}, {"added", added}};
}

Json Person::recovery_of(const Person& account) const {
  const Json change = account.devices(2, true);
  Json added = change.at("added").at(0);
  const keys::RecoveryStatement statement{
      .registration = to_bytes(registration),
      .user = account.user,
      .device = *DeviceId::from_text(added.at("device").get<std::string>()),
      .leaf_signature_key = from_base64url(added.at("leaf_key").get<std::string>()).value()};
  Json body{{"registration", registration},
            {"proof", proof},
            {"signature", text(statement.sign(account.identity_))},
            {"device_list", change.at("device_list")},
            {"key_packages", added.at("key_packages")},
            {"last_resort", added.at("last_resort")}};
  added.erase("key_packages");
  added.erase("last_resort");
  body["device"] = added;
  return body;
}

Json Person::revoking_others(std::uint64_t version) const {
  const auto next = keys::AccountGeneration::generate(1, server.entropy);
  const auto certificate =
      keys::GenerationCertificate::sign(user, generation_, identity_).next(next, generation_).value();
  keys::DeviceList list{.user = user, .version = version, .devices = {{device, leaf_key_.public_key}}};
  list.sign(next);
  return {{"device_list", text(list.encode())},
          {"added", Json::array()},
          {"generation", text(certificate.encode())},
          {"handed", Json::array()},
          {"sealed_generation", text(Bytes{1})}};
}

Json Person::account(std::size_t key_packages) {
  const auto certificate = keys::GenerationCertificate::sign(user, generation_, identity_);
  credential_ = credential_of(device, leaf_key_.public_key);
  keys::DeviceList list;
  list.user = user;
  list.version = 1;
  list.devices = {{device, leaf_key_.public_key}};
  list.sign(generation_);
  Json packages = Json::array();
  for (std::size_t i = 0; i < key_packages; ++i) packages.push_back(text(key_package(false)));
  return {{"registration", registration},
          {"proof", proof},
          {"name", "Person at " + phone},
          {"identity_key", text(identity_.public_key)},
          {"generation", text(certificate.encode())},
          {"device",
           {{"device", device.text()},
            {"name", "test"},
            {"credential", text(credential_)},
            {"leaf_key", text(leaf_key_.public_key)}}},
          {"device_list", text(list.encode())},
          {"key_packages", packages},
          {"last_resort", text(key_package(true))},
          {"sealed_generation", text(as_view("sealed"))}};
}

void Person::create(HttpClient& http) {
  const auto answer = http.post("/v1/accounts", account());
  KITH_CHECK(answer.status == 201);
  access_token = answer.json().at("access_token");
  refresh_token = answer.json().at("refresh_token");
}

Json Person::refresh_request(const std::string& token) const {
  const auto statement = domain::refresh_statement({user, device}, from_base64url(token).value());
  return {{"user", user.text()},
          {"device", device.text()},
          {"refresh_token", token},
          {"signature", text(crypto::Suite::product().sign(leaf_key_, statement))}};
}

mls::Group Person::new_group(const ConversationId& id, const mls::Extensions& extensions) const {
  mls::CreateOptions create;
  create.group_id = keys::group_id(id, 0);
  create.leaf.credential = mls::Credential::basic(credential_);
  create.leaf.capabilities = mls::profile::capabilities();
  create.leaf.lifetime = mls::profile::lifetime(now_s());
  create.extensions = extensions;
  auto founded = mls::Group::create(crypto::Suite::product(), create, leaf_key_, server.entropy);
  KITH_CHECK(founded.has_value());
  return *std::move(founded);
}

std::vector<wire::DeviceWelcome> Person::claim(const Person& peer, HttpClient& http, mls::CommitOptions& commit) const {
  const Json claimed =
      http.post("/v1/users/" + peer.user.text() + "/key_packages/claim", Json::object(), access_token).json();
  std::vector<wire::DeviceWelcome> welcomes;
  for (const auto& one : claimed.at("key_packages")) {
    const auto package = from_base64url(one.at("key_package").get<std::string>()).value();
    commit.adds.push_back(*mls::VerifiedKeyPackage::verify_message(package, crypto::Suite::product(), {}));
    welcomes.push_back(
        {.user = peer.user, .device = *DeviceId::from_text(one.at("device").get<std::string>()), .payload = {}});
  }
  return welcomes;
}

wire::CreateDirect Person::begin_direct(const Person& peer, HttpClient& http) {
  conversation = keys::direct_conversation(user, peer.user);
  const auto founded = new_group(conversation, {mls::profile::required_capabilities()});
  founding_ = founded.group_info(true);
  mls::CommitOptions commit;
  commit.tree_in_welcome = false;
  auto welcomes = claim(peer, http, commit);
  auto pending = founded.commit(commit, server.entropy);
  KITH_CHECK(pending.has_value());
  pending_ = std::move(*pending);
  for (auto& welcome : welcomes) welcome.payload = pending_->welcome;
  group = pending_->next;
  return {.peer = peer.user,
          .client_id = client_id(1),
          .payload = pending_->commit,
          .group_info = pending_->group_info,
          .welcomes = std::move(welcomes),
          .founding = founding_};
}

wire::FoundGroup Person::found_group() {
  conversation = keys::group_conversation(user, client_id(1));
  const auto founded = new_group(conversation, keys::group_extensions(keys::GroupPolicy::founded(user, client_id(1))));
  founding_ = founded.group_info(true);
  pending_ = founded.commit({}, server.entropy).value();
  group = pending_->next;
  return {.client_id = client_id(1),
          .payload = pending_->commit,
          .group_info = pending_->group_info,
          .founding = founding_};
}

wire::Commit Person::commit(const Change& change, HttpClient& http, std::uint8_t id) {
  mls::CommitOptions options;
  options.tree_in_welcome = false;
  std::vector<wire::DeviceWelcome> welcomes;
  for (const Person* peer : change.adds) {
    const auto theirs = claim(*peer, http, options);
    welcomes.insert(welcomes.end(), theirs.begin(), theirs.end());
  }
  for (const Person* peer : change.removes) {
    for (const auto& member : group->members()) {
      if (member.signature_key == peer->leaf_key_.public_key) options.removes.push_back(member.leaf);
    }
  }
  for (const auto& [peer, package] : change.brings_back) {
    options.adds.push_back(*mls::VerifiedKeyPackage::verify_message(package, crypto::Suite::product(), {}));
    welcomes.push_back({.user = peer->user, .device = peer->device, .payload = {}});
  }
  options.authenticated_data = keys::AuthenticatedData{.conversation = conversation,
                                                       .history_id = {},
                                                       .client_id = client_id(id),
                                                       .last_seq = {},
                                                       .extra = change.grounds.encode()}
                                   .encode();
  pending_ = group->commit(options, server.entropy).value();
  for (auto& welcome : welcomes) welcome.payload = pending_->welcome;
  return {.conversation = conversation,
          .client_id = client_id(id),
          .epoch = Epoch{group->epoch()},
          .payload = pending_->commit,
          .group_info = pending_->group_info,
          .welcomes = std::move(welcomes)};
}

void Person::follow(ByteView commit) { group = group->process(commit).value().next; }

void Person::join(const wire::Mail& welcome, const wire::Group& shown) {
  conversation = welcome.conversation;
  const Bytes tree = mls::ratchet_tree_of(shown.nodes);
  for (const auto& package : key_packages_) {
    auto joined = mls::Group::join(welcome.payload, package, leaf_key_, {.tree = tree});
    if (joined) group = *std::move(joined);
  }
}

wire::Leave Person::leave() {
  keys::LeaveNote note{.group_id = keys::group_id(conversation, 0),
                       .user = user,
                       .device = device,
                       .encryption_key = group->own_leaf_node().encryption_key};
  note.sign(leaf_key_);
  note_ = note.encode();
  return {.conversation = conversation, .note = note_};
}

wire::MarkBroken Person::mark_broken() {
  replacement_ = key_package(false);
  keys::BrokenMark mark{.group_id = keys::group_id(conversation, 0),
                        .user = user,
                        .device = device,
                        .encryption_key = group->own_leaf_node().encryption_key,
                        .replacement = key_packages_.back().key_package.leaf.encryption_key};
  mark.sign(leaf_key_);
  mark_ = mark.encode();
  return {.conversation = conversation, .mark = mark_, .key_package = replacement_};
}

wire::Append Person::message(std::string_view words, std::uint8_t id) {
  payload_ = group->protect({}, as_view(words), server.entropy).value();
  return {
      .conversation = conversation, .client_id = client_id(id), .epoch = Epoch{group->epoch()}, .payload = payload_};
}

Person registered(RunningServer& server, const std::string& phone) {
  Person person(server, phone);
  HttpClient http(server.port());
  person.create(http);
  return person;
}

}  // namespace kith::server::edge::test
