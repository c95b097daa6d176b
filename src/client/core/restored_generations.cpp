// The account's keys on a server that was restored from a backup: generations.h.
#include <algorithm>

#include "client/core/generations.h"
#include "client/core/machine.h"

namespace kith::client {

// One under keys of before, with nobody on it who is known to have gone since. A server that was not restored has none.
std::optional<keys::FollowedList> Generations::list_of_backup(const HttpAnswer& answer) const {
  const Account& account = machine_.account;
  if (!account.record().is_list_doubtful) return std::nullopt;
  const keys::DeviceCredential own = account.credential();
  auto followed = verified_list(account.user(), own.identity_key, answer.body);
  if (!followed || !followed->certificate.is_ended_by(own.generation)) return std::nullopt;
  followed->list.devices = account.still_listed(followed->list);
  return followed->list.find(account.device()) != nullptr ? std::optional(*std::move(followed)) : std::nullopt;
}

bool Generations::compares_list() const {
  return !record_ && !comparing_ && machine_.account.stage() == Stage::ready &&
         machine_.account.record().is_list_doubtful && machine_.connection.is_online();
}

void Generations::compare_list() {
  comparing_ = true;
  machine_.session.call("GET", "/v1/users/" + machine_.account.user().text() + "/devices", {},
                        [this](const HttpAnswer& answer) {
                          comparing_ = false;
                          compared(answer);
                        });
}

// Whoever awaits the present keys leaves it to those who have them.
void Generations::compared(const HttpAnswer& answer) {
  Account& account = machine_.account;
  if (record_ || !account.record().is_list_doubtful) return;
  if (!answer.ok()) {
    compare_at_ = machine_.clock_ms() + std::clamp(answer.retry_after_ms(), kRetryMs, kMaxRetryMs);
    return;
  }
  if (account.awaits_keys() || !list_of_backup(answer)) {
    (void)own_list(machine_, answer.body);
    return account.list_compared();
  }
  compare_at_ = machine_.clock_ms() + kMaxRetryMs;  // whether it is there
  record_ = NextGenerationRecord{.certificate = account.credential().generation,
                                 .secret = account.record().generation_secret};
  look();
}

}  // namespace kith::client
