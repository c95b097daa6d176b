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

// The number is proven on a new device, which asks what is to become of its account.
void prove(World& world, Client& fresh, const std::string& phone);
// The command that comes back into it.
Json recover_command(const std::string& recovery_key, bool removes_others = false);
// Until the device is in; again after a crash, which may have come before or after the key was given.
void recover(World& world, Client& fresh, const std::string& recovery_key, bool removes_others = false);

}  // namespace kith::client::test
