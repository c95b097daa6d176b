#include "server/adapters/otp/log_otp_sender.h"

namespace kith::server::adapters {

Task<domain::Result<void>> LogOtpSender::send(domain::Address to, std::string code) {
  sink_("one-time code for " + to.text + ": " + code);
  co_return domain::Result<void>{};
}

}  // namespace kith::server::adapters
