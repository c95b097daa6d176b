// How a new device becomes one of an account in a test.
#pragma once

#include <string>

#include "client/core/test/people.h"

namespace kith::client::test {

// Shows a code for this address, and waits until the server has it.
std::string code_on(World& world, Client& fresh, const std::string& phone);
// Takes the code up and hands the account over, again after a crash; waits until the new one is in.
void hand_over(World& world, Client& old, Client& fresh, const std::string& code);
// Both.
void link(World& world, Client& old, Client& fresh, const std::string& phone);

}  // namespace kith::client::test
