#include "server/edge/access_tokens.h"

#include <nlohmann/json.hpp>

#include "base/check.h"

namespace kith::server::edge {

namespace {

using nlohmann::json;

std::string encoded(const json& value) { return to_base64url(as_view(value.dump())); }

std::unexpected<domain::Error> refuse(const char* why) { return domain::fail(domain::Errc::unauthenticated, why); }

// The claim as a number that this server may have written.
std::optional<std::int64_t> seconds_of(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value >= 0 && value < 1'000'000'000'000 ? std::optional(value) : std::nullopt;
}

template <class Id>
std::optional<Id> id_of(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_string()) return std::nullopt;
  return Id::from_text(found->get_ref<const std::string&>());
}

}  // namespace

AccessTokens::AccessTokens(ByteView seed) {
  KITH_CHECK(seed.size() == kSeedBytes);
  auto key = crypto::Suite::product().signature_key_from(seed);
  KITH_CHECK(key.has_value());
  key_ = *std::move(key);
  const auto digest = crypto::sha256(key_.public_key);
  const std::string key_id = to_hex(ByteView(digest).first(8));
  header_ = encoded({{"alg", "EdDSA"}, {"kid", key_id}, {"typ", "JWT"}});
  const json key_of_set{{"alg", "EdDSA"}, {"crv", "Ed25519"}, {"kid", key_id},
                        {"kty", "OKP"},   {"use", "sig"},     {"x", to_base64url(key_.public_key)}};
  jwks_ = json{{"keys", json::array({key_of_set})}}.dump();
}

std::string AccessTokens::issue(const domain::Caller& caller, UnixMillis issued, std::chrono::milliseconds life) const {
  const json claims{{"sub", caller.user.text()},
                    {"dev", caller.device.text()},
                    {"iat", issued.value / 1000},
                    {"exp", (issued + life).value / 1000}};
  const std::string statement = header_ + "." + encoded(claims);
  return statement + "." + to_base64url(crypto::Suite::product().sign(key_, as_view(statement)));
}

domain::Result<domain::Caller> AccessTokens::verify(std::string_view token, UnixMillis now) const {
  if (token.size() > kMaxTokenBytes) return refuse("the access token is too long");
  const std::size_t last_dot = token.rfind('.');
  const std::size_t first_dot = token.find('.');
  // The header is compared whole: it was written by this server or it is not a token of this server.
  if (last_dot == std::string_view::npos || first_dot == last_dot || token.substr(0, first_dot) != header_) {
    return refuse("the access token is not one of this server");
  }
  const auto signature = from_base64url(token.substr(last_dot + 1));
  const std::string_view statement = token.substr(0, last_dot);
  if (!signature || !crypto::Suite::product().verify(key_.public_key, as_view(statement), *signature)) {
    return refuse("the access token's signature is wrong");
  }
  const auto payload = from_base64url(token.substr(first_dot + 1, last_dot - first_dot - 1));
  const json claims = payload ? json::parse(*payload, nullptr, false) : json();
  if (!claims.is_object()) return refuse("the access token has no claims");
  const auto user = id_of<UserId>(claims, "sub");
  const auto device = id_of<DeviceId>(claims, "dev");
  const auto expires = seconds_of(claims, "exp");
  if (!user || !device || !expires) return refuse("the access token lacks a claim");
  if (now.value / 1000 >= *expires) return refuse("the access token has expired");
  return domain::Caller{.user = *user, .device = *device};
}

}  // namespace kith::server::edge
