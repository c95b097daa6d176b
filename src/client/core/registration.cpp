#include "client/core/registration.h"

#include <algorithm>

#include "client/core/machine.h"
#include "client/core/seen_lists.h"
#include "keys/device.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"

namespace kith::client {

namespace {

constexpr std::size_t kMaxNameBytes = 128;

// As written on paper, so that case and look-alikes do not matter.
std::string normal_group(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    out.push_back(c);
  }
  return out;
}

// The server has looked at the lock of the address' account, and made none.
bool is_about_pin(const std::string& error) {
  return error == "pin_needed" || error == "wrong_pin" || error == "pin_paused";
}

// With another name or PIN, or later, the same proof makes an account.
bool may_be_asked_again(const std::string& error) { return error == "invalid_argument" || is_about_pin(error); }

bool is_name(const std::string& name) { return !name.empty() && name.size() <= kMaxNameBytes; }

}  // namespace

void Registration::register_address(const Reply& reply, const Json& command) {
  if (machine_.account.stage() == Stage::linking)
    return reply.failed("wrong_stage", "This device is about to be linked.");
  if (machine_.account.exists() || !creation_.empty() || machine_.recovery.is_under_way())
    return reply.failed("wrong_stage", "There is an account already.");
  const auto asked = address_field(command);
  if (!asked) return reply.failed("invalid_argument", "A phone number or an e-mail address is needed.");
  machine_.http.send(
      "POST", "/v1/registrations", {}, asked->body,
      [this, reply, address = asked->typed](const HttpAnswer& answer) { code_sent(reply, answer, address); });
}

void Registration::resend_code(const Reply& reply) {
  const AccountRecord& record = machine_.account.record();
  if (record.stage != Stage::code) return reply.failed("wrong_stage", "No code is being waited for.");
  machine_.http.send(
      "POST", "/v1/registrations/" + record.registration + "/resend", {}, Json::object(),
      [this, reply, address = record.address](const HttpAnswer& answer) { code_sent(reply, answer, address); });
}

void Registration::code_sent(const Reply& reply, const HttpAnswer& answer, const std::string& address) {
  if (!answer.ok()) return reply.failed(answer);
  AccountRecord record = machine_.account.record();
  if (record.stage == Stage::linking || machine_.account.exists() || !creation_.empty() ||
      machine_.recovery.is_under_way())
    return reply.failed("wrong_stage", "There is an account already.");
  const auto registration = text_field(answer.body, "registration");
  if (!registration || !is_path_safe(*registration))
    return reply.failed("internal", "The server's answer cannot be read.");
  const std::int64_t resend_after = number_field(answer.body, "resend_after_ms").value_or(0);
  record.stage = Stage::code;
  record.address = understood_address(answer.body, address);
  record.registration = *registration;
  record.resend_at_ms = machine_.now().value + resend_after;
  machine_.account.change(std::move(record));
  reply.done(
      {{"resend_after_ms", resend_after}, {"expires_in_ms", number_field(answer.body, "expires_in_ms").value_or(0)}});
}

void Registration::confirm_code(const Reply& reply, const Json& command) {
  const auto code = text_field(command, "code");
  if (!code || code->empty() || code->size() > 32) return reply.failed("invalid_argument", "A code is needed.");
  const std::string registration = machine_.account.record().registration;
  if (machine_.account.stage() != Stage::code) return reply.failed("wrong_stage", "No code is being waited for.");
  const auto answered = [this, reply, registration](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    AccountRecord record = machine_.account.record();
    if (record.stage != Stage::code || record.registration != registration) {
      return reply.failed("wrong_stage", "Another registration has begun.");
    }
    const auto user = id_field<UserId>(answer.body, "user");
    const auto proof = text_field(answer.body, "proof");
    if (!user || !proof) return reply.failed("internal", "The server's answer cannot be read.");
    const auto present = id_field<UserId>(answer.body, "account");
    record.stage = present ? Stage::account : Stage::name;
    record.user = present.value_or(*user);
    record.promised_user = present ? *user : UserId{};
    record.proof = *proof;
    machine_.account.change(std::move(record));
    reply.done({});
  };
  machine_.http.send("POST", "/v1/registrations/" + registration + "/code", {}, {{"code", *code}}, answered);
}

