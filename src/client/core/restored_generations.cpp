// The account's keys where the server was restored from a backup, or this device: generations.h.
#include <algorithm>
#include <limits>

#include "client/core/generations.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
// Whoever was revoked signs what it likes under keys of before: there is to be room above it.
constexpr std::uint64_t kHighestVersion = std::numeric_limits<std::uint32_t>::max();
}  // namespace

// One under keys of before. A server that was not restored has none.
std::optional<keys::FollowedList> Generations::list_of_backup(const HttpAnswer& answer) const {
  const Account& account = machine_.account;
  if (!account.record().is_list_doubtful) return std::nullopt;
  const keys::DeviceCredential own = account.credential();
  auto followed = verified_list(account.user(), own.identity_key, answer.body);
  if (!followed || !followed->certificate.is_ended_by(own.generation)) return std::nullopt;
  if (followed->list.version > kHighestVersion) return std::nullopt;
  const auto still = account.still_listed(followed->list);
  const bool is_there = std::ranges::find(still, account.device(), &keys::ListedDevice::device) != still.end();
  return is_there ? std::optional(*std::move(followed)) : std::nullopt;
}

bool Generations::compares_list() const {
  const AccountRecord& account = machine_.account.record();
  return !record_ && !comparing_ && account.stage == Stage::ready &&
         (account.is_list_doubtful || account.is_old_copy) && machine_.connection.is_online();
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
  if (record_) return;
  const auto shown = verified_list(account.user(), account.credential().identity_key, answer.body);
  if (!answer.ok() || !shown) {
    compare_at_ = machine_.clock_ms() + std::clamp(answer.retry_after_ms(), kRetryMs, kMaxRetryMs);
    return;
  }
  if (account.awaits_keys() || !list_of_backup(answer)) {
    (void)account.saw_device_list(*shown);
    return account.list_compared();
  }
  compare_at_ = machine_.clock_ms() + kMaxRetryMs;  // whether it is there
  record_ = NextGenerationRecord{.certificate = account.credential().generation,
                                 .secret = account.record().generation_secret};
  look();
}

}  // namespace kith::client
