// What the model server answers over HTTP: accounts and their tokens, key packages, and the way to its other parts.
#include <algorithm>

#include "tests/support/model_server.h"

namespace kith::test {

using Json = nlohmann::json;

namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/') {
      part.push_back(c);
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

}  // namespace

Json ModelServer::tokens_for(const Device& device) {
  const std::string access = "access-" + std::to_string(++next_id_);
  const std::string refresh = to_base64url(as_view("refresh-" + std::to_string(++next_id_)));
  access_[access] = {device, now_ms + access_life_ms};
  refresh_[device] = {refresh, refresh_[device].first};
  see(device);
  return {{"access_token", access}, {"expires_in_ms", access_life_ms}, {"refresh_token", refresh}};
}

ModelServer::HttpReply ModelServer::http(const std::string& method, const std::string& path, const std::string& bearer,
                                         const std::string& body) {
  if (fail_http_with != 0) return no(fail_http_with, "overloaded");
  const auto token = access_.find(bearer);
  const bool known = token != access_.end() && token->second.second > now_ms;
  return route(method, path, known ? &token->second.first : nullptr, Json::parse(body, nullptr, false));
}

ModelServer::HttpReply ModelServer::route(const std::string& method, const std::string& path, const Device* caller,
                                          const Json& body) {
  const auto parts = split(path);
  if (path == "/v1/registrations") {
    const std::string id = "registration-" + std::to_string(++next_id_);
    registrations_[id].address = body.value("phone", body.value("email", ""));
    return ok({{"registration", id}, {"resend_after_ms", 30'000}, {"expires_in_ms", 600'000}}, 201);
  }
  if (parts.size() == 4 && parts[1] == "registrations") {
    if (!registrations_.contains(parts[2])) return no(404, "not_found");
    if (parts[3] == "resend")
      return ok({{"registration", parts[2]}, {"resend_after_ms", 30'000}, {"expires_in_ms", 600'000}});
    Registration& registration = registrations_[parts[2]];
    if (body.value("code", "") != code)
      return {403, Json{{"error", "wrong_code"}, {"message", ""}, {"attempts_left", 4}}.dump()};
    if (registration.user == UserId{}) {
      const std::uint64_t number = ++next_id_;
      for (int i = 0; i < 8; ++i)
        registration.user.value[static_cast<std::size_t>(i) + 8] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    const auto owner = by_address_.find(registration.address);
    return ok({{"user", registration.user.text()},
               {"proof", "proof"},
               {"account", owner == by_address_.end() ? Json() : Json(owner->second.text())}});
  }
  if (path == "/v1/accounts") return create_account(body);
  if (parts.size() >= 2 && parts[1] == "recoveries") return recover(body, parts.size() == 3);
  if (path == "/v1/tokens") {
    const Device device{UserId::from_text(body.value("user", "")).value_or(UserId{}),
                        DeviceId::from_text(body.value("device", "")).value_or(DeviceId{})};
    if (removed_.contains(device)) return no(401, "device_removed");
    const auto at = refresh_.find(device);
    const std::string token = body.value("refresh_token", "");
    if (at == refresh_.end() || (token != at->second.first && token != at->second.second))
      return no(401, "refresh_unknown");
    if (token == at->second.first) return ok(tokens_for(device));
    // The predecessor again: its answer was lost. It stays the predecessor.
    Json tokens = tokens_for(device);
    refresh_[device].second = token;
    return ok(tokens);
  }
  if (parts.size() > 1 && parts[1] == "links") return links(method, parts, caller, body);
  if (caller == nullptr) return no(401, "unauthenticated");
  if (parts.size() > 1 && parts[1] == "devices") return own_devices(method, parts, *caller, body);
  if (path == "/v1/me/pin") {
    if (method == "GET") return ok({{"is_set", !accounts_[caller->first].pin.empty()}});
    const Json pin = body.value("pin", Json());
    accounts_[caller->first].pin = pin.is_string() ? pin.get<std::string>() : "";
    return ok(Json::object());
  }
  if (path == "/v1/me" && method == "PUT") {
    accounts_[caller->first].name = body.value("name", "");
    return ok({{"user", caller->first.text()}, {"name", accounts_[caller->first].name}});
  }
  if (path == "/v1/key_packages") {
    auto& pool = key_packages_[*caller];
    if (method == "POST") {
      if (body.contains("last_resort")) last_resort_[*caller] = body["last_resort"];
      for (const Json& item : body["key_packages"]) pool.push_back(item);
    }
    return ok({{"available", pool.size()}});
  }
  const auto profile = [&](const UserId& user) {
    return Json{{"user", user.text()}, {"name", accounts_[user].name}, {"identity_key", accounts_[user].identity_key}};
  };
  if (path == "/v1/contacts/find") {
    const auto at = by_address_.find(body.value("phone", body.value("email", "")));
    return at == by_address_.end() ? no(404, "not_found") : ok(profile(at->second));
  }
  if (parts.size() >= 3 && parts[1] == "users") {
    const auto user = UserId::from_text(parts[2]);
    if (!user || !accounts_.contains(*user)) return no(404, "not_found");
    if (parts.size() == 3) return ok(profile(*user));
    if (parts[3] == "key_packages") return claim(*user, *caller);
    const Account& account = accounts_[*user];
    Json devices = Json::array();
    for (const auto& [id, device] : account.devices) devices.push_back(device);
    return ok({{"identity_key", account.identity_key},
               {"generation", account.generation},
               {"device_list", account.device_list},
               {"devices", devices}});
  }
  return no(404, "not_found");
}

std::optional<ModelServer::HttpReply> ModelServer::locked(const Registration& registration, const std::string& pin) {
  constexpr int kAttempts = 5;
  const auto owner = by_address_.find(registration.address);
  if (owner == by_address_.end() || accounts_[owner->second].pin.empty()) return std::nullopt;
  Account& account = accounts_[owner->second];
  const auto refused = [](int status, const char* error, const char* field, int value) {
    return HttpReply{status, Json{{"error", error}, {"message", "locked"}, {field, value}}.dump()};
  };
  if (pin.empty()) return no(403, "pin_needed");
  if (account.wrong_pins >= kAttempts) return refused(429, "pin_paused", "retry_after_ms", 60'000);
  if (pin == account.pin) return std::nullopt;
  ++account.wrong_pins;
  return refused(403, "wrong_pin", "attempts_left", kAttempts - account.wrong_pins);
}

ModelServer::HttpReply ModelServer::create_account(const Json& body) {
  Registration& registration = registrations_[body.value("registration", "")];
  if (registration.user == UserId{}) return no(401, "unauthenticated");
  // The same request again, with its PIN or without: the answer was lost.
  Json request = body;
  request.erase("pin");
  const std::string raw = request.dump();
  if (registration.answered_body == raw) return {201, registration.answer};
  if (!registration.answered_body.empty()) return no(401, "unauthenticated");
  if (const auto refused = locked(registration, body.value("pin", ""))) return *refused;
  const auto device = DeviceId::from_text(body["device"].value("device", ""));
  Account& account = accounts_[registration.user];
  account.name = body.value("name", "");
  account.identity_key = body.value("identity_key", "");
  account.generation = body.value("generation", "");
  account.device_list = body.value("device_list", "");
  account.sealed_generation = body.value("sealed_generation", "");
  account.devices[*device] = body["device"];
  account.devices[*device]["added_at_ms"] = now_ms;
  const Device key{registration.user, *device};
  for (const Json& item : body["key_packages"]) key_packages_[key].push_back(item);
  last_resort_[key] = body.value("last_resort", "");
  by_address_[registration.address] = registration.user;
  registration.answered_body = raw;
  registration.answer = grant(key).body;
  return {201, registration.answer};
}

ModelServer::HttpReply ModelServer::grant(const Device& device) {
  Json answer = tokens_for(device);
  answer["user"] = device.first.text();
  answer["device"] = device.second.text();
  return ok(answer, 201);
}

void ModelServer::see(const Device& device) {
  constexpr std::int64_t kHourMs = 3'600'000;
  auto& devices = accounts_[device.first].devices;
  const auto at = devices.find(device.second);
  if (at != devices.end()) at->second["last_seen_ms"] = now_ms / kHourMs * kHourMs;
}

ModelServer::HttpReply ModelServer::claim(const UserId& user, const Device& caller) {
  Json packages = Json::array();
  for (const auto& [id, json] : accounts_[user].devices) {
    const Device device{user, id};
    if (device == caller) continue;
    auto& pool = key_packages_[device];
    const bool last = pool.empty();
    packages.push_back(
        {{"device", id.text()}, {"key_package", last ? last_resort_[device] : pool.front()}, {"last_resort", last}});
    if (!last) pool.pop_front();
  }
  return ok({{"key_packages", packages}});
}

}  // namespace kith::test