void Registration::create_account(const Reply& reply, const Json& command) {
  if (machine_.account.stage() != Stage::name)
    return reply.failed("wrong_stage", "An account is not created in this stage.");
  const std::string name = text_field(command, "name").value_or("");
  const std::string device_name = text_field(command, "device_name").value_or("");
  if (!is_name(name) || device_name.size() > kMaxNameBytes) {
    return reply.failed("invalid_argument", "A name has 1 to 128 bytes.");
  }
  waiting_.push_back(reply);
  // A creation that was sent before and never answered is sent again as it was: it may have succeeded.
  if (creation_.empty()) prepare(name, device_name);
  if (!posted_) pin_ = to_secret(as_view(text_field(command, "pin").value_or("")));
  post();
}

void Registration::prepare(const std::string& name, const std::string& device_name) {
  const crypto::Suite suite = crypto::Suite::product();
  Entropy& entropy = machine_.entropy;
  AccountRecord record = machine_.account.record();
  const keys::RecoveryKey recovery = keys::RecoveryKey::generate(entropy);
  const crypto::SignatureKeyPair identity = recovery.identity_key();
  const keys::AccountGeneration generation = keys::AccountGeneration::generate(0, entropy);
  const auto certificate = keys::GenerationCertificate::sign(record.user, generation, identity);
  const crypto::SignatureKeyPair leaf = suite.generate_signature_key(entropy);
  entropy.fill(record.device.value);
  const auto credential = keys::DeviceCredential::make(record.user, record.device, identity.public_key, certificate,
                                                       generation, suite.id(), leaf.public_key);
  keys::DeviceList list{
      .user = record.user, .version = 1, .generation = 0, .devices = {{record.device, leaf.public_key}}};
  list.sign(generation);

  record.name = name;
  std::string recovery_text = recovery.text();
  record.recovery_key = to_secret(as_view(recovery_text));
  wipe(recovery_text.data(), recovery_text.size());
  record.leaf_key = leaf.private_key;
  record.generation = 0;
  record.generation_secret = to_secret(generation.secret());
  record.credential = credential.encode();
  record.device_list = age_of(list);
  record.listed = list.devices;
  record.recovery_box = recovery.box_key().public_key;
  const keys::HandedGeneration handed{certificate, to_secret(generation.secret()), {}};
  const Bytes sealed = handed.seal(record.recovery_box, {record.user, {}}, entropy).value();
  machine_.account.change(std::move(record));

  const AccountRecord& made = machine_.account.record();
  Json body = {{"registration", made.registration},
               {"proof", made.proof},
               {"name", name},
               {"identity_key", to_base64url(identity.public_key)},
               {"generation", to_base64url(certificate.encode())},
               {"device",
                {{"device", made.device.text()},
                 {"name", device_name},
                 {"credential", to_base64url(made.credential)},
                 {"leaf_key", to_base64url(leaf.public_key)}}},
               {"device_list", to_base64url(list.encode())},
               {"sealed_generation", to_base64url(sealed)}};
  machine_.key_packages.make_pool(body);
  creation_ = to_secret(as_view(dump(body)));
  machine_.put(row_key::creation(), creation_);
}

void Registration::resume() {
  if (!creation_.empty()) post();
}

void Registration::post() {
  if (posted_) return;
  posted_ = true;
  std::string body(as_text(creation_));
  if (!pin_.empty()) {
    Json with_pin = Json::parse(body, nullptr, false);
    with_pin["pin"] = as_text(pin_);
    body = dump(with_pin);
  }
  machine_.http.send_text("POST", "/v1/accounts", {}, std::move(body),
                          [this](const HttpAnswer& answer) { created(answer); });
}

