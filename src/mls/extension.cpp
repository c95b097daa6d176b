#include "mls/extension.h"

#include <algorithm>

#include "mls/proposal.h"

namespace kith::mls {

void encode(Writer& w, const Extension& v) {
  w.u16(v.type);
  w.opaque(v.data);
}
void decode(Reader& r, Extension& v) {
  v.type = r.u16();
  decode(r, v.data);
}

const Bytes* find_extension(const Extensions& extensions, std::uint16_t type) {
  const auto it = std::ranges::find(extensions, type, &Extension::type);
  return it == extensions.end() ? nullptr : &it->data;
}

void set_extension(Extensions& extensions, std::uint16_t type, Bytes data) {
  const auto it = std::ranges::find(extensions, type, &Extension::type);
  if (it != extensions.end()) {
    it->data = std::move(data);
  } else {
    extensions.push_back({type, std::move(data)});
  }
}

Result<void> check_unique(const Extensions& extensions) {
  std::vector<std::uint16_t> types;
  types.reserve(extensions.size());
  for (const Extension& e : extensions) types.push_back(e.type);
  std::ranges::sort(types);
  if (std::ranges::adjacent_find(types) != types.end()) return fail(Errc::bad_value, "an extension is there twice");
  return {};
}

bool is_default_extension(std::uint16_t type) {
  return type >= extension_type::kApplicationId && type <= extension_type::kExternalSenders;
}

bool is_default_proposal(std::uint16_t type) {
  return type >= proposal_type::kAdd && type <= proposal_type::kGroupContextExtensions;
}

void encode(Writer& w, const RequiredCapabilities& v) {
  encode(w, v.extensions);
  encode(w, v.proposals);
  encode(w, v.credentials);
}
void decode(Reader& r, RequiredCapabilities& v) {
  decode(r, v.extensions);
  decode(r, v.proposals);
  decode(r, v.credentials);
}

}  // namespace kith::mls
