// A whole server over the store in memory, on a real port of the loopback interface. The test may hold up the store,
// publish on the bus, and look at everything that is stored.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "server/adapters/memory/in_process_bus.h"
#include "server/adapters/memory/memory_store.h"
#include "server/edge/server.h"
#include "tests/support/quick_stretcher.h"
#include "tests/support/seeded_entropy.h"

namespace kith::server::edge::test {

// Phone numbers as they are, codes to where the test finds them, entropy for several threads.
class PlainPhones final : public domain::PhoneNumbers {
 public:
  domain::Result<std::string> to_e164(std::string_view text, std::string_view region) const override;
};

class KeptCodes final : public domain::OtpSender {
 public:
  Task<domain::Result<void>> send(domain::Address to, std::string code) override;
  [[nodiscard]] std::string code_for(const std::string& address) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> codes_;
};

class LockedEntropy final : public Entropy {
 public:
  void fill(ByteSpan out) override {
    const std::lock_guard lock(mutex_);
    seeded_.fill(out);
  }

 private:
  std::mutex mutex_;
  kith::test::SeededEntropy seeded_;
};

class RunningServer {
 public:
  explicit RunningServer(Options options = quick());
  ~RunningServer();

  // Any free port, and limits that tests do not run into.
  static Options quick();

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string stored() const { return engine_.dump(); }
  [[nodiscard]] std::string log() const;
  void drain() { server_->drain(); }
  void wait() { server_->wait(); }

  // Runs something on the I/O thread and waits for it. Not after drain().
  void on_thread(const std::function<void()>& what);
  // Writes into the store, past everything.
  void write(domain::Transaction transaction);
  // Publishes frames that look like hints to a user's sockets.
  void publish(const UserId& user, domain::BusMessage message);

  // While held, syncs wait in the store.
  void hold_syncs();
  void release_syncs();
  // From now on they fail, as on a broken disk.
  void fail_syncs() { fails_ = true; }
  // How many wait.
  [[nodiscard]] int held_syncs() const { return held_.load(); }
  // Until so many do.
  void await_held_syncs(int count) const;

  KeptCodes codes;
  std::atomic<bool> is_healthy = true;
  LockedEntropy entropy;
  std::unique_ptr<AccessTokens> tokens;

 private:
  class HeldStore;
  std::atomic<bool> holds_ = false;
  std::atomic<bool> fails_ = false;
  std::atomic<int> held_ = 0;
  std::vector<OneShot<bool>> gates_;  // of the I/O thread
  adapters::MemoryEngine engine_{entropy};
  adapters::InProcessBus hub_;
  std::atomic<bool> has_bus_ = false;
  domain::Bus* bus_ = nullptr;
  Scheduler* scheduler_ = nullptr;
  PlainPhones phones_;
  domain::ServerSecrets secrets_;
  std::unique_ptr<WebFiles> files_;
  mutable std::mutex log_mutex_;
  std::string log_text_;
  Log log_;
  std::unique_ptr<Server> server_;
};

}  // namespace kith::server::edge::test
