#include "load/account.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "keys/device.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"
#include "mls/framing.h"
#include "mls/profile.h"

namespace kith::load {
namespace {

using nlohmann::json;

std::string base64(ByteView v) { return to_base64url(v); }

std::uint64_t unix_now_s() { return static_cast<std::uint64_t>(unix_now_ms() / 1000); }

// Everything of `POST /v1/accounts` that is the client's to make; fills the account's own half on the way.
json new_account(Account& account) {
  crypto::SystemEntropy entropy;
  const auto suite = crypto::Suite::product();
  const auto recovery = keys::RecoveryKey::generate(entropy);
  const auto identity = recovery.identity_key();
  const auto generation = keys::AccountGeneration::generate(0, entropy);
  const auto certificate = keys::GenerationCertificate::sign(account.user, generation, identity);
  const auto leaf_key = suite.generate_signature_key(entropy);
  entropy.fill(account.device.value);
  account.leaf_seed = leaf_key.private_key;
  account.credential = keys::DeviceCredential::make(account.user, account.device, identity.public_key, certificate,
                                                    generation, suite.id(), leaf_key.public_key)
                           .encode();
  keys::DeviceList list{
      .user = account.user, .version = 1, .generation = 0, .devices = {{account.device, leaf_key.public_key}}};
  list.sign(generation);
  const keys::HandedGeneration handed{certificate, to_secret(generation.secret()), {}};
  const auto sealed = handed.seal(recovery.box_key().public_key, {account.user}, entropy).value();
  const auto package = [&](bool last_resort) {
    return base64(mls::encoded_message(
        mls::create_key_package(suite, account.leaf(), leaf_key, last_resort, entropy).key_package));
  };
  return {{"name", "Load"},
          {"identity_key", base64(identity.public_key)},
          {"generation", base64(certificate.encode())},
          {"device",
           {{"device", account.device.text()},
            {"name", "load"},
            {"credential", base64(account.credential)},
            {"leaf_key", base64(leaf_key.public_key)}}},
          {"device_list", base64(list.encode())},
          {"key_packages", {package(false)}},
          {"last_resort", package(true)},
          {"sealed_generation", base64(sealed)}};
}

Result<void> take_tokens(Account& account, const json& answer) {
  if (!answer.contains("access_token") || !answer.contains("refresh_token") || !answer.contains("expires_in_ms")) {
    return fail(Errc::unexpected, "an answer without tokens");
  }
  account.access_token = answer.at("access_token").get<std::string>();
  account.refresh_token = answer.at("refresh_token").get<std::string>();
  account.access_expires_ms = unix_now_ms() + answer.at("expires_in_ms").get<std::int64_t>();
  return {};
}

}  // namespace

std::int64_t unix_now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

crypto::SignatureKeyPair Account::leaf_key() const { return *crypto::Suite::product().signature_key_from(leaf_seed); }

mls::LeafParameters Account::leaf() const {
  return {.credential = mls::Credential::basic(credential),
          .capabilities = mls::profile::capabilities(),
          .lifetime = mls::profile::lifetime(unix_now_s()),
          .extensions = {}};
}

json Account::to_json() const {
  return {{"user", user.text()},
          {"device", device.text()},
          {"leaf_seed", to_hex(leaf_seed)},
          {"credential", to_hex(credential)},
          {"refresh_token", refresh_token},
          {"access_token", access_token},
          {"access_expires_ms", access_expires_ms}};
}

Result<Account> Account::from_json(const json& json) {
  const auto text = [&](const char* key) { return json.value(key, ""); };
  const auto user = UserId::from_text(text("user"));
  const auto device = DeviceId::from_text(text("device"));
  const auto seed = from_hex(text("leaf_seed"));
  const auto credential = from_hex(text("credential"));
  if (!user || !device || !seed || !credential)
    return fail(Errc::bad_state, "an account in the state file is malformed");
  return Account{.user = *user,
                 .device = *device,
                 .leaf_seed = to_secret(*seed),
                 .credential = *credential,
                 .refresh_token = text("refresh_token"),
                 .access_token = text("access_token"),
                 .access_expires_ms = json.value("access_expires_ms", std::int64_t{0})};
}

Task<Result<Account>> register_account(HttpConnection& http, CodeLog& codes, std::string phone) {
  KITH_CO_TRY(const auto begun, co_await http.request("POST", "/v1/registrations", "", {{"phone", phone}}));
  const auto registration = begun.value("registration", "");
  KITH_CO_TRY(const auto code, co_await codes.code_for(phone));
  KITH_CO_TRY(const auto proven,
              co_await http.request("POST", "/v1/registrations/" + registration + "/code", "", {{"code", code}}));
  Account account;
  const auto user = UserId::from_text(proven.value("user", ""));
  if (!user) co_return fail(Errc::unexpected, "the code's answer has no user id");
  account.user = *user;
  auto body = new_account(account);
  body["registration"] = registration;
  body["proof"] = proven.value("proof", "");
  KITH_CO_TRY(const auto made, co_await http.request("POST", "/v1/accounts", "", std::move(body)));
  KITH_CO_TRY_VOID(take_tokens(account, made));
  co_return account;
}

Task<Result<void>> refresh(HttpConnection& http, Account& account) {
  const auto token = from_base64url(account.refresh_token);
  if (!token) co_return fail(Errc::bad_state, "a refresh token in the state file is malformed");
  Bytes signed_bytes = to_bytes("KithRefreshV1");
  append(signed_bytes, account.user.view());
  append(signed_bytes, account.device.view());
  append(signed_bytes, *token);
  const auto signature = crypto::Suite::product().sign(account.leaf_key(), signed_bytes);
  KITH_CO_TRY(const auto answer, co_await http.request("POST", "/v1/tokens", "",
                                                       {{"user", account.user.text()},
                                                        {"device", account.device.text()},
                                                        {"refresh_token", account.refresh_token},
                                                        {"signature", base64(signature)}}));
  co_return take_tokens(account, answer);
}

}  // namespace kith::load
