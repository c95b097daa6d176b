// What a device is called where nobody said.
#pragma once

#include <string>

namespace kith::cli {

// "kith on <host>".
std::string device_name(const std::string& given);

}  // namespace kith::cli
