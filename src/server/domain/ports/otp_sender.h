// The OtpSender port: carries a one-time code to a phone number or an e-mail address.
#pragma once

#include <string>

#include "base/task.h"
#include "server/domain/address.h"
#include "server/domain/error.h"

namespace kith::server::domain {

class OtpSender {
 public:
  virtual ~OtpSender() = default;
  // Errors: overloaded (the carrier does not answer; the caller may ask again). Neither address nor code may be logged,
  // except by the development sender, whose purpose it is.
  virtual Task<Result<void>> send(Address to, std::string code) = 0;
};

}  // namespace kith::server::domain
