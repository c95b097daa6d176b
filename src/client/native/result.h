// What can go wrong between the client core and this machine.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace kith::client::native {

enum class Errc : std::uint8_t {
  in_use,      // another process of this user has this state open
  taken_over,  // another process has written this state since it was opened: nothing may be written any more
  key_file,    // the key file is missing, damaged, readable for others, or not the one of this database
  damaged,     // a row cannot be opened: the database was changed from outside
  storage,     // the disk or its rights
  bad_url,
  network,    // no connection, a broken one, or an answer that is not what the protocol says
  untrusted,  // the server's certificate does not hold
};

template <class T>
using Result = ResultOf<T, Errc>;

}  // namespace kith::client::native
