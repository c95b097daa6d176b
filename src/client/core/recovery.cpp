#include "client/core/recovery.h"

#include <algorithm>
#include <limits>

#include "client/core/machine.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"

namespace kith::client {

namespace {

// The key in a command; where it is none the command has been answered.
std::optional<keys::RecoveryKey> key_in(const Json& command, const Reply& reply) {
  auto key = recovery_key_in(command);
  if (key) return *std::move(key);
  reply.failed(keys::name(key.error().code), key.error().detail);
  return std::nullopt;
}

constexpr const char* kWrongKey = "This is not the recovery key of this account.";
constexpr const char* kKeysTaken =
    "The account's keys were changed on one of its devices, and nothing of the new ones was left for the recovery key. "
    "The key can take the account back, without its other devices.";

// The registration that vouches for the address is over: it begins anew.
bool is_over(const std::string& error) {
  return error == "code_expired" || error == "unauthenticated" || error == "not_found";
}

}  // namespace

keys::Result<keys::RecoveryKey> recovery_key_in(const Json& command) {
  auto text = text_field(command, "recovery_key").value_or("");
  auto key = keys::RecoveryKey::parse(text);
  wipe(text.data(), text.size());
  return key;
}

// What the server is asked to show the account for, and what opens it.
struct Recovery::Attempt {
  std::string registration;
  std::string device_name;
  bool removes_others = false;
  crypto::SignatureKeyPair identity;
  crypto::KemKeyPair box_key;
  DeviceId device;
  crypto::SignatureKeyPair leaf;
  Bytes signature;
};

bool Recovery::restore(ByteView bytes) {
  auto record = mls::decoded<RecoveryRecord>(bytes);
  if (!record) return false;
  record_ = *std::move(record);
  next_at_ = machine_.clock_ms();
  return true;
}

void Recovery::store() { machine_.put(row_key::recovery(), mls::encoded_secret(*record_)); }

std::optional<std::int64_t> Recovery::wake_at() const {
  return record_ && next_at_ != 0 ? std::optional(next_at_) : std::nullopt;
}

void Recovery::tick() {
  if (!record_ || next_at_ == 0 || machine_.clock_ms() < next_at_) return;
  next_at_ = 0;
  record_->coming.request.empty() ? ask_again() : send();
}

void Recovery::later(const HttpAnswer& answer) {
  next_at_ = machine_.clock_ms() + std::max(answer.retry_after_ms(), kPauseMs);
}

// ---- the key ----

Json Recovery::claim(const DeviceId& device, ByteView leaf_key, ByteView signature) const {
  const AccountRecord& account = machine_.account.record();
  return {{"registration", account.registration},
          {"proof", account.proof},
          {"signature", to_base64url(signature)},
          {"device", {{"device", device.text()}, {"leaf_key", to_base64url(leaf_key)}}}};
}

void Recovery::recover(const Reply& reply, const Json& command) {
  const AccountRecord& account = machine_.account.record();
  if (account.stage != Stage::account || record_)
    return reply.failed("wrong_stage", "There is no account to recover, or it is being recovered.");
  const std::string device_name = text_field(command, "device_name").value_or("");
  if (!is_plain_name(device_name))
    return reply.failed("invalid_argument", "A name of 1 to 128 bytes for this device is needed.");
  const auto key = key_in(command, reply);
  if (!key) return;
  Attempt attempt{.registration = account.registration,
                  .device_name = device_name,
                  .removes_others = flag_field(command, "removes_others"),
                  .identity = key->identity_key(),
                  .box_key = key->box_key(),
                  .device = {},
                  .leaf = crypto::Suite::product().generate_signature_key(machine_.entropy),
                  .signature = {}};
  machine_.entropy.fill(attempt.device.value);
  const keys::RecoveryStatement statement{.registration = to_bytes(account.registration),
                                          .user = account.user,
                                          .device = attempt.device,
                                          .leaf_signature_key = attempt.leaf.public_key};
  attempt.signature = to_bytes(statement.sign(attempt.identity));
  const Json body = claim(attempt.device, attempt.leaf.public_key, attempt.signature);
  machine_.http.send(
      "POST", "/v1/recoveries", {}, body,
      [this, reply, attempt = std::move(attempt)](const HttpAnswer& answer) { shown(attempt, reply, answer); });
}

void Recovery::shown(const Attempt& attempt, const Reply& reply, const HttpAnswer& answer) {
  const AccountRecord& account = machine_.account.record();
  if (account.stage != Stage::account || account.registration != attempt.registration || record_)
    return reply.failed("wrong_stage", "Another registration has begun.");
  if (answer.error() == "wrong_recovery_key") return reply.failed(answer.error(), kWrongKey);
  if (!answer.ok() && !is_over(answer.error())) return reply.failed(answer);
  waiting_ = reply;
  if (!answer.ok()) return give_up(answer.error(), answer.message());
  const auto identity = bytes_field(answer.body, "identity_key");
  const std::string name = text_field(answer.body, "name").value_or("");
  if (!identity || !is_plain_name(name)) return give_up("internal", "The server's answer cannot be read.");
  if (*identity != attempt.identity.public_key) return give_up("wrong_recovery_key", kWrongKey);
  const auto opened = this->opened(attempt, answer.body);
  if (!opened)
    return give_up("recovery_refused", "What the server has of this account is not what belongs to this key.");
  if (!opened->newest && !attempt.removes_others) return give_up("keys_taken", kKeysTaken);
  record_ = RecoveryRecord{
      .signature = attempt.signature,
      .coming = {
          .device_name = attempt.device_name, .by = {}, .removes_others = attempt.removes_others, .request = {}}};
  ComingIn::Into into{.user = account.user,
                      .name = name,
                      .identity_key = keys::to_array<32>(attempt.identity.public_key),
                      .certificate = {},
                      .generation_secret = {},
                      .recovery_box = attempt.box_key.public_key};
  if (attempt.removes_others) {
    const auto next = keys::AccountGeneration::generate(next_number(opened->present), machine_.entropy);
    into.certificate = keys::GenerationCertificate::sign(account.user, next, attempt.identity);
    into.generation_secret = to_secret(next.secret());
  } else {
    into.certificate = opened->newest->certificate;
    into.generation_secret = opened->newest->secret;
  }
  machine_.coming_in.certify(into, attempt.device, attempt.leaf);
  attempt.removes_others ? meet_archive_behind(*opened) : machine_.archive.meet(opened->newest->archive);
  prepare(answer);
}

// Higher than any that a server could have hidden, or has lost by going back to a backup: a second generation of one
// number would follow nothing. An account may be taken back twice within a minute, and hardly within a second.
std::uint32_t Recovery::next_number(const keys::GenerationCertificate& present) const {
  constexpr std::int64_t kSecondMs = 1'000;
  return std::max(present.generation + 1,
                  static_cast<std::uint32_t>(std::max<std::int64_t>(machine_.now().value, 0) / kSecondMs));
}

// What a device began without the identity key may say anything of the archive; its own key is its own all the same.
void Recovery::meet_archive_behind(const Opened& opened) {
  machine_.archive.meet(opened.root->archive);
  std::uint32_t last = 0;
  for (const auto* handed : {&opened.root, &opened.newest}) {
    if (!*handed) continue;
    last = (*handed)->certificate.generation;
    const auto generation = keys::AccountGeneration::from(last, (*handed)->secret);
    KITH_CHECK(generation.has_value());
    machine_.archive.keys.keep(last, generation->archive_key());
  }
  machine_.archive.goes_on_behind(last);
}

keys::Result<Recovery::Opened> Recovery::opened(const Attempt& attempt, const Json& answer) const {
  const UserId& user = machine_.account.record().user;
  const Bytes& identity = attempt.identity.public_key;
  KITH_TRY(auto present, shown_generation(answer, user, identity));
  if (present.generation == std::numeric_limits<std::uint32_t>::max())
    return fail(keys::Errc::wrong_generation, "there is no generation behind the present one");
  const auto open = [&](const char* field) {
    return keys::HandedGeneration::open(attempt.box_key, {user, {}}, identity,
                                        bytes_field(answer, field).value_or(Bytes{}));
  };
  Opened opened{.present = std::move(present), .newest = {}, .root = {}};
  const bool is_signed = opened.present.is_signed_by_identity();
  if (auto newest = open("sealed_generation"); newest && newest->certificate == opened.present)
    opened.newest = *std::move(newest);
  if (is_signed) opened.root = opened.newest;
  if (auto root = open("sealed_root");
      !is_signed && root && root->certificate.is_signed_by_identity() && opened.present.follows(root->certificate))
    opened.root = *std::move(root);
  if (!opened.root && (attempt.removes_others || !opened.newest))
    return fail(keys::Errc::wrong_generation, "nothing that the recovery key signed for");
  return opened;
}

// ---- coming in ----

void Recovery::prepare(const HttpAnswer& answer) {
  Json body = claim(machine_.account.device(), machine_.account.leaf_key().public_key, record_->signature);
  const auto prepared = machine_.coming_in.prepare(record_->coming, answer.body, std::move(body));
  if (!prepared) return give_up("recovery_refused", "The account was not recovered: " + prepared.error().detail + ".");
  store();
  send();
}

void Recovery::send() {
  machine_.http.send_text("POST", "/v1/recoveries/device", {}, std::string(as_text(record_->coming.request)),
                          [this](const HttpAnswer& answer) { answered(answer); });
}

void Recovery::answered(const HttpAnswer& answer) {
  if (machine_.coming_in.let_in(answer)) {
    record_.reset();
    machine_.erase(row_key::recovery());
    if (const auto waiting = std::exchange(waiting_, std::nullopt)) waiting->done({});
    return;
  }
  if (answer.ok() || answer.is_transient()) return later(answer);
  if (answer.error() != "stale_device_list") return give_up(answer.error(), answer.message());
  machine_.coming_in.withdraw(record_->coming);
  store();
  ask_again();
}

void Recovery::ask_again() {
  const Json body = claim(machine_.account.device(), machine_.account.leaf_key().public_key, record_->signature);
  machine_.http.send("POST", "/v1/recoveries", {}, body, [this](const HttpAnswer& answer) {
    if (answer.ok()) return prepare(answer);
    answer.is_transient() ? later(answer) : give_up(answer.error(), answer.message());
  });
}

// Back to where the key is asked for, or to the beginning.
void Recovery::give_up(const std::string& error, const std::string& message) {
  const AccountRecord& old = machine_.account.record();
  AccountRecord record;
  if (!is_over(error)) {
    record.stage = Stage::account;
    record.address = old.address;
    record.registration = old.registration;
    record.proof = old.proof;
    record.user = old.user;
    record.promised_user = old.promised_user;
  }
  if (record_) {
    machine_.key_packages.forget_all();
    machine_.archive.forget();
    machine_.erase(row_key::recovery());
    record_.reset();
  }
  machine_.account.change(std::move(record));
  if (const auto waiting = std::exchange(waiting_, std::nullopt)) {
    waiting->failed(error, message);
  } else {
    machine_.warn("recovery_refused", message);
  }
}

// ---- everything else that a recovery key or its absence is for ----

void Recovery::begin_anew(const Reply& reply) {
  AccountRecord record = machine_.account.record();
  if (record.stage != Stage::account || record_)
    return reply.failed("wrong_stage", "There is no account to leave behind, or it is being recovered.");
  record.stage = Stage::name;
  record.user = std::exchange(record.promised_user, {});
  machine_.account.change(std::move(record));
  reply.done({});
}

void Recovery::check(const Reply& reply, const Json& command) const {
  const auto key = key_in(command, reply);
  if (!key) return;
  if (!machine_.account.exists()) return reply.done({});
  const auto credential = keys::DeviceCredential::decode(machine_.account.record().credential);
  const bool is_right = credential && same_bytes(key->identity_key().public_key, credential->identity_key);
  reply.done({{"is_right", is_right}});
}

}  // namespace kith::client
