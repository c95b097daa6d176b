// Prints every secret of a profile that one can name, in hexadecimal, for the test that looks for them at the server:
// `secrets_of DIRECTORY [RECOVERY KEY]`. No part of the product: it reads what the profile's owner can read.
#include <array>
#include <iostream>

#include "client/core/record.h"
#include "client/native/store.h"
#include "keys/generation.h"
#include "keys/recovery_key.h"
#include "mls/secret_tree.h"
#include "mls/welcome.h"

using namespace kith;
using namespace kith::client;

namespace {

constexpr std::size_t kKeyBytes = 32;

void say(std::string_view name, ByteView secret) {
  if (!secret.empty()) std::cout << name << " " << to_hex(secret) << "\n";
}

void say_account(ByteView row) {
  const auto account = mls::decoded<AccountRecord>(row);
  if (!account) return;
  say("leaf_key", account->leaf_key);
  say("generation_secret", account->generation_secret);
  const auto generation = keys::AccountGeneration::from(account->generation, account->generation_secret);
  if (!generation) return;
  say("device_signing_key", generation->device_signing_key().private_key);
  say("archive_key", generation->archive_key());
}

void say_recovery_key(std::string_view text) {
  const auto key = keys::RecoveryKey::parse(text);
  if (!key) return;
  say("recovery_key", key->view());
  say("identity_key", key->identity_key().private_key);
  say("box_key", key->box_key().private_key);
}

// Pieces of a secret tree hold, behind a tag of the epoch that is no secret, secrets and message keys of 32 bytes, each
// behind its length.
void say_ratchets(ByteView piece) {
  for (std::size_t at = 1 + 1 + kKeyBytes; at + kKeyBytes < piece.size(); ++at) {
    if (piece[at] == kKeyBytes) say("message_key", piece.subspan(at + 1, kKeyBytes));
  }
}

void say_row(ByteView key, ByteView value) {
  if (same_bytes(key, row_key::account())) return say_account(value);
  if (!key.empty() && key[0] == 'k') {
    const auto package = mls::decoded<mls::KeyPackageSecrets>(value);
    if (!package) return;
    say("init_key", package->init_private_key);
    say("encryption_key", package->encryption_private_key);
  }
  const std::size_t kind = 1 + ConversationId::kSize;
  if (key.size() > kind && key[0] == 'g' && key[kind] == 'r') say_ratchets(value);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  crypto::SystemEntropy entropy;
  auto store = native::Store::open(argv[1], entropy);
  if (!store) return std::cerr << store.error().detail << "\n", 1;
  const auto rows = store->load({}, Bytes(1, 0xFF), 0, false);
  if (!rows) return std::cerr << rows.error().detail << "\n", 1;
  for (const Row& row : *rows) say_row(row.key, row.value);
  if (argc > 2) say_recovery_key(argv[2]);
  return 0;
}
