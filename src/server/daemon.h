// Puts a server together from its configuration: keys, store, bus, senders, edge. Embedded: everything in this process.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "server/config.h"

namespace kith::server {

class Daemon {
 public:
  // Listens when it returns. `log` outlives it. The error is a sentence for the operator.
  static std::expected<std::unique_ptr<Daemon>, std::string> start(const Config& config, edge::Log& log);
  // Drains, waits, then closes the store with everything written.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct House;
  explicit Daemon(std::unique_ptr<House> house);
  std::unique_ptr<House> house_;
};

}  // namespace kith::server
