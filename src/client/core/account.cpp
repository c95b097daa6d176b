#include "client/core/account.h"

#include "client/core/machine.h"
#include "mls/profile.h"

namespace kith::client {

namespace {

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::fresh:
      return "new";
    case Stage::linking:
      return "linking";
    case Stage::code:
      return "code";
    case Stage::account:
      return "account";
    case Stage::name:
      return "name";
    case Stage::recovery_key:
      return "recovery_key";
    case Stage::ready:
      return "ready";
  }
  return "new";
}

std::optional<crypto::SignatureKeyPair> key_of(const AccountRecord& record) {
  if (record.leaf_key.empty()) return std::nullopt;
  auto key = crypto::Suite::product().signature_key_from(record.leaf_key);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

Json groups_of(const SecretBytes& text) {
  Json groups = Json::array();
  std::string group;
  for (const std::uint8_t c : text) {
    if (c == '-') {
      groups.push_back(std::move(group));
      group.clear();
    } else {
      group.push_back(static_cast<char>(c));
    }
  }
  groups.push_back(std::move(group));
  return groups;
}

}  // namespace

bool Account::restore(ByteView bytes) {
  auto record = mls::decoded<AccountRecord>(bytes);
  if (!record) return false;
  auto key = key_of(*record);
  if (record->stage >= Stage::recovery_key && !key) return false;
  record_ = *std::move(record);
  leaf_key_ = std::move(key);
  return true;
}

mls::LeafParameters Account::leaf() const {
  return {.credential = mls::Credential::basic(record_.credential),
          .capabilities = mls::profile::capabilities(),
          .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(machine_.now().value / 1000)),
          .extensions = {}};
}

void Account::change(AccountRecord to) {
  record_ = std::move(to);
  leaf_key_ = key_of(record_);
  machine_.put(row_key::account(), mls::encoded_secret(record_));
  show();
}

void Account::show() const {
  Json account = {{"stage", name_of(record_.stage)}};
  if (record_.stage >= Stage::linking) account["address"] = record_.address;
  if (record_.stage == Stage::linking) account["link"] = machine_.new_device.json();
  if (record_.stage >= Stage::name) account["user"] = record_.user.text();
  if (exists()) {
    account["device"] = record_.device.text();
    account["name"] = record_.name;
  }
  if (record_.stage == Stage::account) account["is_recovering"] = machine_.recovery.is_under_way();
  if (record_.stage == Stage::code) account["resend_at"] = record_.resend_at_ms;
  if (record_.stage == Stage::recovery_key) account["recovery_key"] = groups_of(record_.recovery_key);
  machine_.show({{"type", "account"}, {"account", std::move(account)}});
}

bool Account::saw_device_list(const ListAge& age) {
  if (age < record_.device_list) return false;
  if (age > record_.device_list) {
    record_.device_list = age;
    machine_.put(row_key::account(), mls::encoded_secret(record_));
  }
  return true;
}

}  // namespace kith::client
