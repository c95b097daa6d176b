// Reads the JSON object of a request: types are checked, unknown fields ignored, sizes bounded; every error names its
// field. Nested at most 8 deep. Ids are lower-case hexadecimal, other binary values base64url without padding. Texts of
// the object are wiped with it, since some carry tokens and proofs.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/scheduler.h"
#include "server/domain/error.h"

namespace kith::server::edge {

class Fields {
 public:
  // Errors: invalid_argument (also everything else here).
  static domain::Result<Fields> parse(std::string_view body);
  ~Fields();
  Fields(Fields&&) noexcept = default;
  Fields& operator=(Fields&&) noexcept = default;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  // At most `max_bytes` of text; absent or null is empty.
  domain::Result<std::string> optional_text(const char* name, std::size_t max_bytes) const;
  domain::Result<std::string> text(const char* name, std::size_t max_bytes) const;
  domain::Result<Bytes> binary(const char* name, std::size_t max_bytes) const;
  // As binary(), with no copy left behind.
  domain::Result<SecretBytes> secret(const char* name, std::size_t max_bytes) const;
  // As optional_text(), but what was typed; nothing where it is absent or null.
  domain::Result<std::optional<SecretBytes>> secret_text(const char* name, std::size_t max_bytes) const;
  bool contains(const char* name) const { return object_.contains(name); }
  domain::Result<UnixMillis> time(const char* name) const;
  domain::Result<std::optional<Bytes>> optional_binary(const char* name, std::size_t max_bytes) const;
  domain::Result<std::vector<Bytes>> binaries(const char* name, std::size_t max_count, std::size_t max_bytes) const;
  domain::Result<Fields> object(const char* name) const;
  // At most `max_count` of them; absent or null is none.
  domain::Result<std::vector<Fields>> objects(const char* name, std::size_t max_count) const;

  template <class Id>
  domain::Result<Id> id(const char* name) const {
    auto hex = text(name, 2 * Id::kSize);
    if (!hex) return std::unexpected(std::move(hex).error());
    const auto value = Id::from_text(*hex);
    if (!value) return wrong(name, "is not an id");
    return *value;
  }

 private:
  explicit Fields(nlohmann::json object) : object_(std::move(object)) {}
  static std::unexpected<domain::Error> wrong(const char* name, const char* what);
  static domain::Result<Bytes> binary_of(const nlohmann::json& value, const char* name, std::size_t max_bytes);
  const nlohmann::json* find(const char* name) const;  // null where it is absent or JSON's null

  nlohmann::json object_;
};

}  // namespace kith::server::edge
