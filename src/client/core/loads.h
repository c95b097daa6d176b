// Questions to the store that the shell has not answered yet, and what was written meanwhile.
//
// A Load may be answered with rows older than the core's later writes; the later writes to its range are remembered
// here and laid over the answer, so that what a waiting handler sees is as new as the core itself.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "client/core/core.h"

namespace kith::client {

class Loads {
 public:
  using Handler = std::function<void(std::vector<Row>)>;

  // The question to hand to the shell.
  Load ask(Bytes from, Bytes to, std::uint32_t limit, bool reverse, Handler handler);
  // Calls the handler; an unknown id is ignored.
  void answer(std::uint32_t id, std::vector<Row> rows);
  // Every write of the core passes here.
  void wrote(const Bytes& key, const std::optional<SecretBytes>& value);

 private:
  struct Waiting {
    Load load;
    Handler handler;
    std::map<Bytes, std::optional<SecretBytes>> later;
  };
  std::map<std::uint32_t, Waiting> waiting_;
  std::uint32_t next_id_ = 0;
};

}  // namespace kith::client
