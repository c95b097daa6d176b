// JSON from outside, read without trust: a field of another type is the same as an absent one. And JSON to outside.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"

namespace kith::client {

using Json = nlohmann::json;

// An object, or a discarded value where the text is not one (or is nested more deeply than anybody needs).
[[nodiscard]] Json parse_object(std::string_view text);
// Bytes that are not UTF-8 are replaced, never thrown about.
[[nodiscard]] std::string dump(const Json& value);

// Null where there is none, or `object` is none.
[[nodiscard]] const Json* field(const Json& object, const char* name);
[[nodiscard]] std::optional<std::string> text_field(const Json& object, const char* name);
// Whole numbers from 0 to 2^53.
[[nodiscard]] std::optional<std::int64_t> number_field(const Json& object, const char* name);
[[nodiscard]] bool flag_field(const Json& object, const char* name);
// base64url
[[nodiscard]] std::optional<Bytes> bytes_field(const Json& object, const char* name);
// An array, or null.
[[nodiscard]] const Json* array_field(const Json& object, const char* name);

// The address in a command, phone or email, as the server is asked about it; nullopt where there is none or are two.
struct AskedAddress {
  Json body;  // {phone, region?} or {email}
  std::string typed;
};
[[nodiscard]] std::optional<AskedAddress> address_field(const Json& command);
// The address in an answer, as the server understood it (with its country), or as it was typed.
[[nodiscard]] std::string understood_address(const Json& answer, const std::string& typed);

template <class Id>
[[nodiscard]] std::optional<Id> id_field(const Json& object, const char* name) {
  const auto text = text_field(object, name);
  return text ? Id::from_text(*text) : std::nullopt;
}

}  // namespace kith::client
