// What can go wrong in a measurement.
#pragma once

#include "base/result.h"

namespace kith::load {

enum class Errc : std::uint8_t {
  connection,  // refused, reset or ended
  refused,     // the server answered with an error; the detail has its name
  unexpected,  // an answer that is not what docs/protocol.md says
  bad_state,   // the state file, the log or the data directory cannot be used
  out_of_time,
};

template <class T>
using Result = ResultOf<T, Errc>;

}  // namespace kith::load
