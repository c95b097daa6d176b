// Generations that other devices of the account have begun: generations.h.
#include "client/core/generations.h"
#include "client/core/machine.h"

namespace kith::client {

void Generations::handed(ByteView payload, const std::function<void()>& done) {
  const auto mail = keys::GenerationMail::decode(payload);
  if (!mail || !machine_.key_packages.knows(mail->key_package)) {
    refuse("they are for a key that this device does not have");
    return done();
  }
  const Bytes key = row_key::key_package(mail->key_package);
  Bytes end = key;
  end.push_back(0);
  machine_.load(key, end, 1, false, [this, mail = *mail, done](const std::vector<Row>& rows) {
    const auto secrets = rows.empty() ? mls::Result<mls::KeyPackageSecrets>(fail(mls::Errc::not_invited))
                                      : mls::decoded<mls::KeyPackageSecrets>(rows.front().value);
    secrets ? take(mail, *secrets) : refuse("their key cannot be read");
    done();
  });
}

void Generations::take(const keys::GenerationMail& mail, const mls::KeyPackageSecrets& secrets) {
  Account& account = machine_.account;
  const keys::DeviceCredential own = account.credential();
  const auto handed =
      keys::HandedGeneration::open({secrets.init_private_key, secrets.key_package.init_key},
                                   {.user = account.user(), .device = account.device()}, own.identity_key, mail.sealed);
  if (!handed) return refuse(handed.error().detail);
  machine_.key_packages.used(mail.key_package);
  if (own.generation.follows(handed->certificate)) return keep_key(*handed);  // this device has it, or a later one
  const auto& newest = account.record().newest_generation;
  const bool is_beside = newest && !newest->follows(handed->certificate) && !handed->certificate.follows(*newest);
  if (is_beside || !handed->certificate.follows(own.generation))
    return refuse("they do not follow those that this device has");
  if (!handed->archive.key.empty()) machine_.archive.keys.keep(handed->archive.generation, handed->archive.key);
  account.adopt(handed->certificate, handed->secret, nullptr);
}

// For what was written to the archive under it.
void Generations::keep_key(const keys::HandedGeneration& handed) {
  const std::uint32_t number = handed.certificate.generation;
  const auto generation = keys::AccountGeneration::from(number, handed.secret);
  KITH_CHECK(generation.has_value());
  machine_.archive.keys.keep(number, generation->archive_key());
}

void Generations::refuse(const std::string& why) {
  machine_.warn("generation_refused", "What came as the account's new keys is refused: " + why + ".");
}

// Whoever's storage is an old copy has processed the mail already, in another life. Keys that this device began itself
// come with the answer to that.
void Generations::look_for_outlived() {
  const bool is_own = record_ && machine_.account.record().newest_generation == record_->certificate;
  if (!machine_.account.exists() || !machine_.account.awaits_keys() || is_own) {
    outlived_at_ = 0;
    said_outlived_ = false;
  } else if (outlived_at_ == 0) {
    outlived_at_ = machine_.clock_ms() + kOutlivedMs;
  } else if (machine_.clock_ms() >= outlived_at_ && !said_outlived_ && machine_.connection.is_online() &&
             !machine_.mailbox.has_mail()) {
    said_outlived_ = true;
    machine_.warn("keys_outlived",
                  "The account's keys have changed since this copy of the device was made. Link the device anew.");
  }
}

}  // namespace kith::client
