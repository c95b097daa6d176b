#include "client/core/json.h"

#include "base/json_depth.h"

namespace kith::client {

namespace {

constexpr int kMaxDepth = 16;
constexpr std::int64_t kMaxNumber = std::int64_t{1} << 53;

}  // namespace

Json parse_object(std::string_view text) {
  if (is_nested_deeper_than(text, kMaxDepth)) return Json(Json::value_t::discarded);
  Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  return value.is_object() ? value : Json(Json::value_t::discarded);
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

const Json* field(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

std::optional<std::string> text_field(const Json& object, const char* name) {
  const Json* value = field(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get_ref<const std::string&>();
}

std::optional<std::int64_t> number_field(const Json& object, const char* name) {
  const Json* value = field(object, name);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(kMaxNumber))
    return std::nullopt;
  const auto number = value->get<std::int64_t>();
  return number >= 0 && number <= kMaxNumber ? std::optional(number) : std::nullopt;
}

bool flag_field(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::optional<Bytes> bytes_field(const Json& object, const char* name) {
  const auto text = text_field(object, name);
  return text ? from_base64url(*text) : std::nullopt;
}

const Json* array_field(const Json& object, const char* name) {
  const Json* value = field(object, name);
  return value != nullptr && value->is_array() ? value : nullptr;
}

std::optional<AskedAddress> address_field(const Json& command) {
  constexpr std::size_t kMaxAddressBytes = 254;
  const auto phone = text_field(command, "phone");
  const auto email = text_field(command, "email");
  const std::string typed = phone ? *phone : email.value_or("");
  if (phone.has_value() == email.has_value() || typed.empty() || typed.size() > kMaxAddressBytes) return std::nullopt;
  AskedAddress asked{phone ? Json{{"phone", typed}} : Json{{"email", typed}}, typed};
  if (const auto region = text_field(command, "region"); phone && region) asked.body["region"] = *region;
  return asked;
}

std::string understood_address(const Json& answer, const std::string& typed) {
  constexpr std::size_t kMaxBytes = 320;
  const auto understood = text_field(answer, "address");
  return understood && !understood->empty() && understood->size() <= kMaxBytes ? *understood : typed;
}

}  // namespace kith::client
