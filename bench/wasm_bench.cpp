// MLS in WebAssembly, with the crypto of the host; driven and timed by wasm_bench.mjs.
#include "bench/crowd.h"

namespace {

using namespace kith::bench;
using kith::Bytes;

// What one call repeats. Made by prepare().
struct Stage {
  explicit Stage(std::size_t members) : crowd(filled(members)) {
    package = secrets_of(guest);
    options.adds.push_back(verified(*package));
    update = crowd.last->commit({}, crowd.last_person.entropy)->commit;
    welcome = crowd.first->commit(options, crowd.first_person.entropy)->welcome;
  }
  bool run(int operation) {
    switch (operation) {
      case 0: {
        const auto sealed = crowd.first->protect(Bytes(110, 'b'), Bytes(200, 'a'), crowd.first_person.entropy);
        return crowd.last->unprotect(*sealed).has_value();
      }
      case 1:
        return crowd.first->commit({}, crowd.first_person.entropy).has_value();
      case 2:
        return crowd.first->commit(options, crowd.first_person.entropy).has_value();
      case 3:
        return crowd.first->process(update).has_value();
      case 4:
        return kith::mls::Group::join(welcome, *package, guest.key).has_value();
      default:
        return false;
    }
  }

  Crowd crowd;
  Person guest;
  std::optional<kith::mls::KeyPackageSecrets> package;
  kith::mls::CommitOptions options;
  Bytes update, welcome;
};

std::optional<Stage>& stage() {
  static std::optional<Stage> one;
  return one;
}

}  // namespace

#define KITH_EXPORT(function) extern "C" __attribute__((export_name(#function)))

KITH_EXPORT(bench_prepare) void bench_prepare(std::uint32_t members);
KITH_EXPORT(bench_run) std::int32_t bench_run(std::int32_t operation);

void bench_prepare(std::uint32_t members) { stage().emplace(members); }
std::int32_t bench_run(std::int32_t operation) { return stage()->run(operation) ? 1 : 0; }
