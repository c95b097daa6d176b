#include "load/options.h"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace kith::load {
namespace {

template <class T>
std::function<bool(const std::string&)> number(T& to) {
  return [&to](const std::string& text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    return error == std::errc() && end == text.data() + text.size();
  };
}

std::function<bool(const std::string&)> text(std::string& to) {
  return [&to](const std::string& value) {
    to = value;
    return true;
  };
}

}  // namespace

Result<Options> parse_options(int argc, char** argv) {
  Options o;
  const std::map<std::string, std::function<bool(const std::string&)>> keys{
      {"--ip", text(o.server_ip)},          {"--port", number(o.port)},
      {"--kithd-log", text(o.kithd_log)},   {"--state", text(o.state_file)},
      {"--data-dir", text(o.data_dir)},     {"--pid", number(o.pid)},
      {"--accounts", number(o.accounts)},   {"--pairs", number(o.pairs)},
      {"--bytes", number(o.bytes)},         {"--seconds", number(o.seconds)},
      {"--window", number(o.window)},       {"--connections", number(o.connections)},
      {"--users", number(o.users)},         {"--messages", number(o.messages)},
      {"--members", number(o.members)},     {"--concurrency", number(o.concurrency)},
      {"--limit", number(o.limit_seconds)},
  };
  if (argc < 2) return fail(Errc::unexpected, "no subcommand");
  o.command = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const auto key = keys.find(argv[i]);
    if (key == keys.end()) return fail(Errc::unexpected, std::string("unknown option ") + argv[i]);
    if (i + 1 >= argc || !key->second(argv[i + 1]))
      return fail(Errc::unexpected, key->first + " needs a fitting value");
  }
  if (o.window > 64 || o.bytes > 16'384 || o.concurrency == 0)
    return fail(Errc::unexpected, "a value is out of its range");
  return o;
}

const char* usage() {
  return "usage: kith_load SUBCOMMAND [--key value]...\n"
         "  prepare      register accounts and create conversations (--accounts --pairs --users)\n"
         "  pairs        one-to-one messages a second, latencies (--pairs --bytes --seconds --window)\n"
         "  idle         memory of the server per idle connection (--connections --pid)\n"
         "  drain        everybody comes online and reads what waits (--users --messages)\n"
         "  group        one sends, all members of a group are online (--members --bytes --seconds)\n"
         "  fan-serve    bare writes to many, the ceiling of group (--port); ends by SIGTERM\n"
         "  fan          measures it (--members --bytes --seconds)\n"
         "  fsync        the disk's synced write (--data-dir)\n"
         "  relay-serve  a bare TCP relay, the ceiling (--port); ends by SIGTERM\n"
         "  relay        measures it (--pairs --bytes --seconds)\n"
         "all: --ip --port --kithd-log FILE --state FILE --concurrency N --limit SECONDS\n";
}

}  // namespace kith::load
