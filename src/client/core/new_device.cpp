#include "client/core/new_device.h"

#include <algorithm>
#include <limits>

#include "client/core/machine.h"
#include "keys/device.h"

namespace kith::client {

namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::int64_t kMaxPauseMs = 30'000;

bool is_device_name(const std::string& name) {
  return !name.empty() && name.size() <= keys::LinkOffer::kMaxDeviceNameBytes &&
         std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

Json address_in(const std::string& address) {
  return address.contains('@') ? Json{{"email", address}} : Json{{"phone", address}};
}

}  // namespace

bool NewDevice::restore(ByteView bytes) {
  auto record = mls::decoded<NewDeviceRecord>(bytes);
  if (!record) return false;
  record_ = *std::move(record);
  step_ = record_->request.empty() ? Step::offering : Step::joining;
  ends_at_ = machine_.clock_ms() + kLifeMs;
  later(0);
  return true;
}

void NewDevice::store() { machine_.put(row_key::link(), mls::encoded_secret(*record_)); }

void NewDevice::later(std::int64_t after_ms) {
  busy_ = false;
  next_at_ = machine_.clock_ms() + std::min(after_ms, kMaxPauseMs);
}

keys::LinkCode NewDevice::code() const {
  return keys::LinkCode::make(record_->public_key, record_->address, record_->expires_at_ms);
}

std::string NewDevice::path() const { return "/v1/links/" + to_hex(code().name()); }

Json NewDevice::json() const {
  if (!record_) return nullptr;
  const keys::LinkCode shown = code();
  return {{"code", shown.text()},
          {"qr", shown.qr_text()},
          {"confirmation", shown.confirmation()},
          {"expires_at", record_->expires_at_ms},
          {"is_taken_up", is_claimed_}};
}

// ---- the code ----

void NewDevice::begin(const Reply& reply, const Json& command) {
  const auto wrong_stage = [this] {
    return machine_.account.exists() || machine_.registration.is_under_way() || step_ == Step::joining;
  };
  if (wrong_stage()) return reply.failed("wrong_stage", "There is an account already, or one is coming.");
  const auto asked = address_field(command);
  const std::string device_name = text_field(command, "device_name").value_or("");
  if (!asked) return reply.failed("invalid_argument", "A phone number or an e-mail address is needed.");
  if (!is_device_name(device_name))
    return reply.failed("invalid_argument", "A name of 1 to 128 bytes for this device is needed.");
  machine_.http.send("POST", "/v1/links", {}, asked->body,
                     [this, reply, wrong_stage, typed = asked->typed, device_name](const HttpAnswer& answer) {
                       if (!answer.ok()) return reply.failed(answer);
                       if (wrong_stage()) return reply.failed("wrong_stage", "There is an account already.");
                       if (!number_field(answer.body, "expires_at_ms"))
                         return reply.failed("internal", "The server's answer cannot be read.");
                       codes_ = 0;
                       make_code(answer, typed, device_name);
                       reply.done({});
                     });
}

void NewDevice::make_code(const HttpAnswer& answer, const std::string& typed, const std::string& device_name) {
  const std::int64_t expires_at_ms = number_field(answer.body, "expires_at_ms").value_or(0);
  const auto key = crypto::Suite::product().generate_kem_key(machine_.entropy);
  record_ = NewDeviceRecord{.private_key = key.private_key,
                            .public_key = key.public_key,
                            .address = understood_address(answer.body, typed),
                            .expires_at_ms = expires_at_ms,
                            .token = crypto::random_secret(machine_.entropy, kTokenBytes),
                            .device_name = device_name,
                            .offer = {},
                            .by = {},
                            .request = {}};
  keys::LinkOffer offer{.key = {}, .expires_at_ms = expires_at_ms, .device_name = device_name};
  std::ranges::copy(key.public_key, offer.key.begin());
  record_->offer = offer.seal(code(), machine_.entropy);
  ++codes_;
  ends_at_ = machine_.clock_ms() + kLifeMs;
  is_claimed_ = false;
  step_ = Step::offering;
  store();
  AccountRecord account;
  account.stage = Stage::linking;
  account.address = record_->address;
  machine_.account.change(std::move(account));
  later(0);
}

void NewDevice::cancel(const Reply& reply) {
  if (machine_.account.stage() != Stage::linking || step_ == Step::joining)
    return reply.failed("wrong_stage", "No code is shown.");
  give_up();
  reply.done({});
}

void NewDevice::give_up() {
  record_.reset();
  step_ = Step::idle;
  busy_ = false;
  next_at_ = 0;
  machine_.erase(row_key::link());
  machine_.key_packages.forget_all();
  machine_.contacts.forget_all();
  machine_.chats.forget_foretold();
  machine_.account.change({});
}

void NewDevice::renew() {
  if (codes_ >= kMostCodes) {
    give_up();
    return machine_.warn("link_expired", "Nobody has used the code. Begin again when your other device is at hand.");
  }
  busy_ = true;
  machine_.http.send("POST", "/v1/links", {}, address_in(record_->address), for_this_code(&NewDevice::renewed));
}

void NewDevice::renewed(const HttpAnswer& answer) {
  if (!answer.ok() || !number_field(answer.body, "expires_at_ms")) {
    // What cannot be had now is asked for again.
    ends_at_ = machine_.clock_ms();
    return later(std::max(answer.retry_after_ms(), kPollMs));
  }
  const NewDeviceRecord before = *record_;
  make_code(answer, before.address, before.device_name);
}

HttpCalls::Handler NewDevice::for_this_code(void (NewDevice::*answered)(const HttpAnswer& answer)) {
  return [this, answered, offer = record_->offer](const HttpAnswer& answer) {
    if (!record_ || record_->offer != offer || machine_.account.stage() != Stage::linking) return;
    busy_ = false;
    (this->*answered)(answer);
  };
}

void NewDevice::refuse(const std::string& why) {
  machine_.warn("link_refused", "This device was not linked: " + why + ".");
  renew();
}

// ---- waiting for who takes it up ----

std::optional<std::int64_t> NewDevice::wake_at() const {
  return next_at_ != 0 && !busy_ ? std::optional(next_at_) : std::nullopt;
}

void NewDevice::tick() {
  if (!record_ || busy_ || next_at_ == 0 || machine_.clock_ms() < next_at_) return;
  next_at_ = 0;
  if (step_ == Step::joining) return join();
  // Whoever has taken it up in time may finish.
  if (machine_.clock_ms() >= ends_at_ + (is_claimed_ ? kGraceMs : 0)) return renew();
  step_ == Step::offering ? offer() : poll();
}

void NewDevice::offer() {
  busy_ = true;
  Json body = address_in(record_->address);
  body["token"] = to_base64url(record_->token);
  body["offer"] = to_base64url(record_->offer);
  body["expires_at_ms"] = record_->expires_at_ms;
  machine_.http.send("PUT", path(), {}, body, for_this_code(&NewDevice::offered));
}

void NewDevice::offered(const HttpAnswer& answer) {
  if (step_ != Step::offering) return;
  if (!answer.ok()) return answer.is_transient() ? later(std::max(answer.retry_after_ms(), kPollMs)) : renew();
  step_ = Step::waiting;
  later(kPollMs);
}

void NewDevice::poll() {
  busy_ = true;
  const Json body = {{"token", to_base64url(record_->token)}};
  machine_.http.send("POST", path() + "/poll", {}, body, for_this_code(&NewDevice::polled));
}

void NewDevice::polled(const HttpAnswer& answer) {
  if (step_ != Step::waiting) return;
  if (!answer.ok()) {
    if (answer.is_transient()) return later(std::max(answer.retry_after_ms(), kPollMs));
    return renew();
  }
  const auto state = text_field(answer.body, "state").value_or("");
  if (state == "finished") return take(answer.body);
  if (state == "claimed" && !std::exchange(is_claimed_, true)) machine_.account.show();
  later(kPollMs);
}

// ---- the account ----

keys::Result<keys::LinkedAccount> NewDevice::account_in(const Json& answer) const {
  const auto sealed = bytes_field(answer, "sealed");
  const auto user = id_field<UserId>(answer, "user");
  if (!sealed || !user) return fail(keys::Errc::malformed, "the server's answer cannot be read");
  KITH_TRY(auto account, keys::LinkedAccount::open(code(), {record_->private_key, record_->public_key}, *sealed));
  if (account.user != *user || account.address != record_->address)
    return fail(keys::Errc::link_foreign, "it is another account");
  return account;
}

void NewDevice::take(const Json& answer) {
  if (machine_.account.record().leaf_key.empty()) {
    const auto account = account_in(answer);
    if (!account) return refuse(account.error().detail);
    make_keys(*account);
  }
  auto present = present_list(answer);
  if (!present) return refuse(present.error().detail);
  const keys::DeviceList list = next_list(*std::move(present));
  record_->list_floor = list.version;
  ++record_->lists_signed;
  AccountRecord seen = machine_.account.record();
  seen.device_list = {list.generation, list.version};
  machine_.account.change(std::move(seen));
  const AccountRecord& own = machine_.account.record();
  const Json device = {{"device", own.device.text()},
                       {"name", record_->device_name},
                       {"credential", to_base64url(own.credential)},
                       {"leaf_key", to_base64url(machine_.account.leaf_key().public_key)}};
  Json body = {
      {"token", to_base64url(record_->token)}, {"device", device}, {"device_list", to_base64url(list.encode())}};
  machine_.key_packages.make_pool(body);
  record_->request = to_secret(as_view(dump(body)));
  store();
  step_ = Step::joining;
  later(0);
}

void NewDevice::make_keys(const keys::LinkedAccount& account) {
  const crypto::Suite suite = crypto::Suite::product();
  const crypto::SignatureKeyPair leaf = suite.generate_signature_key(machine_.entropy);
  const auto generation =
      keys::AccountGeneration::from(account.certificate.generation, account.generation_secret).value();
  AccountRecord record = machine_.account.record();
  machine_.entropy.fill(record.device.value);
  record.user = account.user;
  record.name = account.name;
  record.leaf_key = leaf.private_key;
  record.generation = account.certificate.generation;
  record.generation_secret = account.generation_secret;
  record.recovery_box = to_bytes(account.recovery_box);
  record.credential = keys::DeviceCredential::make(account.user, record.device, account.identity_key,
                                                   account.certificate, generation, suite.id(), leaf.public_key)
                          .encode();
  machine_.account.change(std::move(record));
  record_->by = account.by;
  record_->list_floor = account.list_version;
  machine_.contacts.adopt(account.people);
  machine_.chats.foretell(account.groups);
}

// The account's list as the server has it. One that has this device on it already is a list of this device's own: what
// the server does not take stays without a successor, so that it cannot climb by our signatures.
keys::Result<keys::DeviceList> NewDevice::present_list(const Json& answer) const {
  const AccountRecord& own = machine_.account.record();
  const auto present = bytes_field(answer, "device_list");
  if (!present) return fail(keys::Errc::malformed, "the server's answer cannot be read");
  KITH_TRY(auto list, keys::DeviceList::decode(*present));
  KITH_TRY(const auto credential, keys::DeviceCredential::decode(own.credential));
  KITH_TRY_VOID(list.verify(credential.generation));
  if (list.user != own.user) return fail(keys::Errc::wrong_user, "the device list is another account's");
  const bool is_old = list.version < record_->list_floor || list.find(record_->by) == nullptr;
  if (is_old || list.find(own.device) != nullptr || list.version == std::numeric_limits<std::uint64_t>::max())
    return fail(keys::Errc::bad_device_list, "the server shows an old device list");
  if (record_->lists_signed >= kMostLists) return fail(keys::Errc::too_many, "the device list changes all the time");
  if (list.devices.size() >= keys::DeviceList::kMaxDevices)
    return fail(keys::Errc::too_many, "the account has as many devices as it may");
  return list;
}

keys::DeviceList NewDevice::next_list(keys::DeviceList present) const {
  const AccountRecord& own = machine_.account.record();
  ++present.version;
  present.devices.push_back({own.device, machine_.account.leaf_key().public_key});
  present.sign(keys::AccountGeneration::from(own.generation, own.generation_secret).value());
  return present;
}

void NewDevice::join() {
  busy_ = true;
  machine_.http.send_text("POST", path() + "/device", {}, std::string(as_text(record_->request)),
                          for_this_code(&NewDevice::joined));
}

void NewDevice::joined(const HttpAnswer& answer) {
  if (step_ != Step::joining) return;
  const bool is_this = id_field<UserId>(answer.body, "user") == machine_.account.user() &&
                       id_field<DeviceId>(answer.body, "device") == machine_.account.device();
  if (answer.ok() && is_this && machine_.session.accept(answer.body)) {
    record_.reset();
    step_ = Step::idle;
    machine_.erase(row_key::link());
    AccountRecord record = machine_.account.record();
    record.stage = Stage::ready;
    machine_.account.change(std::move(record));
    return machine_.connection.wanted();
  }
  if (answer.ok() || answer.is_transient()) return later(std::max(answer.retry_after_ms(), kPollMs));
  machine_.key_packages.forget_all();
  record_->request.clear();
  step_ = Step::waiting;
  store();
  // Another device was faster with a list: this one goes behind it.
  if (answer.error() == "stale_device_list") return later(kPollMs);
  forget_keys();
  refuse(answer.message());
}

void NewDevice::forget_keys() {
  machine_.contacts.forget_all();
  machine_.chats.forget_foretold();
  AccountRecord record;
  record.stage = Stage::linking;
  record.address = record_->address;
  machine_.account.change(std::move(record));
}

}  // namespace kith::client
