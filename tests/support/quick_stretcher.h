// The PinStretcher for tests: what comes out depends on PIN, salt and cost, and costs nothing. It answers on a later
// turn, as the real one does, so that other tasks run in between; a test may hold it there.
#pragma once

#include "crypto/crypto.h"
#include "server/domain/ports/pin_stretcher.h"

namespace kith::test {

class QuickStretcher final : public server::domain::PinStretcher {
 public:
  explicit QuickStretcher(Scheduler& scheduler) : scheduler_(scheduler) {}

  Task<server::domain::Result<SecretBytes>> stretch(SecretBytes pin, crypto::Argon2Salt salt,
                                                    crypto::Argon2Cost cost) override {
    ++asked;
    while (is_held) co_await scheduler_.sleep_for(std::chrono::milliseconds(1));
    co_await scheduler_.yield();
    if (fails) co_return server::domain::fail_later(server::domain::Errc::overloaded, std::chrono::seconds(1));
    Bytes all = to_bytes(as_text(pin));
    append(all, salt);
    all.push_back(static_cast<std::uint8_t>(cost.passes));
    co_return to_secret(crypto::sha256(all));
  }

  std::size_t asked = 0;
  bool is_held = false;
  bool fails = false;

 private:
  Scheduler& scheduler_;
};

}  // namespace kith::test
