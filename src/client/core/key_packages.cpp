#include "client/core/key_packages.h"

#include <algorithm>

#include "client/core/machine.h"
#include "mls/framing.h"

namespace kith::client {

namespace {
// Each look costs the server a renewal of tokens as well.
constexpr std::int64_t kLookPeriodMs = 60 * 60'000;
constexpr std::int64_t kRetryMs = 10 * 60'000;
constexpr std::int64_t kDayMs = 24 * 3'600'000;
// It holds for 90 days (mls/profile.h). Whether one reached the server is stored nowhere, so that there is time for
// another one before the one at the server ends.
constexpr std::int64_t kRenewedAfterMs = 40 * kDayMs;
// Nobody invites by one that is over; what was on its way then has come.
constexpr std::int64_t kKeptMs = 120 * kDayMs;
}  // namespace

bool KeyPackages::restore(ByteView ref, ByteView bytes) {
  auto mark = mls::decoded<KeyPackageMark>(bytes);
  if (!mark) return false;
  marks_.insert_or_assign(to_bytes(ref), *mark);
  return true;
}

Bytes KeyPackages::make(bool last_resort) { return make_one(last_resort).message; }

KeyPackages::Made KeyPackages::make_one(bool last_resort) {
  const auto made = mls::create_key_package(crypto::Suite::product(), machine_.account.leaf(),
                                            machine_.account.leaf_key(), last_resort, machine_.entropy);
  const KeyPackageMark mark{.last_resort = last_resort, .created_ms = machine_.now().value};
  marks_.insert_or_assign(made.ref, mark);
  machine_.put(row_key::key_package_mark(made.ref), mls::encoded_secret(mark));
  machine_.put(row_key::key_package(made.ref), mls::encoded_secret(made));
  return {made.ref, mls::encoded_message(made.key_package)};
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
  forget(ref);
  ++used_;
}

void KeyPackages::forget(const Bytes& ref) {
  machine_.erase(row_key::key_package_mark(ref));
  machine_.erase(row_key::key_package(ref));
  marks_.erase(ref);
}

void KeyPackages::forget_all() {
  while (!marks_.empty()) forget(Bytes(marks_.begin()->first));
  uploading_.reset();
}

void KeyPackages::drop_oldest() {
  const auto oldest = std::ranges::min_element(
      marks_, {}, [](const auto& m) { return std::pair(m.second.last_resort, m.second.created_ms); });
  if (oldest != marks_.end() && !oldest->second.last_resort) forget(Bytes(oldest->first));
}

// Only once the server has a new one, by which it agrees on what time it is; and while none of them may be needed for
// an invitation that lies there unread.
void KeyPackages::drop_outlived() {
  if (machine_.mailbox.has_mail()) return;
  std::vector<Bytes> outlived;
  for (const auto& [ref, mark] : marks_) {
    if (mark.last_resort && mark.created_ms + kKeptMs < machine_.now().value) outlived.push_back(ref);
  }
  for (const Bytes& ref : outlived) forget(ref);
}

bool KeyPackages::needs_last_resort() const {
  const std::int64_t old_ms = machine_.now().value - kRenewedAfterMs;
  return std::ranges::none_of(marks_,
                              [&](const auto& m) { return m.second.last_resort && m.second.created_ms > old_ms; });
}

void KeyPackages::look() {
  if (machine_.clock_ms() < next_look_ms_ && used_ < kWanted - kFew) return;
  next_look_ms_ = machine_.clock_ms() + kLookPeriodMs;
  used_ = 0;
  machine_.session.call("GET", "/v1/key_packages", {}, [this](const HttpAnswer& answer) {
    const auto available = number_field(answer.body, "available");
    if (answer.ok() && available && *available >= 0) return top_up(static_cast<std::size_t>(*available));
    next_look_ms_ = machine_.clock_ms() + kRetryMs;
  });
}

void KeyPackages::top_up(std::size_t available) {
  Json body = {{"key_packages", Json::array()}};
  for (std::size_t i = available; available < kFew && i < kWanted; ++i) {
    while (marks_.size() >= kMost) drop_oldest();
    body["key_packages"].push_back(to_base64url(make(false)));
  }
  if (!uploading_ && needs_last_resort()) uploading_ = make_one(true);
  if (uploading_) body["last_resort"] = to_base64url(uploading_->message);
  if (body["key_packages"].empty() && !uploading_) return;
  machine_.session.call("POST", "/v1/key_packages", body, [this](const HttpAnswer& answer) { answered(answer); });
}

// An answer that was lost is no answer: the same one goes out again at the next look.
void KeyPackages::answered(const HttpAnswer& answer) {
  if (!answer.ok()) next_look_ms_ = machine_.clock_ms() + kRetryMs;
  if (!uploading_) return;
  const bool is_there = answer.ok() || answer.error() == "key_package_known";
  if (!is_there && answer.is_transient()) return;
  if (!is_there) forget(uploading_->ref);
  uploading_.reset();
  if (is_there) drop_outlived();
}

}  // namespace kith::client
