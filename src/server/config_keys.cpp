#include <array>
#include <charconv>
#include <chrono>

#include "server/config.h"

namespace kith::server {

namespace {

template <class Number>
bool read_number(std::string_view text, Number least, Number most, Number& to) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (!(value >= least && value <= most)) return false;  // neither is what is no number
  to = value;
  return true;
}

bool read_switch(std::string_view text, bool& to) {
  if (text != "true" && text != "false") return false;
  to = text == "true";
  return true;
}

// "127.0.0.1:8470", "[::1]:8470".
bool read_listen(std::string_view text, edge::Options& options) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address.empty() || !read_number<std::uint16_t>(text.substr(colon + 1), 0, 65535, options.port)) return false;
  options.address = address;
  return true;
}

// A rate of Limits, as a key.
template <double service::Limits::* kRate>
bool read_rate(Config& config, std::string_view text) {
  return read_number(text, 0.001, 1e9, config.edge.limits.*kRate);
}

constexpr std::array kKeys{
    ConfigKey{"listen", "address and port, as 127.0.0.1:8470; port 0 takes any free one",
              [](Config& c, std::string_view t) { return read_listen(t, c.edge); }},
    ConfigKey{"data", "the directory that everything is stored in",
              [](Config& c, std::string_view t) {
                c.data = t;
                return !t.empty();
              }},
    ConfigKey{"store", "rocksdb, or memory (forgets everything at the end; for tests)",
              [](Config& c, std::string_view t) {
                c.store = t == "memory" ? StoreKind::memory : StoreKind::rocksdb;
                return t == "memory" || t == "rocksdb";
              }},
    ConfigKey{"io_threads", "threads that serve sockets, 1 to 256",
              [](Config& c, std::string_view t) { return read_number(t, 1U, 256U, c.edge.io_threads); }},
    ConfigKey{"max_connections", "sockets at once",
              [](Config& c, std::string_view t) {
                return read_number<std::size_t>(t, 1, 10'000'000, c.edge.max_connections);
              }},
    ConfigKey{"max_buffered_bytes", "memory for what sockets have not sent or not wholly received, all together",
              [](Config& c, std::string_view t) {
                return read_number<std::size_t>(t, 1 << 20, std::size_t{1} << 40, c.edge.max_buffered_bytes);
              }},
    ConfigKey{"trust_forwarded_for", "true behind a reverse proxy that sets X-Forwarded-For",
              [](Config& c, std::string_view t) { return read_switch(t, c.edge.trust_forwarded_for); }},
    ConfigKey{"log_level", "debug, info, warning or error",
              [](Config& c, std::string_view t) {
                const auto level = edge::log_level_from(t);
                c.log_level = level.value_or(c.log_level);
                return level.has_value();
              }},
    ConfigKey{"otp_sender", "how one-time codes travel: log (development: into the log)",
              [](Config& c, std::string_view t) {
                c.otp_sender = t;
                return t == "log";
              }},
    ConfigKey{"access_token_minutes", "how long an access token holds",
              [](Config& c, std::string_view t) {
                int minutes = 0;
                if (!read_number(t, 1, 24 * 60, minutes)) return false;
                c.edge.limits.access_token_life = std::chrono::minutes(minutes);
                return true;
              }},
    ConfigKey{"limits.registrations_per_source_hour", "registrations begun from one network address",
              read_rate<&service::Limits::registrations_per_source_hour>},
    ConfigKey{"limits.code_checks_per_source_hour", "one-time codes tried from one network address",
              read_rate<&service::Limits::code_checks_per_source_hour>},
    ConfigKey{"limits.links_per_source_hour",
              "links for new devices begun, and as many offered, from one network address",
              read_rate<&service::Limits::links_per_source_hour>},
    ConfigKey{"limits.link_claims_per_minute", "links for new devices claimed by one account",
              read_rate<&service::Limits::link_claims_per_minute>},
    ConfigKey{"limits.lookups_per_hour", "contacts looked up by one account",
              read_rate<&service::Limits::lookups_per_hour>},
    ConfigKey{"limits.claims_per_hour", "key packages claimed by one account",
              read_rate<&service::Limits::claims_per_hour>},
    ConfigKey{"limits.claims_per_target_hour", "key packages claimed by one account of one other",
              read_rate<&service::Limits::claims_per_target_hour>},
    ConfigKey{"limits.appends_per_second", "messages sent by one device",
              read_rate<&service::Limits::appends_per_second>},
    ConfigKey{"limits.archive_appends_per_second", "blocks that one account adds to its archive",
              read_rate<&service::Limits::archive_appends_per_second>},
    ConfigKey{"limits.archive_mebibytes", "what the archive of one account may hold; 0: nothing is archived",
              [](Config& c, std::string_view t) {
                return read_number<std::size_t>(t, 0, std::size_t{1} << 24, c.edge.limits.archive_mebibytes);
              }},
    ConfigKey{"limits.pin_changes_per_hour", "registration locks set by one account",
              read_rate<&service::Limits::pin_changes_per_hour>},
    ConfigKey{"limits.pins_per_second", "PINs of registration locks set and tried, by everybody at one I/O thread",
              read_rate<&service::Limits::pins_per_second>},
    ConfigKey{"limits.requests_per_second", "everything else that one device asks for",
              read_rate<&service::Limits::requests_per_second>},
    ConfigKey{"limits.open_requests_per_source_second",
              "tokens renewed (and a tenth of it: accounts created) from one network address",
              read_rate<&service::Limits::open_requests_per_source_second>},
    ConfigKey{"limits.commits_per_minute", "changes of groups by one account",
              read_rate<&service::Limits::commits_per_minute>},
    ConfigKey{"limits.commits_per_member_minute", "changes of one group by one account",
              read_rate<&service::Limits::commits_per_member_minute>},
    ConfigKey{"limits.joins_per_group_minute", "people who come into one group by themselves with an invite link",
              read_rate<&service::Limits::joins_per_group_minute>},
    ConfigKey{"limits.max_group_members", "people in one group, 1 to 100000",
              [](Config& c, std::string_view t) {
                return read_number<std::size_t>(t, 1, 100'000, c.edge.limits.max_group_members);
              }},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

}  // namespace kith::server
