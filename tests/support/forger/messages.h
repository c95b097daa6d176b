// Application messages, forged: each field of the PrivateMessage, and of what is sealed in it.
#pragma once

#include "tests/support/forger/forgeries.h"

namespace kith::test {

struct ForgedMessage {
  std::string name;
  Bytes message;
  // What the server answers to an append in the present epoch, and what a member answers who opens it. Empty: cannot
  // tell.
  std::string server;
  std::string reader;
};
std::vector<ForgedMessage> message_forgeries(Scene& scene);
Bytes honest_message(Scene& scene);

}  // namespace kith::test