void Registration::created(const HttpAnswer& answer) {
  posted_ = false;
  pin_.clear();
  const std::vector<Reply> waiting = std::exchange(waiting_, {});
  const bool good = answer.ok() && machine_.session.accept(answer.body);
  if (good) {
    AccountRecord record = machine_.account.record();
    record.stage = Stage::recovery_key;
    record.registration.clear();
    record.proof.clear();
    creation_.clear();
    machine_.erase(row_key::creation());
    machine_.account.change(std::move(record));
    machine_.connection.wanted();
  } else if (!answer.ok() && (!answer.is_transient() || is_about_pin(answer.error()))) {
    // The proof does not hold any more, or the server does not want this account: the keys have never been anybody's.
    forget_keys(!may_be_asked_again(answer.error()));
  }
  for (const Reply& reply : waiting) good ? reply.done({}) : reply.failed(answer);
}

void Registration::forget_keys(bool start_over) {
  const AccountRecord& old = machine_.account.record();
  AccountRecord record;
  record.stage = start_over ? Stage::fresh : Stage::name;
  if (!start_over) {
    record.address = old.address;
    record.registration = old.registration;
    record.proof = old.proof;
    record.user = old.user;
  }
  creation_.clear();
  machine_.erase(row_key::creation());
  machine_.key_packages.forget_all();
  machine_.account.change(std::move(record));
}

void Registration::confirm_recovery_key(const Reply& reply, const Json& command) {
  AccountRecord record = machine_.account.record();
  if (record.stage != Stage::recovery_key) return reply.failed("wrong_stage", "There is no recovery key to confirm.");
  const Json* groups = array_field(command, "groups");
  if (groups == nullptr) return reply.failed("invalid_argument", "Two groups of the recovery key are needed.");
  std::set<std::int64_t> right;
  for (const Json& group : *groups) {
    const auto index = number_field(group, "index");
    const auto text = text_field(group, "text");
    if (!index || *index > 6 || !text)
      return reply.failed("invalid_argument", "A group is named by its index, 0 to 6.");
    const std::string_view key = as_text(record.recovery_key);
    if (normal_group(*text) != key.substr(static_cast<std::size_t>(*index) * 5, 4)) {
      return reply.failed("wrong_recovery_key", "This is not what the recovery key says.");
    }
    right.insert(*index);
  }
  if (right.size() < 2) return reply.failed("invalid_argument", "Two groups of the recovery key are needed.");
  record.recovery_key.clear();
  record.recovery_key.shrink_to_fit();
  record.stage = Stage::ready;
  machine_.account.change(std::move(record));
  reply.done({});
}

void Registration::set_name(const Reply& reply, const Json& command) {
  const std::string name = text_field(command, "name").value_or("");
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  if (!is_name(name)) return reply.failed("invalid_argument", "A name has 1 to 128 bytes.");
  machine_.session.call("PUT", "/v1/me", {{"name", name}}, [this, reply, name](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    AccountRecord record = machine_.account.record();
    record.name = name;
    machine_.account.change(std::move(record));
    reply.done({});
  });
}

void Registration::set_pin(const Reply& reply, const Json& command) {
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  const Json* pin = field(command, "pin");
  if (pin == nullptr || !(pin->is_null() || pin->is_string()))
    return reply.failed("invalid_argument", "A PIN of 4 to 20 digits is needed, or null to take it away.");
  machine_.session.call("PUT", "/v1/me/pin", {{"pin", *pin}},
                        [reply](const HttpAnswer& answer) { answer.ok() ? reply.done({}) : reply.failed(answer); });
}

void Registration::has_pin(const Reply& reply) {
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  machine_.session.call("GET", "/v1/me/pin", {}, [reply](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    const Json* is_set = field(answer.body, "is_set");
    if (is_set == nullptr || !is_set->is_boolean())
      return reply.failed("internal", "The server's answer cannot be read.");
    reply.done({{"has_pin", *is_set}});
  });
}

}  // namespace kith::client
