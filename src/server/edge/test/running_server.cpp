#include "server/edge/test/running_server.h"

#include <future>

#include "base/check.h"

namespace kith::server::edge::test {

namespace {

// More than the system's buffers hold.
const std::string kLarge(std::size_t{24} << 20, 'x');

const WebFile kFiles[] = {
    {.path = "/index.html",
     .type = "text/html; charset=utf-8",
     .etag = "\"index\"",
     .bytes = "<p>hello</p>",
     .gzip = {},
     .brotli = {}},
    {.path = "/assets/app-1234.js",
     .type = "text/javascript; charset=utf-8",
     .etag = "\"app\"",
     .bytes = "plain script",
     .gzip = "gzip",
     .brotli = "br"},
    {.path = "/large.bin",
     .type = "application/octet-stream",
     .etag = "\"large\"",
     .bytes = kLarge,
     .gzip = {},
     .brotli = {}},
};

}  // namespace

domain::Result<std::string> PlainPhones::to_e164(std::string_view text, std::string_view) const {
  if (text.size() < 4 || text[0] != '+') return domain::fail(domain::Errc::invalid_argument, "phone is not a number");
  return std::string(text);
}

Task<domain::Result<void>> KeptCodes::send(domain::Address to, std::string code) {
  const std::lock_guard lock(mutex_);
  codes_[to.text] = std::move(code);
  co_return domain::Result<void>{};
}

std::string KeptCodes::code_for(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = codes_.find(address);
  return found == codes_.end() ? "" : found->second;
}

class RunningServer::HeldStore final : public domain::Store {
 public:
  HeldStore(RunningServer& server, Scheduler& scheduler) : server_(server), store_(server.engine_, scheduler) {}
  HistoryId history_id() const override { return store_.history_id(); }
  Task<domain::Result<domain::CommitOutcome>> commit(domain::Transaction t) override {
    return store_.commit(std::move(t));
  }
  Task<domain::Result<std::optional<domain::Row>>> row(domain::Partition p, domain::RowKey k) override {
    return store_.row(std::move(p), std::move(k));
  }
  Task<domain::Result<std::vector<std::optional<domain::Row>>>> rows_at(domain::Partition p,
                                                                        std::vector<domain::RowKey> keys) override {
    return store_.rows_at(std::move(p), std::move(keys));
  }
  Task<domain::Result<std::vector<domain::Row>>> rows(domain::Partition p, domain::RowKind k, Bytes prefix, Bytes from,
                                                      std::size_t n) override {
    return store_.rows(std::move(p), k, std::move(prefix), std::move(from), n);
  }
  Task<domain::Result<std::optional<domain::LogRecord>>> find(domain::Partition p, domain::LogName l,
                                                              ClientId c) override {
    return store_.find(std::move(p), std::move(l), c);
  }
  Task<domain::Result<domain::LogSlice>> read(domain::Partition p, domain::LogName l, Seq after,
                                              std::size_t n) override {
    return store_.read(std::move(p), std::move(l), after, n);
  }
  Task<domain::Result<void>> trim(domain::Partition p, domain::LogName l, Seq upto) override {
    return store_.trim(std::move(p), std::move(l), upto);
  }
  Task<domain::Result<domain::ChangedHeads>> heads_changed(UserId account, domain::ChangeNumber since,
                                                           std::size_t n) override {
    if (server_.fails_) co_return domain::fail(domain::Errc::internal, "the disk has failed");
    if (server_.holds_) {
      const OneShot<bool> gate;
      server_.gates_.push_back(gate);
      ++server_.held_;
      co_await gate;
      --server_.held_;
    }
    co_return co_await store_.heads_changed(account, since, n);
  }
  Task<domain::Result<domain::CursorPosition>> advance_cursor(ConversationId c, UserId u,
                                                              domain::CursorPosition to) override {
    return store_.advance_cursor(c, u, to);
  }
  Task<domain::Result<std::vector<domain::UserCursor>>> cursors(ConversationId c) override { return store_.cursors(c); }
  Task<domain::Result<domain::CursorPosition>> cursor(ConversationId c, UserId u) override {
    return store_.cursor(c, u);
  }
  Task<domain::Result<std::vector<domain::PendingOutbox>>> outbox(std::size_t n) override { return store_.outbox(n); }
  Task<domain::Result<void>> outbox_done(std::vector<std::uint64_t> numbers) override {
    return store_.outbox_done(std::move(numbers));
  }

 private:
  RunningServer& server_;
  adapters::MemoryStore store_;
};

Options RunningServer::quick() {
  Options options;
  options.port = 0;
  options.limits.registrations_per_source_hour = 1e6;
  options.limits.code_checks_per_source_hour = 1e6;
  options.timing.tick = std::chrono::milliseconds(20);
  return options;
}

RunningServer::RunningServer(Options options)
    : tokens(std::make_unique<AccessTokens>(Bytes(AccessTokens::kSeedBytes, 5))),
      secrets_(Bytes(domain::ServerSecrets::kMasterBytes, 7)),
      files_(std::make_unique<WebFiles>(kFiles)),
      log_(LogLevel::debug, [this](const std::string& line) {
        const std::lock_guard lock(log_mutex_);
        log_text_ += line;
      }) {
  std::promise<void> is_made;
  auto started = Server::start(
      {.store = [this](Scheduler& scheduler) -> std::unique_ptr<domain::Store> {
         return std::make_unique<HeldStore>(*this, scheduler);
       },
       .bus =
           [this, &is_made](Scheduler& scheduler) {
             auto bus = hub_.attach(scheduler);
             // The test works on the first thread.
             if (!has_bus_.exchange(true)) {
               bus_ = bus.get();
               scheduler_ = &scheduler;
               is_made.set_value();
             }
             return bus;
           },
       .pins = [](Scheduler& scheduler) { return std::make_unique<kith::test::QuickStretcher>(scheduler); },
       .entropy = entropy,
       .codes = codes,
       .phones = phones_,
       .secrets = secrets_,
       .tokens = *tokens,
       .files = *files_,
       .log = log_,
       .is_healthy = [this] { return is_healthy.load(); }},
      std::move(options));
  KITH_CHECK(started.has_value());
  server_ = *std::move(started);
  is_made.get_future().wait();
}

RunningServer::~RunningServer() = default;

std::string RunningServer::log() const {
  const std::lock_guard lock(log_mutex_);
  return log_text_;
}

void RunningServer::on_thread(const std::function<void()>& what) {
  std::promise<void> done;
  scheduler_->post([&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

void RunningServer::publish(const UserId& user, domain::BusMessage message) {
  on_thread([&] { bus_->publish(user, std::move(message)); });
}

void RunningServer::write(domain::Transaction transaction) {
  adapters::MemoryStore store(engine_, *scheduler_);
  std::promise<void> done;
  TaskScope tasks;
  const auto commit = [&]() -> Task<void> {
    (void)co_await store.commit(std::move(transaction));
    done.set_value();
  };
  on_thread([&] { tasks.spawn(commit()); });
  done.get_future().wait();
  on_thread([&] { tasks.clear(); });
}

void RunningServer::hold_syncs() { holds_ = true; }

void RunningServer::await_held_syncs(int count) const {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (held_syncs() < count) {
    KITH_CHECK(std::chrono::steady_clock::now() < limit);
    std::this_thread::yield();
  }
}

void RunningServer::release_syncs() {
  on_thread([this] {
    holds_ = false;
    for (const auto& gate : std::exchange(gates_, {})) gate.set(true);
  });
}

}  // namespace kith::server::edge::test
