// The model server's part in linking a device, in recovery, and in what people see and change of their own devices.
#include "keys/handed_generation.h"
#include "tests/support/model_server.h"

namespace kith::test {

namespace {

using Json = ModelServer::Json;

constexpr std::int64_t kLinkLifeMs = 600'000;

template <class T>
auto decoded(const Json& text) {
  const auto bytes = text.is_string() ? from_base64url(text.get<std::string>()) : std::nullopt;
  return T::decode(bytes.value_or(Bytes{}));
}

}  // namespace

ModelServer::HttpReply ModelServer::links(const std::string& method, const std::vector<std::string>& path,
                                          const Device* caller, const Json& body) {
  if (path.size() == 2) {
    return ok({{"address", body.value("phone", body.value("email", ""))}, {"expires_at_ms", now_ms + kLinkLifeMs}});
  }
  std::erase_if(links_, [&](const auto& at) {
    const Link& link = at.second;
    return link.expires_at_ms <= now_ms ||
           (link.claimer && !accounts_[link.claimer->first].devices.contains(link.claimer->second));
  });
  if (method == "PUT") return put_link(path[2], body);
  const std::string what = path.size() == 4 ? path[3] : "";
  const bool is_claimers = what == "claim" || what == "finish";
  if (is_claimers && caller == nullptr) return no(401, "unauthenticated");
  const auto at = links_.find(path[2]);
  if (at == links_.end()) return no(404, "not_found");
  Link& link = at->second;
  if (is_claimers) {
    const auto owner = by_address_.find(link.address);
    if (owner == by_address_.end() || owner->second != caller->first) return no(409, "link_foreign");
    if (what == "claim" && !link.claimer) link.claimer = *caller;
    if (!link.claimer) return no(404, "not_found");
    if (link.claimer != *caller) return no(409, "link_used");
    if (what == "claim") return ok({{"offer", link.offer}, {"expires_at_ms", link.expires_at_ms}});
    const std::string sealed = body.value("sealed", "");
    if (link.sealed.empty()) link.sealed = sealed;
    return ok(Json::object());
  }
  if (body.value("token", "") != link.token) return no(404, "not_found");
  if (what == "device") return link_device(link, body);
  if (link.sealed.empty()) return ok({{"state", link.claimer ? "claimed" : "waiting"}});
  return ok({{"state", "finished"},
             {"user", link.claimer->first.text()},
             {"sealed", link.sealed},
             {"device_list", accounts_[link.claimer->first].device_list}});
}

std::vector<DeviceId> ModelServer::devices_of(const UserId& user) const {
  std::vector<DeviceId> ids;
  for (const auto& [id, device] : accounts_.at(user).devices) ids.push_back(id);
  return ids;
}

ModelServer::HttpReply ModelServer::put_link(const std::string& name, const Json& body) {
  const Link link{.address = body.value("phone", body.value("email", "")),
                  .token = body.value("token", ""),
                  .offer = body.value("offer", ""),
                  .sealed = "",
                  .expires_at_ms = body.value("expires_at_ms", std::int64_t{0}),
                  .claimer = std::nullopt,
                  .device = nullptr};
  if (link.expires_at_ms <= now_ms || link.expires_at_ms > now_ms + kLinkLifeMs) return no(400, "invalid_argument");
  const Link& known = links_.try_emplace(name, link).first->second;
  const bool is_same = known.token == link.token && known.offer == link.offer &&
                       known.expires_at_ms == link.expires_at_ms && known.address == link.address;
  return is_same ? ok(Json::object(), 201) : no(409, "link_known");
}

ModelServer::HttpReply ModelServer::link_device(Link& link, const Json& body) {
  if (link.sealed.empty()) return no(404, "not_found");
  Json device = body.value("device", Json::object());
  const UserId user = link.claimer->first;
  const Device key{user, DeviceId::from_text(device.value("device", "")).value_or(DeviceId{})};
  if (!link.device.is_null()) {
    const bool is_same = link.device["device"] == device["device"] && link.device["leaf_key"] == device["leaf_key"];
    return is_same ? grant(key) : no(409, "link_used");
  }
  for (const char* field : {"key_packages", "last_resort"}) device[field] = body[field];
  HttpReply changed = change_devices(user, body, {device});
  if (changed.status != 200) return changed;
  link.device = std::move(device);
  return grant(key);
}

ModelServer::HttpReply ModelServer::recover(const Json& body, bool comes) {
  const auto registration = registrations_.find(body.value("registration", ""));
  if (registration == registrations_.end() || body.value("proof", "") != "proof") return no(404, "not_found");
  const auto owner = by_address_.find(registration->second.address);
  if (owner == by_address_.end()) return no(404, "not_found");
  const UserId user = owner->second;
  Account& account = accounts_[user];
  Json device = body.value("device", Json::object());
  const DeviceId id = DeviceId::from_text(device.value("device", "")).value_or(DeviceId{});
  const keys::RecoveryStatement statement{
      .registration = to_bytes(registration->first),
      .user = user,
      .device = id,
      .leaf_signature_key = from_base64url(device.value("leaf_key", "")).value_or(Bytes{})};
  const auto signature = from_base64url(body.value("signature", "")).value_or(Bytes{});
  if (!statement.verify(from_base64url(account.identity_key).value(), keys::to_array<64>(signature)))
    return no(403, "wrong_recovery_key");
  if (!comes) {
    return ok({{"user", user.text()},
               {"name", account.name},
               {"identity_key", account.identity_key},
               {"generation", account.generation},
               {"sealed_generation", account.sealed_generation},
               {"sealed_root", account.sealed_root},
               {"device_list", account.device_list}});
  }
  const auto known = account.devices.find(id);
  if (known != account.devices.end() && known->second["leaf_key"] == device["leaf_key"]) return grant({user, id});
  for (const char* field : {"key_packages", "last_resort"}) device[field] = body[field];
  HttpReply changed = change_devices(user, body, {device});
  return changed.status == 200 ? grant({user, id}) : changed;
}

ModelServer::HttpReply ModelServer::own_devices(const std::string& method, const std::vector<std::string>& path,
                                                const Device& caller, const Json& body) {
  auto& devices = accounts_[caller.first].devices;
  if (path.size() == 3) {
    const auto at = devices.find(DeviceId::from_text(path[2]).value_or(DeviceId{}));
    if (at == devices.end()) return no(404, "not_found");
    at->second["name"] = body.value("name", "");
    return ok(Json::object());
  }
  if (method == "PUT") return change_devices(caller.first, body, body.value("added", Json::array()));
  Json all = Json::array();
  for (const auto& [id, device] : devices) {
    all.push_back({{"device", id.text()},
                   {"name", device.value("name", "")},
                   {"added_at_ms", device.value("added_at_ms", std::int64_t{0})},
                   {"last_seen_ms", device.value("last_seen_ms", std::int64_t{0})}});
  }
  return ok({{"devices", all}});
}

ModelServer::HttpReply ModelServer::change_devices(const UserId& user, const Json& change,
                                                   const std::vector<Json>& added) {
  Account& account = accounts_[user];
  if (change["device_list"] == account.device_list) return ok(Json::object());
  const auto now = decoded<keys::GenerationCertificate>(account.generation).value();
  const auto present = decoded<keys::DeviceList>(account.device_list).value();
  const auto list = decoded<keys::DeviceList>(change["device_list"]);
  if (list && list->version != present.version + 1) return no(409, "stale_device_list");
  const bool begins = change.contains("generation");
  const auto next = begins ? decoded<keys::GenerationCertificate>(change["generation"])
                           : keys::Result<keys::GenerationCertificate>(now);
  const bool follows = next && next->verify(from_base64url(account.identity_key).value()) && next->follows(now) &&
                       (next->generation > now.generation) == begins;
  if (!follows || !list || list->user != user || !list->verify(*next)) return no(400, "forged_certificate");
  const auto is_gone = [&](const keys::ListedDevice& device) { return list->find(device.device) == nullptr; };
  if (!begins && std::ranges::any_of(present.devices, is_gone)) return no(409, "generation_needed");
  std::vector<ListedDevice> listed;
  for (const Json& one : added) listed.push_back({*DeviceId::from_text(one.value("device", "")), ""});
  set_devices({*next, *list}, listed);
  if (begins) hand_over(user, change);
  for (const keys::ListedDevice& device : present.devices) {
    if (is_gone(device)) log_out({user, device.device});
  }
  for (const Json& one : added) {
    const Device key{user, *DeviceId::from_text(one.value("device", ""))};
    for (const Json& item : one["key_packages"]) key_packages_[key].push_back(item);
    last_resort_[key] = one.value("last_resort", "");
    Json& device = account.devices[key.second] = one;
    device.erase("key_packages");
    device["added_at_ms"] = now_ms;
  }
  return ok(Json::object());
}

}  // namespace kith::test
