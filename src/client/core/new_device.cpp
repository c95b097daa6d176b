#include "client/core/new_device.h"

#include <algorithm>

#include "client/core/machine.h"
#include "keys/device.h"

namespace kith::client {

namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::int64_t kMaxPauseMs = 30'000;

Json address_in(const std::string& address) {
  return address.contains('@') ? Json{{"email", address}} : Json{{"phone", address}};
}

}  // namespace

bool NewDevice::restore(ByteView bytes) {
  auto record = mls::decoded<NewDeviceRecord>(bytes);
  if (!record) return false;
  record_ = *std::move(record);
  step_ = record_->request.empty() ? Step::offering : Step::joining;
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
  if (machine_.account.exists() || machine_.registration.is_under_way())
    return reply.failed("wrong_stage", "There is an account already.");
  const auto asked = address_field(command);
  const std::string device_name = text_field(command, "device_name").value_or("");
  if (!asked || device_name.size() > keys::LinkOffer::kMaxDeviceNameBytes)
    return reply.failed("invalid_argument", "A phone number or an e-mail address is needed.");
  machine_.http.send("POST", "/v1/links", {}, asked->body,
                     [this, reply, typed = asked->typed, device_name](const HttpAnswer& answer) {
                       if (!answer.ok()) return reply.failed(answer);
                       if (machine_.account.exists() || machine_.registration.is_under_way())
                         return reply.failed("wrong_stage", "There is an account already.");
                       codes_ = 0;
                       make_code(answer, typed, device_name);
                       record_ ? reply.done({}) : reply.failed("internal", "The server's answer cannot be read.");
                     });
}

void NewDevice::make_code(const HttpAnswer& answer, const std::string& typed, const std::string& device_name) {
  record_.reset();
  const auto expires = number_field(answer.body, "expires_at_ms");
  if (!expires) return;
  const auto key = crypto::Suite::product().generate_kem_key(machine_.entropy);
  record_ = NewDeviceRecord{.private_key = key.private_key,
                       .public_key = key.public_key,
                       .address = understood_address(answer.body, typed),
                       .expires_at_ms = *expires,
                       .token = crypto::random_secret(machine_.entropy, kTokenBytes),
                       .device_name = device_name,
                       .offer = {},
                       .request = {}};
  keys::LinkOffer offer{.key = {}, .expires_at_ms = *expires, .device_name = device_name};
  std::ranges::copy(key.public_key, offer.key.begin());
  record_->offer = offer.seal(code(), machine_.entropy);
  ++codes_;
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
  machine_.account.change({});
}

void NewDevice::renew() {
  if (codes_ >= kMostCodes) {
    give_up();
    return machine_.warn("link_expired", "Nobody has used the code. Begin again when your other device is at hand.");
  }
  busy_ = true;
  const auto then = [this, typed = record_->address, name = record_->device_name](const HttpAnswer& answer) {
    busy_ = false;
    if (!record_ || machine_.account.stage() != Stage::linking) return;
    if (!answer.ok()) return later(std::max(answer.retry_after_ms(), kPollMs));
    const NewDeviceRecord before = *record_;
    make_code(answer, typed, name);
    if (!record_) record_ = before;
    later(record_->offer == before.offer ? kMaxPauseMs : 0);
  };
  machine_.http.send("POST", "/v1/links", {}, address_in(record_->address), then);
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
  // Whoever has taken it up in time may finish.
  const bool is_over = machine_.now().value >= record_->expires_at_ms && !is_claimed_;
  if (step_ == Step::joining) return join();
  if (is_over) return renew();
  step_ == Step::offering ? offer() : poll();
}

void NewDevice::offer() {
  busy_ = true;
  const Json body = {{"token", to_base64url(record_->token)},
                     {"offer", to_base64url(record_->offer)},
                     {"expires_at_ms", record_->expires_at_ms}};
  machine_.http.send("PUT", path(), {}, body, [this](const HttpAnswer& answer) { offered(answer); });
}

