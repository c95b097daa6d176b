// The development sender: one-time codes go to the log (a line for whoever runs the server), and nowhere else.
#pragma once

#include <functional>

#include "server/domain/ports/otp_sender.h"

namespace kith::server::adapters {

class LogOtpSender final : public domain::OtpSender {
 public:
  using Sink = std::function<void(const std::string& line)>;
  explicit LogOtpSender(Sink sink) : sink_(std::move(sink)) {}
  Task<domain::Result<void>> send(domain::Address to, std::string code) override;

 private:
  Sink sink_;
};

}  // namespace kith::server::adapters
