#include "client/core/generations.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "client/core/machine.h"
#include "keys/recovery_key.h"

namespace kith::client {

namespace {

std::string sentence(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text + ".";
}

// Of the command's recovery key; nothing where it has none.
keys::Result<std::optional<crypto::SignatureKeyPair>> identity_key_in(const Json& command) {
  if (!command.contains("recovery_key") || command["recovery_key"] == "") return std::nullopt;
  KITH_TRY(const auto key, recovery_key_in(command));
  return key.identity_key();
}

}  // namespace

bool Generations::restore(ByteView bytes) {
  auto record = mls::decoded<NextGenerationRecord>(bytes);
  if (!record) return false;
  record_ = *std::move(record);
  later(0);
  return true;
}

void Generations::later(std::int64_t after_ms) {
  busy_ = false;
  next_at_ = machine_.clock_ms() + std::min(after_ms, kMaxRetryMs);
}

void Generations::forget() {
  record_.reset();
  waiting_.clear();
  busy_ = asked_again_ = is_stale_ = false;
  next_at_ = 0;
  machine_.erase(row_key::next_generation());
}

void Generations::failed(const std::string& error, const std::string& message) {
  const auto waiting = std::exchange(waiting_, {});
  forget();
  for (const Reply& reply : waiting) reply.failed(error, message);
}

void Generations::failed(const HttpAnswer& answer) {
  const auto waiting = std::exchange(waiting_, {});
  forget();
  for (const Reply& reply : waiting) reply.failed(answer);
}

// ---- what the user wants ----

void Generations::revoke(const Reply& reply, const Json& command) {
  const auto device = id_field<DeviceId>(command, "device");
  if (!device) return reply.failed("invalid_argument", "A device is needed.");
  if (*device == machine_.account.device())
    return reply.failed("invalid_argument", "This device can be removed by another one only.");
  begin(reply, command, device);
}

void Generations::rotate(const Reply& reply, const Json& command) { begin(reply, command, std::nullopt); }

void Generations::begin(const Reply& reply, const Json& command, const std::optional<DeviceId>& revoked) {
  if (machine_.account.stage() != Stage::ready) return reply.failed("wrong_stage", "There is no account yet.");
  const auto identity_key = identity_key_in(command);
  if (!identity_key) return reply.failed(keys::name(identity_key.error().code), sentence(identity_key.error().detail));
  if (*identity_key && !same_bytes((*identity_key)->public_key, machine_.account.credential().identity_key))
    return reply.failed("wrong_recovery_key", "This is the recovery key of another account.");
  const bool is_the_same = record_ && record_->revoked == revoked &&
                           record_->certificate != machine_.account.credential().generation &&
                           (!*identity_key || record_->certificate.is_signed_by_identity());
  if (is_the_same) return waiting_.push_back(reply);
  if (record_) return reply.failed("wrong_stage", "Another change of your devices is under way.");
  // A device that was stolen can have begun keys that it hands to nobody; the recovery key does not wait for them.
  if (machine_.account.awaits_keys() && !*identity_key)
    return reply.failed("keys_awaited", "This device waits for the account's new keys from another one.");
  const keys::GenerationCertificate own = machine_.account.credential().generation;
  const auto& newest = machine_.account.record().newest_generation;
  const std::uint32_t last = std::max(own.generation, newest ? newest->generation : 0);
  const auto next = keys::AccountGeneration::generate(last + 1, machine_.entropy);
  const auto certificate = certificate_for(next, *identity_key);
  if (!certificate) return reply.failed(keys::name(certificate.error().code), sentence(certificate.error().detail));
  record_ = NextGenerationRecord{.revoked = revoked,
                                 .certificate = *certificate,
                                 .secret = to_secret(next.secret()),
                                 .list = {},
                                 .removes_unreachable = flag_field(command, "removes_unreachable")};
  waiting_.push_back(reply);
  look();
}

keys::Result<keys::GenerationCertificate> Generations::certificate_for(
    const keys::AccountGeneration& next, const std::optional<crypto::SignatureKeyPair>& identity_key) const {
  const AccountRecord& own = machine_.account.record();
  if (identity_key) return keys::GenerationCertificate::sign(own.user, next, *identity_key);
  KITH_TRY(const auto present, keys::AccountGeneration::from(own.generation, own.generation_secret));
  return machine_.account.credential().generation.next(next, present);
}

// ---- on the account's present list ----

void Generations::look() {
  busy_ = true;
  machine_.session.call("GET", "/v1/users/" + machine_.account.user().text() + "/devices", {},
                        [this](const HttpAnswer& answer) {
                          busy_ = false;
                          if (record_) looked(answer);
                        });
}

void Generations::looked(const HttpAnswer& answer) {
  const bool is_out = !record_->request.empty();
  // What has left may have arrived: that is to be known before it is given up.
  if (!answer.ok() && is_out) return later(std::max(answer.retry_after_ms(), kRetryMs));
  if (!answer.ok()) return failed(answer);
  const auto present = present_list(answer);
  if (!present) {
    // Another answer may have overtaken this one.
    if (!std::exchange(asked_again_, true)) return look();
    machine_.warn("device_list_refused",
                  "The server's list of your own devices does not hold: " + present.error() + ".");
    if (is_out) return later(kMaxRetryMs);
    return failed("forged_certificate", "The server's list of your own devices does not hold.");
  }
  const bool is_gone = !record_->revoked || present->list.find(*record_->revoked) == nullptr;
  if (is_out && is_gone && present->certificate.follows(record_->certificate)) return accepted();
  const keys::GenerationCertificate& begun = record_->certificate;
  const bool is_behind = begun.is_signed_by_identity()
                             ? begun.generation > present->certificate.generation && begun.follows(present->certificate)
                             : machine_.account.credential().generation.follows(present->certificate) &&
                                   begun.follows(present->certificate) && begun != present->certificate;
  if (!is_behind && present->certificate.follows(begun)) compare_at_ = 0;  // somebody was faster
  if (!is_behind)
    return failed("stale_device_list",
                  "Another of your devices has changed the account's keys. Try again in a moment.");
  if (record_->revoked && is_gone) return failed("not_found", "There is no such device.");
  claim(*present);
}

std::expected<keys::FollowedList, std::string> Generations::present_list(const HttpAnswer& answer) const {
  auto list = own_list(machine_, answer.body);
  if (list) return list;
  auto of_backup = list_of_backup(answer);
  return of_backup ? std::expected<keys::FollowedList, std::string>(*std::move(of_backup)) : list;
}

// Whoever is known to have gone since is still on a list of before, and has key packages at the server that shows it.
std::vector<keys::ListedDevice> Generations::staying(const keys::FollowedList& present) const {
  const Account& account = machine_.account;
  const bool is_of_backup = present.certificate.is_ended_by(account.credential().generation);
  auto devices = is_of_backup ? account.still_listed(present.list) : present.list.devices;
  std::erase_if(devices, [&](const keys::ListedDevice& device) { return device.device == record_->revoked; });
  return devices;
}

void Generations::claim(const keys::FollowedList& present) {
  std::vector<keys::ListedDevice> others = staying(present);
  std::erase_if(others, [&](const keys::ListedDevice& device) { return device.device == machine_.account.device(); });
  if (others.empty()) return make(present, {});
  busy_ = true;
  const std::string path = "/v1/users/" + machine_.account.user().text() + "/key_packages/claim";
  machine_.session.call("POST", path, Json::object(), [this, present, others](const HttpAnswer& answer) {
    busy_ = false;
    if (!record_) return;
    const bool has_to_be = !record_->request.empty();
    if (answer.error() == "no_key_package") return make(present, {});
    if (!answer.ok() && has_to_be) return later(std::max(answer.retry_after_ms(), kRetryMs));
    if (!answer.ok()) return failed(answer);
    const auto now_s = static_cast<std::uint64_t>(machine_.now().value / 1000);
    const auto packages = verified_claim(machine_.account.user(), machine_.account.credential().identity_key,
                                         present.list, answer.body, now_s);
    const bool has_all = packages && std::ranges::all_of(others, [&](const keys::ListedDevice& device) {
                           return std::ranges::count(*packages, device.device, &ClaimedPackage::device) > 0;
                         });
    if (packages && (has_all || asked_again_)) return make(present, *packages);
    // A device may have come or gone between the two answers.
    if (!std::exchange(asked_again_, true)) return look();
    machine_.warn("forged_certificate",
                  "The server's keys for your own devices do not hold: " + packages.error() + ".");
    failed("forged_certificate", "The keys that the server gave do not belong to your devices.");
  });
}

void Generations::make(const keys::FollowedList& present, const std::vector<ClaimedPackage>& packages) {
  const AccountRecord& own = machine_.account.record();
  const auto generation = keys::AccountGeneration::from(record_->certificate.generation, record_->secret).value();
  keys::DeviceList list = present.list;
  ++list.version;
  list.devices = staying(present);
  const auto has_package = [&](const keys::ListedDevice& device) {
    return device.device == own.device || std::ranges::count(packages, device.device, &ClaimedPackage::device) > 0;
  };
  if (record_->removes_unreachable)
    std::erase_if(list.devices, [&](const keys::ListedDevice& device) { return !has_package(device); });
  const bool has_all = std::ranges::all_of(list.devices, has_package);
  if (!has_all && waiting_.empty() && !std::exchange(said_unreachable_, true))
    machine_.warn("device_unreachable",
                  "The restored server has no key of one of your devices: until that one comes back or is removed, "
                  "this account's keys cannot be put there again.");
  if (!has_all)
    return failed("device_unreachable",
                  "One of your devices has left no key at the server: the new ones cannot be handed to it.");
  list.sign(generation);
  const keys::HandedGeneration handed{.certificate = record_->certificate,
                                      .secret = record_->secret,
                                      .archive = machine_.archive.end_for(record_->certificate.generation)};
  Json to = Json::array();
  for (const keys::ListedDevice& device : list.devices) {
    if (device.device == own.device) continue;
    const auto package = std::ranges::find(packages, device.device, &ClaimedPackage::device);
    const mls::KeyPackage& theirs = package->package.get();
    const auto sealed = handed.seal(theirs.init_key, {.user = own.user, .device = device.device}, machine_.entropy);
    if (!sealed) return failed("forged_certificate", "A key that the server gave for your device is none.");
    const keys::GenerationMail mail{.key_package = mls::key_package_ref(crypto::Suite::product(), theirs),
                                    .sealed = *sealed};
    to.push_back({{"device", device.device.text()}, {"sealed", to_base64url(mail.encode())}});
  }
  const auto for_recovery = handed.seal(own.recovery_box, {.user = own.user}, machine_.entropy);
  if (!for_recovery) return failed("internal", "The account's recovery box is no key.");
  record_->list = list;
  record_->request = dump({{"device_list", to_base64url(list.encode())},
                           {"added", Json::array()},
                           {"generation", to_base64url(record_->certificate.encode())},
                           {"handed", std::move(to)},
                           {"sealed_generation", to_base64url(*for_recovery)}});
  machine_.put(row_key::next_generation(), mls::encoded_secret(*record_));
  post();
}

// ---- at the server ----

void Generations::post() {
  busy_ = true;
  machine_.session.call("PUT", "/v1/devices", parse_object(record_->request), [this](const HttpAnswer& answer) {
    busy_ = false;
    if (record_) answered(answer);
  });
}

void Generations::answered(const HttpAnswer& answer) {
  if (answer.ok()) return accepted();
  if (answer.is_transient()) return later(std::max(answer.retry_after_ms(), kRetryMs));
  // Another list came first, or ours did and another one behind it.
  if (answer.error() != "stale_device_list") return failed(answer);
  is_stale_ = true;
  later(kRetryMs);
}

void Generations::accepted() {
  Account& account = machine_.account;
  if (account.awaits_keys()) machine_.archive.goes_on_behind(account.record().generation);
  if (account.credential().generation.is_ended_by(record_->certificate))
    account.adopt(record_->certificate, record_->secret, record_->list ? &*record_->list : nullptr);
  machine_.archive.writer.hurry();
  compare_at_ = 0;
  const auto waiting = std::exchange(waiting_, {});
  forget();
  for (const Reply& reply : waiting) reply.done({});
}

// ---- time ----

void Generations::tick() {
  look_for_outlived();
  if (compares_list() && machine_.clock_ms() >= compare_at_) compare_list();
  if (!record_ || busy_ || next_at_ == 0 || machine_.clock_ms() < next_at_ || !machine_.account.exists()) return;
  next_at_ = 0;
  record_->request.empty() || std::exchange(is_stale_, false) ? look() : post();
}

std::optional<std::int64_t> Generations::wake_at() const {
  if (!machine_.account.exists()) return std::nullopt;
  if (record_ && !busy_ && next_at_ != 0) return next_at_;
  if (compares_list()) return compare_at_;
  return outlived_at_ != 0 && !said_outlived_ ? std::optional(outlived_at_) : std::nullopt;
}

}  // namespace kith::client
