// Requests over HTTP that have not been answered, and how an answer is read.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "client/core/json.h"

namespace kith::client {

class Machine;

struct HttpAnswer {
  int status = 0;  // 0: none came
  Json body;       // an object, or discarded
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  // Worth another try with the same bytes: nothing came, or the server has no time now.
  [[nodiscard]] bool is_transient() const { return status == 0 || status == 429 || status >= 500; }
  // The server's name for what failed, or "offline" or "internal".
  [[nodiscard]] std::string error() const;
  [[nodiscard]] std::string message() const;
  // How long to wait; 0 where nothing was said. At most an hour.
  [[nodiscard]] std::int64_t retry_after_ms() const;
};

class HttpCalls {
 public:
  using Handler = std::function<void(const HttpAnswer&)>;
  explicit HttpCalls(Machine& machine) : machine_(machine) {}

  // `body`: null for none.
  void send(const char* method, std::string path, std::string bearer, const Json& body, Handler handler);
  void send_text(const char* method, std::string path, std::string bearer, std::string body, Handler handler);
  void answered(std::uint32_t id, int status, std::string_view body);

 private:
  Machine& machine_;
  std::map<std::uint32_t, Handler> waiting_;
  std::uint32_t next_id_ = 0;
};

// May this server-given name stand in a path? Letters, digits, '-' and '_', at most 128.
[[nodiscard]] bool is_path_safe(std::string_view name);

}  // namespace kith::client
