// One kept-alive HTTP connection: a request at a time, as a task. Connects again when the server has closed it
// meanwhile.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "load/http_response.h"
#include "load/stream.h"

namespace kith::load {

class HttpConnection final : private StreamOwner {
 public:
  HttpConnection(Reactor& reactor, Address to, std::optional<Address> from);

  // A JSON request; the answer's JSON where the status is 2xx. Errors: connection, unexpected, refused (named as the
  // server named it).
  Task<Result<nlohmann::json>> request(std::string method, std::string path, std::string bearer, nlohmann::json body);

 private:
  void on_connected() override {}
  void on_data(ByteSpan bytes) override;
  void on_closed(const std::string& why) override;
  void finish(Result<HttpResponse> result);
  Task<Result<HttpResponse>> exchange(std::string request);

  Reactor& reactor_;
  Address to_;
  std::optional<Address> from_;
  Stream stream_;
  HttpReader reader_;
  std::optional<OneShot<Result<HttpResponse>>> waiting_;
};

}  // namespace kith::load
