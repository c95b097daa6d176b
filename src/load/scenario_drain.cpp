#include <memory>
#include <unordered_map>

#include "load/busy.h"
#include "load/conversation.h"
#include "load/report.h"
#include "load/scenarios.h"

namespace kith::load {
namespace {

class Quiet final : public SessionEvents {
 public:
  void on_frame(Session&, const wire::Frame&) override {}
  void on_lost(Session&, const std::string&) override {}
};

// One conversation in which messages will wait.
struct Inbox {
  Direct direct;
  Seq before;  // the log's head before the messages that wait
  Seq last;
};

// Tasks that start together, and the end of the last.
class Crew {
 public:
  explicit Crew(Reactor& reactor) : reactor_(reactor) {}
  void add(Task<Result<void>> task) {
    ++running_;
    scope_.spawn(watch(std::move(task)));
  }
  Task<Result<void>> all() {
    if (running_ > 0) co_await done_;
    co_return outcome_;
  }

 private:
  Task<void> watch(Task<Result<void>> task) {
    auto result = co_await std::move(task);
    if (!result && outcome_) outcome_ = std::move(result);
    if (--running_ == 0) reactor_.post([done = done_] { done.set(true); });
  }
  Reactor& reactor_;
  std::size_t running_ = 0;
  OneShot<bool> done_;
  Result<void> outcome_;
  TaskScope scope_;  // the last member: its tasks use the others
};

// Appends `messages` to each inbox of one sender, a message at a time to each, all inboxes at once.
class Filler {
 public:
  Filler(Reactor& reactor, const Population& population, const Options& options)
      : reactor_(reactor), population_(population), options_(options) {}

  Task<Result<void>> fill(std::span<Inbox> inboxes) {
    Quiet quiet;
    Session session(reactor_, quiet);
    const auto& sender = population_.account(inboxes.front().direct.a);
    KITH_CO_TRY(const auto hello,
                co_await session.open(population_.server(), Address::loopback(inboxes.front().direct.a % 64),
                                      sender.access_token));
    Crew crew(reactor_);
    for (Inbox& inbox : inboxes) crew.add(fill_one(session, inbox, hello.history_id));
    co_return co_await crew.all();
  }

 private:
  Task<Result<void>> fill_one(Session& session, Inbox& inbox, HistoryId history) {
    const PayloadTemplate payload(inbox.direct.conversation, history, Epoch{1}, options_.bytes);
    for (std::size_t i = 0; i < options_.messages; ++i) {
      ClientId client_id;
      crypto::SystemEntropy().fill(client_id.value);
      const Bytes bytes = payload.with(client_id);
      KITH_CO_TRY(
          const auto answer,
          co_await session.request_for<wire::Appended>(wire::Append{
              .conversation = inbox.direct.conversation, .client_id = client_id, .epoch = {1}, .payload = bytes}));
      inbox.last = std::get<wire::Appended>(answer.body).seq;
      if (i == 0) inbox.before = {inbox.last.value - 1};
    }
    co_return Result<void>{};
  }

  Reactor& reactor_;
  const Population& population_;
  const Options& options_;
};

// One reader: comes online, syncs, reads its conversation to the end, and says that it has.
Task<Result<void>> read_all(Session& session, const Population& population, const Inbox& inbox, std::size_t& read) {
  const auto& reader = population.account(inbox.direct.b);
  KITH_CO_TRY([[maybe_unused]] const auto hello,
              co_await session.open(population.server(), Address::loopback(inbox.direct.b % 64), reader.access_token));
  KITH_CO_TRY([[maybe_unused]] const auto synced, co_await session.request_for<wire::SyncOk>(wire::Sync{}));
  Seq at = inbox.before;
  while (at < inbox.last) {
    KITH_CO_TRY(const auto answer, co_await session.request_for<wire::Entries>(
                                       wire::Read{.conversation = inbox.direct.conversation, .after_seq = at}));
    const auto& entries = std::get<wire::Entries>(answer.body).entries;
    if (entries.empty() || entries.front().seq != at.next()) co_return fail(Errc::unexpected, "a read has a gap");
    read += entries.size();
    at = entries.back().seq;
  }
  KITH_CO_TRY([[maybe_unused]] const auto ok,
              co_await session.request_for<wire::Ok>(
                  wire::SetCursor{.conversation = inbox.direct.conversation, .delivered = at, .read = {0}}));
  co_return Result<void>{};
}

Task<Result<double>> fill_inboxes(Reactor& reactor, const Population& population, const Options& options,
                                  std::vector<Inbox>& inboxes) {
  const auto begin = Clock::now();
  Filler filler(reactor, population, options);
  Crew crew(reactor);
  for (std::size_t i = 0; i < inboxes.size(); i += kReadersASender) {
    crew.add(filler.fill(std::span(inboxes).subspan(i, std::min(kReadersASender, inboxes.size() - i))));
  }
  KITH_CO_TRY_VOID(co_await crew.all());
  co_return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

Task<Result<void>> run_drain(Reactor& reactor, Population& population, const Options& options) {
  KITH_CO_TRY_VOID(co_await population.ensure_accounts(accounts_needed(options)));
  KITH_CO_TRY(const auto directs, co_await population.ensure_directs(pairs_of_drain(options)));
  std::vector<Inbox> inboxes;
  for (const auto& direct : directs) inboxes.push_back({.direct = direct, .before = {}, .last = {}});
  KITH_CO_TRY(const double fill_seconds, co_await fill_inboxes(reactor, population, options, inboxes));

  Quiet quiet;
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::size_t i = 0; i < inboxes.size(); ++i) sessions.push_back(std::make_unique<Session>(reactor, quiet));
  std::size_t read = 0;
  const Busy busy(options.pid);
  Crew crew(reactor);
  for (std::size_t i = 0; i < inboxes.size(); ++i) crew.add(read_all(*sessions[i], population, inboxes[i], read));
  KITH_CO_TRY_VOID(co_await crew.all());
  const auto usage = busy.usage();
  const auto wanted = options.users * options.messages;
  if (read != wanted) co_return fail(Errc::unexpected, "readers got another number of messages than were sent");

  Report report("drain");
  report.add("users", "users that come online at once", static_cast<double>(options.users), "");
  report.add("messages", "messages that wait", static_cast<double>(wanted), "");
  report.add("seconds", "time until the last is read", usage.seconds, "s");
  report.add("per_s", "read, connecting and syncing included", static_cast<double>(wanted) / usage.seconds, "/s");
  usage.report(report, "drain", "meanwhile");
  report.add("fill_per_s", "appended before, readers offline", static_cast<double>(wanted) / fill_seconds, "/s");
  report.print();
  co_return Result<void>{};
}

}  // namespace kith::load
