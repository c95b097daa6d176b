// What main gives the edge to work with, and how it is to behave.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/entropy.h"
#include "base/scheduler.h"
#include "server/domain/ports/bus.h"
#include "server/domain/ports/otp_sender.h"
#include "server/domain/ports/phone.h"
#include "server/domain/ports/pin_stretcher.h"
#include "server/domain/ports/store.h"
#include "server/domain/secrets.h"
#include "server/edge/access_tokens.h"
#include "server/edge/http/web_files.h"
#include "server/edge/log.h"
#include "server/service/ports.h"

namespace kith::server::edge {

// Everything outlives the server. What is shared by its threads (all but what the first functions make) is thread-safe.
struct Parts {
  // Called once by each I/O thread, on it; what they make is destroyed there.
  std::function<std::unique_ptr<domain::Store>(Scheduler&)> store;
  std::function<std::unique_ptr<domain::Bus>(Scheduler&)> bus;
  std::function<std::unique_ptr<domain::PinStretcher>(Scheduler&)> pins;
  Entropy& entropy;
  domain::OtpSender& codes;
  const domain::PhoneNumbers& phones;
  const domain::ServerSecrets& secrets;
  const AccessTokens& tokens;
  const WebFiles& files;
  Log& log;
  std::function<bool()> is_healthy;  // for /readyz: can the store still write?
};

struct Timing {
  std::chrono::milliseconds tick{1000};     // how finely the limits below are kept
  std::chrono::milliseconds hello{10'000};  // for the first frame of a socket
  std::chrono::milliseconds ping{30'000};
  std::chrono::milliseconds silence{75'000};
  std::chrono::milliseconds access{300'000};   // until it is looked at again, at the next ping
  std::chrono::milliseconds linger{3'000};     // for the peer to take the last words
  std::chrono::milliseconds http{30'000};      // for one request, and between two
  std::chrono::milliseconds drain{5'000};      // for what is unanswered
  std::chrono::milliseconds reconnect{5'000};  // what Goodbye spreads the clients over, at least
};

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8470;  // 0: any free one
  unsigned io_threads = 1;
  std::size_t max_connections = 100'000;
  std::size_t max_buffered_bytes = std::size_t{512} << 20;  // of all sockets together
  bool trust_forwarded_for = false;  // a reverse proxy in front says whom it speaks for (the last X-Forwarded-For)
  Timing timing;
  service::Limits limits;
};

}  // namespace kith::server::edge
