#include "client/core/account.h"

#include <algorithm>
#include <utility>

#include "client/core/machine.h"
#include "client/core/seen_lists.h"
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
    case Stage::removed:
      return "removed";
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
  if (record_.stage >= Stage::recovery_key) {
    account["device"] = record_.device.text();
    account["name"] = record_.name;
  }
  if (record_.stage == Stage::account) account["is_recovering"] = machine_.recovery.is_under_way();
  if (exists() && awaits_keys()) account["awaits_keys"] = true;
  if (record_.stage == Stage::code) account["resend_at"] = record_.resend_at_ms;
  if (record_.stage == Stage::recovery_key) account["recovery_key"] = groups_of(record_.recovery_key);
  machine_.show({{"type", "account"}, {"account", std::move(account)}});
}

keys::DeviceCredential Account::credential() const {
  auto credential = keys::DeviceCredential::decode(record_.credential);
  KITH_CHECK(credential.has_value());
  return *std::move(credential);
}

bool Account::awaits_keys() const {
  return record_.newest_generation && credential().generation.is_ended_by(*record_.newest_generation);
}

void Account::saw(bool awaited_before) {
  machine_.put(row_key::account(), mls::encoded_secret(record_));
  if (awaits_keys() != awaited_before) show();
}

bool Account::saw_device_list(const keys::FollowedList& followed) {
  const bool awaited = awaits_keys();
  if (!record_.newest_generation) record_.newest_generation = credential().generation;
  const ListSeen seen = take_news(record_.newest_generation, record_.device_list, followed);
  if (seen == ListSeen::news) {
    record_.listed = followed.list.devices;
    saw(awaited);
  }
  return seen != ListSeen::refused;
}

void Account::saw_generation(const keys::GenerationCertificate& certificate) {
  const bool awaited = awaits_keys();
  if (!record_.newest_generation) record_.newest_generation = credential().generation;
  if (take_news(record_.newest_generation, certificate)) saw(awaited);
}

// Versions begin again where the backup has them. A device leaves a list together with a generation only: what a server
// makes of this is that a new device is not known for a while.
void Account::history_changed() {
  record_.device_list.version = 0;
  record_.is_list_doubtful = true;
  machine_.put(row_key::account(), mls::encoded_secret(record_));
}

void Account::is_old_copy() {
  if (std::exchange(record_.is_old_copy, true)) return;
  machine_.put(row_key::account(), mls::encoded_secret(record_));
}

void Account::list_compared() {
  record_.is_list_doubtful = record_.is_old_copy = false;
  machine_.put(row_key::account(), mls::encoded_secret(record_));
  // What there is to commit has waited for it.
  for (const ConversationId& id : machine_.chats.ids()) machine_.chats.poke(id);
}

std::vector<keys::ListedDevice> Account::still_listed(const keys::DeviceList& older) const {
  std::vector<keys::ListedDevice> devices = older.devices;
  std::erase_if(devices, [&](const keys::ListedDevice& device) {
    return std::ranges::find(record_.listed, device) == record_.listed.end();
  });
  return devices;
}

void Account::adopt(const keys::GenerationCertificate& certificate, ByteView secret, const keys::DeviceList* list) {
  const keys::DeviceCredential before = credential();
  const auto generation = keys::AccountGeneration::from(certificate.generation, secret);
  KITH_CHECK(generation && generation->is_of(certificate) && before.generation.is_ended_by(certificate));
  // The archive of before is read under its key by those who will come.
  (void)machine_.archive.keys.find(record_.generation);
  AccountRecord record = record_;
  record.generation = certificate.generation;
  record.generation_secret = to_secret(secret);
  record.credential = keys::DeviceCredential::make(record.user, record.device, before.identity_key, certificate,
                                                   *generation, crypto::Suite::product().id(), leaf_key_->public_key)
                          .encode();
  if (!record.newest_generation) record.newest_generation = before.generation;
  (void)take_news(record.newest_generation, certificate);
  const ListAge age{certificate.generation, list != nullptr ? list->version : 0};
  if (record.newest_generation == certificate && record.device_list < age) {
    record.device_list = age;
    record.listed = list != nullptr ? list->devices : std::vector<keys::ListedDevice>{};
    record.is_list_doubtful = record.is_list_doubtful || list == nullptr;
  }
  change(std::move(record));
  for (const ConversationId& id : machine_.chats.ids()) machine_.chats.find(id)->commits.refresh_soon();
}

void Account::was_removed() {
  AccountRecord record = record_;
  record.stage = Stage::removed;
  change(std::move(record));
}

}  // namespace kith::client
