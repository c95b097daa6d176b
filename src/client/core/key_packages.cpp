#include "client/core/key_packages.h"

#include <algorithm>

#include "client/core/machine.h"
#include "mls/framing.h"

namespace kith::client {

namespace {
constexpr std::int64_t kLookPeriodMs = 10 * 60'000;
}

bool KeyPackages::restore(ByteView ref, ByteView bytes) {
  auto mark = mls::decoded<KeyPackageMark>(bytes);
  if (!mark) return false;
  marks_.insert_or_assign(to_bytes(ref), *mark);
  return true;
}

Bytes KeyPackages::make(bool last_resort) {
  const auto made = mls::create_key_package(crypto::Suite::product(), machine_.account.leaf(),
                                            machine_.account.leaf_key(), last_resort, machine_.entropy);
  const KeyPackageMark mark{.last_resort = last_resort, .created_ms = machine_.now().value};
  marks_.insert_or_assign(made.ref, mark);
  machine_.put(row_key::key_package_mark(made.ref), mls::encoded_secret(mark));
  machine_.put(row_key::key_package(made.ref), mls::encoded_secret(made));
  return mls::encoded_message(made.key_package);
}

void KeyPackages::make_pool(Json& body) {
  Json packages = Json::array();
  for (std::size_t i = 0; i < kWanted; ++i) packages.push_back(to_base64url(make(false)));
  body["key_packages"] = std::move(packages);
  body["last_resort"] = to_base64url(make(true));
}

void KeyPackages::used(const Bytes& ref) {
  const auto at = marks_.find(ref);
  if (at == marks_.end() || at->second.last_resort) return;
  machine_.erase(row_key::key_package_mark(ref));
  machine_.erase(row_key::key_package(ref));
  marks_.erase(at);
}

void KeyPackages::forget_all() {
  for (const auto& [ref, mark] : marks_) {
    machine_.erase(row_key::key_package_mark(ref));
    machine_.erase(row_key::key_package(ref));
  }
  marks_.clear();
}

void KeyPackages::drop_oldest() {
  const auto oldest = std::ranges::min_element(
      marks_, {}, [](const auto& m) { return std::pair(m.second.last_resort, m.second.created_ms); });
  if (oldest != marks_.end()) used(Bytes(oldest->first));
}

void KeyPackages::online() {
  if (machine_.clock_ms() < next_look_ms_) return;
  next_look_ms_ = machine_.clock_ms() + kLookPeriodMs;
  machine_.session.call("GET", "/v1/key_packages", {}, [this](const HttpAnswer& answer) {
    const auto available = number_field(answer.body, "available");
    if (!answer.ok() || !available || static_cast<std::size_t>(*available) >= kFew) return;
    Json packages = Json::array();
    for (auto i = static_cast<std::size_t>(*available); i < kWanted; ++i) {
      while (marks_.size() >= kMost) drop_oldest();
      packages.push_back(to_base64url(make(false)));
    }
    machine_.session.call("POST", "/v1/key_packages", {{"key_packages", std::move(packages)}},
                          [](const HttpAnswer&) {});
  });
}

}  // namespace kith::client
