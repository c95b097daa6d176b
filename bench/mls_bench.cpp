// What MLS costs: messages, the first commit of a direct conversation, and groups of many members.
//
// "Filled" groups are those whose members have all committed once, here by joining from outside one after another, so
// that the tree has no blank nodes. "Fresh" ones were made in one commit and have nothing but leaves.
#include <benchmark/benchmark.h>

#include <map>

#include "mls/framing.h"
#include "mls/group.h"
#include "mls/profile.h"

namespace kith::mls {
namespace {

struct Person {
  crypto::Suite suite = crypto::Suite::product();
  crypto::SystemEntropy entropy;
  crypto::SignatureKeyPair key = suite.generate_signature_key(entropy);
  LeafParameters leaf{.credential = Credential::basic(Bytes(300, 'c')),  // about the size of a device's credential
                      .capabilities = profile::capabilities(),
                      .lifetime = profile::lifetime(1'700'000'000),
                      .extensions = {}};
};

KeyPackageSecrets secrets_of(Person& person) {
  return create_key_package(person.suite, person.leaf, person.key, false, person.entropy);
}
VerifiedKeyPackage verified(const KeyPackageSecrets& package) {
  return *VerifiedKeyPackage::verify(package.key_package, crypto::Suite::product(), std::nullopt);
}

Group group_of(Person& person) {
  return *Group::create(person.suite, {.group_id = Bytes(32, 1), .leaf = person.leaf, .extensions = {}}, person.key,
                        person.entropy);
}

PendingCommit commit_adding(Person& creator, const Group& group, Person& peer) {
  CommitOptions options;
  options.adds.push_back(verified(secrets_of(peer)));
  return *group.commit(options, creator.entropy);
}

std::vector<VerifiedKeyPackage> many_packages(std::size_t count) {
  std::vector<VerifiedKeyPackage> packages;
  for (std::size_t i = 0; i < count; ++i) {
    Person person;
    packages.push_back(verified(secrets_of(person)));
  }
  return packages;
}

// The first member's view and the last one's.
struct Crowd {
  Person first_person, last_person;
  std::optional<Group> first, last;
};

Crowd filled(std::size_t members) {
  Crowd crowd;
  crowd.first = group_of(crowd.first_person);
  for (std::size_t i = 1; i < members; ++i) {
    Person joiner;
    const auto info = *decoded_message<GroupInfo>(crowd.first->group_info(false));
    auto pending =
        *Group::join_external(crowd.first->public_group(), info, {.leaf = joiner.leaf}, joiner.key, joiner.entropy);
    crowd.first = *std::move(crowd.first->process(pending.commit)->next);
    if (i + 1 == members) {
      crowd.last_person = joiner;
      crowd.last = std::move(pending.next);
    }
  }
  return crowd;
}

Crowd& crowd_of(std::int64_t members) {
  static std::map<std::int64_t, Crowd> crowds;
  const auto at = crowds.find(members);
  return at != crowds.end() ? at->second
                            : crowds.emplace(members, filled(static_cast<std::size_t>(members))).first->second;
}

void make_key_package(benchmark::State& state) {
  Person person;
  for (auto _ : state) benchmark::DoNotOptimize(secrets_of(person));
}
BENCHMARK(make_key_package)->Unit(benchmark::kMicrosecond);

void make_first_commit(benchmark::State& state) {
  Person creator;
  Person peer;
  const auto group = group_of(creator);
  for (auto _ : state) benchmark::DoNotOptimize(commit_adding(creator, group, peer));
}
BENCHMARK(make_first_commit)->Unit(benchmark::kMicrosecond);

void protect_and_unprotect_200_bytes(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const Bytes text(200, 'a');
  const Bytes bound(110, 'b');
  for (auto _ : state) {
    const auto sealed = crowd.first->protect(bound, text, crowd.first_person.entropy);
    if (!crowd.last->unprotect(*sealed)) state.SkipWithError("a message that does not open");
  }
}
BENCHMARK(protect_and_unprotect_200_bytes)->Arg(2)->Arg(128)->Arg(500)->Unit(benchmark::kMicrosecond);

void create_in_one_commit(benchmark::State& state) {
  const auto packages = many_packages(static_cast<std::size_t>(state.range(0)) - 1);
  Person creator;
  for (auto _ : state) {
    const auto pending = group_of(creator).commit({.adds = packages}, creator.entropy);
    benchmark::DoNotOptimize(pending->welcome);
  }
}
BENCHMARK(create_in_one_commit)->Arg(128)->Arg(1000)->Unit(benchmark::kMillisecond);

void update_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(crowd.first->commit({}, crowd.first_person.entropy));
}
BENCHMARK(update_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void add_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  Person guest;
  const auto package = secrets_of(guest);
  for (auto _ : state) {
    CommitOptions options;
    options.adds.push_back(verified(package));
    benchmark::DoNotOptimize(crowd.first->commit(options, crowd.first_person.entropy));
  }
}
BENCHMARK(add_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void receive_commit(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const auto pending = *crowd.last->commit({}, crowd.last_person.entropy);
  for (auto _ : state) {
    if (!crowd.first->process(pending.commit)) state.SkipWithError("a commit that does not hold");
  }
}
BENCHMARK(receive_commit)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void join_by_welcome(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  Person guest;
  const auto package = secrets_of(guest);
  CommitOptions options;
  options.adds.push_back(verified(package));
  const auto pending = *crowd.first->commit(options, crowd.first_person.entropy);
  for (auto _ : state) {
    if (!Group::join(pending.welcome, package, guest.key)) state.SkipWithError("a Welcome that does not hold");
  }
}
BENCHMARK(join_by_welcome)->Arg(128)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

void validate_commit_without_secrets(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  const auto pending = *crowd.last->commit({}, crowd.last_person.entropy);
  const auto message = *decoded_message<PublicMessage>(pending.commit);
  const auto info = *decoded_message<GroupInfo>(pending.group_info);
  for (auto _ : state) {
    const auto staged = crowd.first->public_group().stage(*crowd.first->public_group().verify(message.authenticated()));
    if (!staged || !staged->next.check_group_info(info)) state.SkipWithError("a commit that does not hold");
  }
}
BENCHMARK(validate_commit_without_secrets)->Arg(128)->Arg(1000)->Unit(benchmark::kMillisecond);

void store_and_restore(benchmark::State& state) {
  Crowd& crowd = crowd_of(state.range(0));
  for (auto _ : state) {
    const auto epoch = crowd.first->epoch_record();
    const auto ratchet = crowd.first->ratchet_record();
    benchmark::DoNotOptimize(Group::restore(epoch, ratchet, crowd.first_person.key));
    state.counters["epoch_bytes"] = static_cast<double>(epoch.size());
  }
}
BENCHMARK(store_and_restore)->Arg(2)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kith::mls