void NewDevice::offered(const HttpAnswer& answer) {
  busy_ = false;
  if (!record_ || step_ != Step::offering) return;
  if (!answer.ok()) return answer.is_transient() ? later(std::max(answer.retry_after_ms(), kPollMs)) : renew();
  step_ = Step::waiting;
  later(kPollMs);
}

void NewDevice::poll() {
  busy_ = true;
  const Json body = {{"token", to_base64url(record_->token)}};
  machine_.http.send("POST", path() + "/poll", {}, body, [this](const HttpAnswer& answer) { polled(answer); });
}

void NewDevice::polled(const HttpAnswer& answer) {
  busy_ = false;
  if (!record_ || step_ == Step::idle || step_ == Step::offering) return;
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
  auto list = next_list(answer);
  if (!list) return refuse(list.error().detail);
  const AccountRecord& own = machine_.account.record();
  const Json device = {{"device", own.device.text()},
                       {"name", record_->device_name},
                       {"credential", to_base64url(own.credential)},
                       {"leaf_key", to_base64url(machine_.account.leaf_key().public_key)}};
  Json body = {
      {"token", to_base64url(record_->token)}, {"device", device}, {"device_list", to_base64url(list->encode())}};
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
  record.credential = keys::DeviceCredential::make(account.user, record.device, account.identity_key,
                                                   account.certificate, generation, suite.id(), leaf.public_key)
                          .encode();
  machine_.account.change(std::move(record));
}

// The account's list as the server has it, with this device on it.
keys::Result<keys::DeviceList> NewDevice::next_list(const Json& answer) const {
  const AccountRecord& own = machine_.account.record();
  const auto present = bytes_field(answer, "device_list");
  if (!present) return fail(keys::Errc::malformed, "the server's answer cannot be read");
  KITH_TRY(auto list, keys::DeviceList::decode(*present));
  KITH_TRY(const auto credential, keys::DeviceCredential::decode(own.credential));
  KITH_TRY_VOID(list.verify(credential.generation));
  if (list.user != own.user) return fail(keys::Errc::wrong_user, "the device list is another account's");
  if (list.devices.size() >= keys::DeviceList::kMaxDevices)
    return fail(keys::Errc::too_many, "the account has as many devices as it may");
  ++list.version;
  std::erase_if(list.devices, [&](const keys::ListedDevice& device) { return device.device == own.device; });
  list.devices.push_back({own.device, machine_.account.leaf_key().public_key});
  KITH_TRY(const auto generation, keys::AccountGeneration::from(own.generation, own.generation_secret));
  list.sign(generation);
  return list;
}

void NewDevice::join() {
  busy_ = true;
  machine_.http.send_text("POST", path() + "/device", {}, std::string(as_text(record_->request)),
                          [this](const HttpAnswer& answer) { joined(answer); });
}

void NewDevice::joined(const HttpAnswer& answer) {
  busy_ = false;
  if (!record_ || step_ != Step::joining) return;
  if (answer.ok() && machine_.session.accept(answer.body)) {
    record_.reset();
    step_ = Step::idle;
    machine_.erase(row_key::link());
    AccountRecord record = machine_.account.record();
    record.stage = Stage::ready;
    machine_.account.change(std::move(record));
    machine_.arrivals.hurry();
    return machine_.connection.wanted();
  }
  if (answer.ok() || answer.is_transient()) return later(std::max(answer.retry_after_ms(), kPollMs));
  // Another device was faster with a list: this one goes behind it.
  if (answer.error() == "stale_device_list") {
    machine_.key_packages.forget_all();
    record_->request.clear();
    step_ = Step::waiting;
    return poll();
  }
  record_->request.clear();
  machine_.key_packages.forget_all();
  AccountRecord record;
  record.stage = Stage::linking;
  record.address = record_->address;
  machine_.account.change(std::move(record));
  refuse(answer.message());
}

}  // namespace kith::client
