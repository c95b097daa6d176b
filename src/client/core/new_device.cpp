#include "client/core/new_device.h"

#include <algorithm>

#include "client/core/machine.h"

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
  step_ = record_->coming.request.empty() ? Step::offering : Step::joining;
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
    return machine_.account.exists() || machine_.registration.is_under_way() || machine_.recovery.is_under_way() ||
           step_ == Step::joining;
  };
  if (wrong_stage()) return reply.failed("wrong_stage", "There is an account already, or one is coming.");
  const auto asked = address_field(command);
  const std::string device_name = text_field(command, "device_name").value_or("");
  if (!asked) return reply.failed("invalid_argument", "A phone number or an e-mail address is needed.");
  if (!is_plain_name(device_name))
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
                            .offer = {},
                            .coming = {.device_name = device_name}};
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
  machine_.archive.forget();
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
  make_code(answer, before.address, before.coming.device_name);
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
  const auto prepared = machine_.coming_in.prepare(record_->coming, answer, {{"token", to_base64url(record_->token)}});
  if (!prepared) {
    forget_keys();
    return refuse(prepared.error().detail);
  }
  store();
  step_ = Step::joining;
  later(0);
}

void NewDevice::make_keys(const keys::LinkedAccount& account) {
  DeviceId device;
  machine_.entropy.fill(device.value);
  machine_.coming_in.certify({.user = account.user,
                              .name = account.name,
                              .identity_key = account.identity_key,
                              .certificate = account.certificate,
                              .generation_secret = account.generation_secret,
                              .recovery_box = to_bytes(account.recovery_box)},
                             device, crypto::Suite::product().generate_signature_key(machine_.entropy));
  record_->coming.by = account.by;
  record_->coming.list_floor = account.list_version;
  machine_.contacts.adopt(account.people);
  machine_.chats.foretell(account.groups);
  machine_.sync.adopt(account.history);
  machine_.archive.adopt(account.history, {account.archive_seq, account.archive_chain});
}

void NewDevice::join() {
  busy_ = true;
  machine_.http.send_text("POST", path() + "/device", {}, std::string(as_text(record_->coming.request)),
                          for_this_code(&NewDevice::joined));
}

void NewDevice::joined(const HttpAnswer& answer) {
  if (step_ != Step::joining) return;
  if (machine_.coming_in.let_in(answer)) {
    record_.reset();
    step_ = Step::idle;
    return machine_.erase(row_key::link());
  }
  if (answer.ok() || answer.is_transient()) return later(std::max(answer.retry_after_ms(), kPollMs));
  machine_.coming_in.withdraw(record_->coming);
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
  machine_.archive.forget();
  AccountRecord record;
  record.stage = Stage::linking;
  record.address = record_->address;
  machine_.account.change(std::move(record));
}

}  // namespace kith::client
