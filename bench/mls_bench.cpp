// What MLS costs its users: messages, and the first commit of a direct conversation.
#include <benchmark/benchmark.h>

#include "mls/framing.h"
#include "mls/group.h"
#include "mls/profile.h"

namespace kith::mls {
namespace {

struct Person {
  crypto::Suite suite = crypto::Suite::product();
  crypto::SystemEntropy entropy;
  crypto::SignatureKeyPair key = suite.generate_signature_key(entropy);
  LeafParameters leaf{.credential = Credential::basic(to_bytes("somebody")),
                      .capabilities = profile::capabilities(),
                      .lifetime = profile::lifetime(1'700'000'000),
                      .extensions = {}};
};

VerifiedKeyPackage package_of(Person& person) {
  auto made = create_key_package(person.suite, person.leaf, person.key, false, person.entropy);
  return *VerifiedKeyPackage::verify(std::move(made.key_package), person.suite, std::nullopt);
}

Group group_of(Person& person) {
  return *Group::create(person.suite, {.group_id = Bytes(32, 1), .leaf = person.leaf, .extensions = {}}, person.key,
                        person.entropy);
}

PendingCommit commit_adding(Person& creator, const Group& group, Person& peer) {
  CommitOptions options;
  options.adds.push_back(package_of(peer));
  return *group.commit(options, creator.entropy);
}

void make_key_package(benchmark::State& state) {
  Person person;
  for (auto _ : state)
    benchmark::DoNotOptimize(create_key_package(person.suite, person.leaf, person.key, false, person.entropy));
}
BENCHMARK(make_key_package)->Unit(benchmark::kMicrosecond);

void make_first_commit(benchmark::State& state) {
  Person creator;
  Person peer;
  const auto group = group_of(creator);
  for (auto _ : state) benchmark::DoNotOptimize(commit_adding(creator, group, peer));
}
BENCHMARK(make_first_commit)->Unit(benchmark::kMicrosecond);

void protect_200_bytes(benchmark::State& state) {
  Person creator;
  Person peer;
  auto group = commit_adding(creator, group_of(creator), peer).next;
  const Bytes text(200, 'a');
  const Bytes bound(110, 'b');
  for (auto _ : state) benchmark::DoNotOptimize(group.protect(bound, text, creator.entropy));
}
BENCHMARK(protect_200_bytes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kith::mls
