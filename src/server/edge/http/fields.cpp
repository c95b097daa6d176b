#include "server/edge/http/fields.h"

#include <cstdint>

#include "base/json_depth.h"

namespace kith::server::edge {

using domain::Errc;
using domain::Result;
using nlohmann::json;

namespace {

constexpr int kMaxDepth = 8;

}  // namespace

Result<Fields> Fields::parse(std::string_view body) {
  if (is_nested_deeper_than(body, kMaxDepth))
    return domain::fail(Errc::invalid_argument, "the body is nested too deeply");
  json value = json::parse(body, nullptr, false);
  if (!value.is_object()) return domain::fail(Errc::invalid_argument, "the body is not a JSON object");
  return Fields(std::move(value));
}

Fields::~Fields() {
  if (!object_.is_object()) return;
  for (auto& value : object_) {
    if (value.is_string()) wipe(value.get_ref<std::string&>().data(), value.get_ref<std::string&>().size());
  }
}

std::unexpected<domain::Error> Fields::wrong(const char* name, const char* what) {
  return domain::fail(Errc::invalid_argument, std::string(name) + " " + what);
}

const json* Fields::find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> Fields::optional_text(const char* name, std::size_t max_bytes) const {
  const json* value = find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return wrong(name, "is not text");
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > max_bytes) return wrong(name, "is too long");
  return text;
}

Result<std::string> Fields::text(const char* name, std::size_t max_bytes) const {
  if (find(name) == nullptr) return wrong(name, "is missing");
  return optional_text(name, max_bytes);
}

Result<std::optional<SecretBytes>> Fields::secret_text(const char* name, std::size_t max_bytes) const {
  const json* value = find(name);
  if (value == nullptr) return std::optional<SecretBytes>();
  if (!value->is_string()) return wrong(name, "is not text");
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > max_bytes) return wrong(name, "is too long");
  return std::optional(to_secret(as_view(text)));
}

Result<Bytes> Fields::binary_of(const json& value, const char* name, std::size_t max_bytes) {
  if (!value.is_string()) return wrong(name, "is not text");
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > (max_bytes * 4 + 2) / 3) return wrong(name, "is too long");
  auto bytes = from_base64url(text);
  if (!bytes) return wrong(name, "is not base64url");
  return *std::move(bytes);
}

Result<Bytes> Fields::binary(const char* name, std::size_t max_bytes) const {
  const json* value = find(name);
  return value == nullptr ? Result<Bytes>(wrong(name, "is missing")) : binary_of(*value, name, max_bytes);
}

Result<SecretBytes> Fields::secret(const char* name, std::size_t max_bytes) const {
  KITH_TRY(auto bytes, binary(name, max_bytes));
  SecretBytes secret = to_secret(bytes);
  wipe(bytes.data(), bytes.size());
  return secret;
}

Result<UnixMillis> Fields::time(const char* name) const {
  const json* value = find(name);
  if (value == nullptr) return wrong(name, "is missing");
  const bool is_too_large = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
  if (!value->is_number_integer() || is_too_large) return wrong(name, "is not a time in milliseconds");
  return UnixMillis{value->get<std::int64_t>()};
}

Result<std::optional<Bytes>> Fields::optional_binary(const char* name, std::size_t max_bytes) const {
  const json* value = find(name);
  if (value == nullptr) return std::optional<Bytes>();
  auto bytes = binary_of(*value, name, max_bytes);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  return std::optional<Bytes>(*std::move(bytes));
}

Result<std::vector<Bytes>> Fields::binaries(const char* name, std::size_t max_count, std::size_t max_bytes) const {
  const json* value = find(name);
  if (value == nullptr) return wrong(name, "is missing");
  if (!value->is_array()) return wrong(name, "is not a list");
  if (value->size() > max_count) return wrong(name, "has too many items");
  std::vector<Bytes> all;
  for (const json& item : *value) {
    auto bytes = binary_of(item, name, max_bytes);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    all.push_back(*std::move(bytes));
  }
  return all;
}

Result<std::vector<Fields>> Fields::objects(const char* name, std::size_t max_count) const {
  std::vector<Fields> all;
  const json* value = find(name);
  if (value == nullptr) return all;
  if (!value->is_array()) return wrong(name, "is not a list");
  if (value->size() > max_count) return wrong(name, "has too many items");
  for (const json& item : *value) {
    if (!item.is_object()) return wrong(name, "has an item that is not an object");
    all.push_back(Fields(item));
  }
  return all;
}

Result<Fields> Fields::object(const char* name) const {
  const json* value = find(name);
  if (value == nullptr) return wrong(name, "is missing");
  if (!value->is_object()) return wrong(name, "is not an object");
  return Fields(*value);
}

}  // namespace kith::server::edge
