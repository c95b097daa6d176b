#include "server/daemon.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "crypto/crypto.h"
#include "server/adapters/argon2/argon2_thread.h"
#include "server/adapters/memory/in_process_bus.h"
#include "server/adapters/memory/memory_store.h"
#include "server/adapters/otp/log_otp_sender.h"
#include "server/adapters/phone/phone_numbers.h"
#include "server/adapters/rocksdb/rocksdb_engine.h"
#include "server/edge/server.h"
#include "server/key_files.h"
#include "server/web/embedded.h"

namespace kith::server {

namespace fs = std::filesystem;

namespace {

struct Keys {
  SecretBytes master;
  SecretBytes tokens;
};

std::expected<Keys, std::string> keys_of(const Config& config, Entropy& entropy) {
  if (config.store == StoreKind::memory) {
    return Keys{.master = crypto::random_secret(entropy, kKeyFileBytes),
                .tokens = crypto::random_secret(entropy, kKeyFileBytes)};
  }
  const fs::path folder = fs::path(config.data) / "keys";
  if (auto made = make_private_directory(folder.string()); !made) return std::unexpected(std::move(made).error());
  const fs::path master = folder / "master.key";
  // A store without the key that its addresses are hashed under would silently know nobody.
  if (fs::exists(fs::path(config.data) / "store") && !fs::exists(master)) {
    return std::unexpected(master.string() +
                           " is missing, but there is a store that was written with it: restore the key");
  }
  Keys keys;
  auto loaded = load_or_create_key(master.string(), entropy);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  keys.master = *std::move(loaded);
  loaded = load_or_create_key((folder / "tokens.key").string(), entropy);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  keys.tokens = *std::move(loaded);
  return keys;
}

// Sockets and the store share the process's descriptors, and a store that is refused one does not recover.
edge::Options within_file_limit(edge::Options options, edge::Log& log) {
  constexpr rlim_t kForTheStore = 512;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return options;
  const rlim_t most = limit.rlim_cur > 2 * kForTheStore ? limit.rlim_cur - kForTheStore : limit.rlim_cur / 2;
  if (options.max_connections <= most) return options;
  log.warning("connections_limited",
              {{"wanted", options.max_connections}, {"file_limit", limit.rlim_cur}, {"max_connections", most}});
  options.max_connections = most;
  return options;
}

void warn_if_open(const edge::Options& options, edge::Log& log) {
  if (options.address.starts_with("127.") || options.address == "::1") return;
  log.warning("listening_beyond_loopback",
              {{"address", options.address},
               {"text", "there is no TLS here: put a reverse proxy in front; and one-time codes go to this log"}});
}

}  // namespace

// In the order in which they may know one another; the server, which knows all, goes first.
struct Daemon::House {
  House(edge::Log& to, const Keys& keys)
      : log(to), secrets(keys.master), tokens(keys.tokens), codes([this](const std::string& line) {
          log.warning("one_time_code", {{"sender", "log, for development only"}, {"text", line}});
        }) {}

  std::expected<void, std::string> open_store(const Config& config) {
    if (config.store == StoreKind::memory) {
      memory = std::make_unique<adapters::MemoryEngine>(entropy);
      return {};
    }
    auto opened = adapters::RocksdbEngine::open(
        {.path = (fs::path(config.data) / "store").string(),
         .on_failure = [this](const std::string& why) { log.error("store_failed", {{"detail", why}}); }},
        entropy);
    if (!opened) return std::unexpected(std::move(opened).error());
    rocksdb = *std::move(opened);
    return {};
  }
  std::unique_ptr<domain::Store> new_store(Scheduler& scheduler) {
    if (memory) return std::make_unique<adapters::MemoryStore>(*memory, scheduler);
    return rocksdb->store(scheduler);
  }

  edge::Log& log;
  crypto::SystemEntropy entropy;
  domain::ServerSecrets secrets;
  edge::AccessTokens tokens;
  edge::WebFiles files{embedded_web_files()};
  adapters::LogOtpSender codes;
  adapters::LibPhoneNumbers phones;
  std::unique_ptr<adapters::MemoryEngine> memory;
  std::unique_ptr<adapters::RocksdbEngine> rocksdb;
  adapters::InProcessBus bus;
  adapters::Argon2Thread pins;
  std::unique_ptr<edge::Server> server;
};

std::expected<std::unique_ptr<Daemon>, std::string> Daemon::start(const Config& config, edge::Log& log) {
  crypto::SystemEntropy entropy;
  auto keys = keys_of(config, entropy);
  if (!keys) return std::unexpected(std::move(keys).error());
  auto house = std::make_unique<House>(log, *keys);
  if (auto opened = house->open_store(config); !opened) return std::unexpected(std::move(opened).error());
  warn_if_open(config.edge, log);
  House& h = *house;
  auto server = edge::Server::start({.store = [&h](Scheduler& scheduler) { return h.new_store(scheduler); },
                                     .bus = [&h](Scheduler& scheduler) { return h.bus.attach(scheduler); },
                                     .pins = [&h](Scheduler& scheduler) { return h.pins.attach(scheduler); },
                                     .entropy = h.entropy,
                                     .codes = h.codes,
                                     .phones = h.phones,
                                     .secrets = h.secrets,
                                     .tokens = h.tokens,
                                     .files = h.files,
                                     .log = log,
                                     .is_healthy = [&h] { return h.memory != nullptr || h.rocksdb->healthy(); }},
                                    within_file_limit(config.edge, log));
  if (!server) return std::unexpected(std::move(server).error());
  house->server = *std::move(server);
  return std::unique_ptr<Daemon>(new Daemon(std::move(house)));
}

Daemon::Daemon(std::unique_ptr<House> house) : house_(std::move(house)) {}

Daemon::~Daemon() {
  house_->server->drain();
  house_->server->wait();
}

std::uint16_t Daemon::port() const { return house_->server->port(); }

}  // namespace kith::server
