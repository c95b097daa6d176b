#include "client/core/session.h"

#include "client/core/machine.h"

namespace kith::client {

namespace {
// Tokens are renewed this long before they end, for clocks and latency.
constexpr std::int64_t kMarginMs = 30'000;
constexpr std::int64_t kMaxLifeMs = 24 * 3'600'000;
}  // namespace

bool Session::restore(ByteView record) {
  auto tokens = mls::decoded<TokenRecord>(record);
  if (!tokens) return false;
  tokens_ = *std::move(tokens);
  return true;
}

bool Session::accept(const Json& body) {
  const auto access = text_field(body, "access_token");
  const auto expires = number_field(body, "expires_in_ms");
  const auto refresh = bytes_field(body, "refresh_token");
  if (!access || access->empty() || !expires || !refresh || refresh->empty()) return false;
  tokens_.access = *access;
  tokens_.access_until_ms = machine_.now().value + std::min(*expires, kMaxLifeMs);
  tokens_.refresh = to_secret(*refresh);
  machine_.put(row_key::tokens(), mls::encoded_secret(tokens_));
  return true;
}

void Session::with_token(TokenHandler handler) {
  const std::int64_t left = tokens_.access_until_ms - machine_.now().value;
  if (left > kMarginMs && left <= kMaxLifeMs) {
    handler(tokens_.access, {});
    return;
  }
  waiting_.push_back(std::move(handler));
  if (!refreshing_) refresh();
}

void Session::refresh() {
  refreshing_ = true;
  const Account& account = machine_.account;
  Bytes message = to_bytes("KithRefreshV1");
  append(message, account.user().view());
  append(message, account.device().view());
  append(message, tokens_.refresh);
  const Bytes signature = crypto::Suite::product().sign(account.leaf_key(), message);
  const Json body = {{"user", account.user().text()},
                     {"device", account.device().text()},
                     {"refresh_token", to_base64url(tokens_.refresh)},
                     {"signature", to_base64url(signature)}};
  machine_.http.send("POST", "/v1/tokens", {}, body, [this](const HttpAnswer& answer) { refreshed(answer); });
}

void Session::refreshed(const HttpAnswer& answer) {
  refreshing_ = false;
  const std::vector<TokenHandler> waiting = std::exchange(waiting_, {});
  const bool good = answer.ok() && accept(answer.body);
  if (!good && answer.error() == "device_removed") {
    machine_.account.was_removed();
  } else if (!good && !answer.ok() && !answer.is_transient()) {
    machine_.stop("logged_out", "This device was logged out.");
    return;
  }
  for (const TokenHandler& handler : waiting) handler(good ? tokens_.access : std::string{}, answer);
}

void Session::call(const char* method, const std::string& path, const Json& body, HttpCalls::Handler handler) {
  call_with(method, path, body.is_null() ? std::string{} : dump(body), true, std::move(handler));
}

void Session::call_with(const char* method, const std::string& path, const std::string& body, bool again,
                        HttpCalls::Handler handler) {
  with_token([=, this, handler = std::move(handler)](const std::string& access, const HttpAnswer& why_not) {
    if (access.empty()) {
      handler(why_not.ok() ? HttpAnswer{} : why_not);
      return;
    }
    machine_.http.send_text(method, path, access, body, [=, this](const HttpAnswer& answer) {
      if (answer.status == 401 && again) {
        distrust();
        call_with(method, path, body, false, handler);
      } else {
        handler(answer);
      }
    });
  });
}

}  // namespace kith::client
