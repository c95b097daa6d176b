// What a hostile server says of people and their devices: HTTP.
#include <algorithm>

#include "keys/device.h"
#include "keys/recovery_key.h"
#include "mls/profile.h"
#include "mls/welcome.h"
#include "tests/simulation/hostile_server.h"

namespace kith::sim {

namespace {
constexpr std::string_view kUsers = "/v1/users/";
constexpr std::size_t kMostKept = 8;

// "/v1/users/{user}/devices": the user and "devices"; empty where it is something else.
std::pair<std::string, std::string> asked_of(std::string_view path) {
  if (!path.starts_with(kUsers)) return {};
  path.remove_prefix(kUsers.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return {std::string(path), ""};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}
}  // namespace

// Whoever meets somebody for the first time can only believe it: nothing but comparing safety numbers helps.
bool HostileServer::knows(const Device& device, const std::string& user) const {
  return device.contacts.contains(user) || std::ranges::any_of(device.client.chats, [&](const auto& chat) {
           return chat.second.value("user", "") == user;
         });
}

// A device in somebody's name, with a chain of certificates that holds in itself.
void HostileServer::invent_device(const std::string& user, std::string_view what, Json& body) {
  const auto& suite = crypto::Suite::product();
  const UserId id = *UserId::from_text(user);
  DeviceId device;
  chance_.fill(device.value);
  const auto identity = keys::RecoveryKey::generate(chance_).identity_key();
  const auto generation = keys::AccountGeneration::generate(0, chance_);
  const auto certificate = keys::GenerationCertificate::sign(id, generation, identity);
  const auto key = suite.generate_signature_key(chance_);
  const auto credential = keys::DeviceCredential::make(id, device, identity.public_key, certificate, generation,
                                                       suite.id(), key.public_key);
  if (what == "devices") {
    body["devices"].push_back({{"device", device.text()},
                               {"credential", to_base64url(credential.encode())},
                               {"leaf_key", to_base64url(key.public_key)}});
    return;
  }
  mls::LeafParameters leaf;
  leaf.credential = mls::Credential::basic(credential.encode());
  leaf.capabilities = mls::profile::capabilities();
  leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world_.time.now_ms() / 1000));
  const auto package = mls::create_key_package(suite, leaf, key, false, chance_);
  Json item = {{"device", device.text()},
               {"key_package", to_base64url(mls::encoded_message(package.key_package))},
               {"last_resort", false}};
  Json& all = body["key_packages"];
  // Beside the others, in one's place, or under one's name.
  const auto how = chance_.below(3);
  if (how == 0 || all.empty()) return all.push_back(std::move(item));
  Json& one = all[chance_.below(all.size())];
  if (how == 2) item["device"] = one["device"];
  one = std::move(item);
}

void HostileServer::answer(const std::string& who, const client::HttpRequest& request, HttpAnswer& given) {
  const Device* victim = victim_named(who);
  if (world_.faults.is_over() || victim == nullptr || !victim->was_ready || given.status != 200) return;
  const auto [user, what] = asked_of(request.path);
  if (user.empty() || !UserId::from_text(user) || !knows(*victim, user)) return;
  Json body = Json::parse(given.body, nullptr, false);
  if (!body.is_object()) return;
  if (request.method == "GET" && what == "devices") {
    auto& known = directory_[request.path];
    if (known.empty() || known.back() != given.body) known.push_back(given.body);
    if (known.size() > kMostKept) known.erase(known.begin());
    if (const Course* course = lies(Fault::directory_aged, who)) body = Json::parse(known[course->how % known.size()]);
  }
  const bool has_devices = body.contains("key_packages") || body.contains("devices");
  if (has_devices && lies(Fault::device_invented, who) != nullptr) invent_device(user, what, body);
  if (body.contains("identity_key")) {
    if (const Course* course = lies(Fault::identity_invented, who)) {
      body["identity_key"] = to_base64url(Bytes(32, static_cast<std::uint8_t>(course->how)));
    }
  }
  given.body = body.dump();
}

}  // namespace kith::sim
